import { clockText, fill, list, padded, rangeText } from "./clock-text.ts";
import { draw, progressBars, restFrom, skippedRanges } from "./line.ts";
import type { SaveState } from "./outbox.ts";
import type { Texts } from "./strings.ts";
import type { Progress, Range } from "./types.ts";

const RANGES_NAMED = 4;
const LINE_HEIGHT = 18;
/** Most reports are acknowledged in a blink; only a longer wait is worth a word. */
const SAVING_SHOWN_AFTER_MS = 1500;

/** The part of the page below the film: the line, what it says in words, and whether it is saved. */
export class ProgressView {
  private readonly line = document.querySelector<SVGElement>("[data-progress-line]");
  private readonly text = document.querySelector<HTMLElement>("[data-progress-text]");
  private readonly missing = document.querySelector<HTMLElement>("[data-progress-missing]");
  private readonly state = document.querySelector<HTMLElement>("[data-save-state]");
  private readonly completed = document.querySelector<HTMLElement>("[data-completed]");
  private savingTimer: ReturnType<typeof setTimeout> | undefined;
  private missingShown = "";

  constructor(
    private readonly texts: Texts,
    private readonly language: string,
  ) {}

  /** Show what the server has stored, and the place of the film. */
  show(progress: Progress, position: number): void {
    this.place(progress, position);
    const { texts } = this;
    const length = clockText(progress.length_s);
    const all = progress.missing.length === 0;
    if (this.text) {
      this.text.textContent = all
        ? fill(texts.watched_all, { length })
        : fill(texts.watched, { seen: clockText(progress.seen_s), length });
    }
    this.line?.setAttribute("aria-label", this.lineText(progress));
    this.showMissing(progress);
    if (progress.complete) this.filmComplete();
  }

  /** Move 'here' along the line. */
  place(progress: Progress, position: number): void {
    if (this.line) draw(this.line, progressBars(progress, Math.min(position, progress.length_s), LINE_HEIGHT));
  }

  /** What the film asked for is done; what else the module asks for stays. */
  private filmComplete(): void {
    document.querySelector("[data-film-asked]")?.remove();
    document.querySelector("[data-film-complete]")?.removeAttribute("hidden");
  }

  /** Say that what the module, or the course, asks for is done. */
  complete(what: { module: boolean; course: boolean }): void {
    if (!this.completed || !what.module) return;
    const said = what.course ? this.texts.course_completed : this.texts.module_completed;
    const place = this.completed.querySelector("[data-completed-text]") ?? this.completed;
    if (place.textContent !== said) place.textContent = said;
    for (const link of this.completed.querySelectorAll<HTMLElement>("[data-course-completed]")) link.hidden = !what.course;
    this.completed.toggleAttribute("data-done", true);
    document.querySelector("[data-still-asked]")?.remove();
  }

  /** Say whether what was watched has reached the server. */
  saved(state: SaveState, waiting_s: number): void {
    clearTimeout(this.savingTimer);
    if (state === "saving") {
      this.savingTimer = setTimeout(() => this.say(state, this.texts.saving, ""), SAVING_SHOWN_AFTER_MS);
    } else if (state === "saved") {
      this.say(state, this.texts.saved, "");
    } else {
      const sentence = navigator.onLine ? this.texts.unsent : this.texts.offline;
      this.say(state, sentence, fill(this.texts.waiting_to_be_sent, { time: clockText(waiting_s) }));
    }
  }

  private say(state: SaveState, sentence: string, figure: string): void {
    if (!this.state) return;
    this.state.dataset["state"] = state;
    const place = this.state.querySelector("[data-save-text]") ?? this.state;
    if (place.textContent !== sentence) place.textContent = sentence;
    // The seconds change every ten seconds: shown, but not read out each time.
    const seconds = document.querySelector("[data-save-waiting]");
    if (seconds) seconds.textContent = figure;
  }

  private lineText(progress: Progress): string {
    if (progress.missing.length === 0) return this.texts.line_all_seen;
    if (progress.seen.length === 0) return this.texts.line_nothing_seen;
    const named = (ranges: Range[]) => list(ranges.map(rangeText), this.language);
    return fill(this.texts.line, { seen: named(progress.seen), missing: named(progress.missing) });
  }

  private showMissing(progress: Progress): void {
    if (!this.missing) return;
    const shown = JSON.stringify([progress.missing, progress.seen_s === 0]);
    if (shown === this.missingShown) return;
    this.missingShown = shown;
    // A press on the button changes what is missing; the focus must not fall out of the page with it.
    const hadFocus = this.missing.contains(document.activeElement);
    const sentence = document.createElement("span");
    sentence.append(...this.missingSentence(progress));
    this.missing.replaceChildren(sentence);
    const first = skippedRanges(progress)[0];
    if (first) this.missing.append(this.watchNow(first));
    if (hadFocus) (this.missing.querySelector<HTMLElement>("button") ?? this.text)?.focus();
  }

  private missingSentence(progress: Progress): (string | Node)[] {
    const { texts } = this;
    const skipped = skippedRanges(progress);
    const rest = restFrom(progress);
    const from = rest === null ? null : bold(padded(rest));
    if (skipped.length === 0) return from === null ? [texts.missing_nothing] : inserted(texts.missing_rest, { from: [from] });
    const ranges = this.named(skipped);
    return from === null ? inserted(texts.missing, { ranges }) : inserted(texts.missing_and_rest, { ranges, from: [from] });
  }

  private named(ranges: Range[]): (string | Node)[] {
    const shown = ranges.slice(0, RANGES_NAMED).map(rangeText);
    const more = ranges.length - shown.length;
    if (more > 0) shown.push(fill(this.texts.more_parts, { count: more }));
    const parts = new Intl.ListFormat(this.language, { type: "conjunction" }).formatToParts(shown);
    return parts.map(({ type, value }) => (type === "element" ? bold(value) : value));
  }

  private watchNow(range: Range): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ds-button";
    Object.assign(button.dataset, { size: "sm", variant: "secondary", seek: String(range[0]) });
    button.textContent = fill(this.texts.watch_range_now, { range: rangeText(range) });
    return button;
  }
}

function bold(text: string): HTMLElement {
  const element = document.createElement("b");
  element.className = "num";
  element.textContent = text;
  return element;
}

/** A text with {names} as nodes, so that values can carry mark-up. */
function inserted(text: string, values: Record<string, (string | Node)[]>): (string | Node)[] {
  return text.split(/(\{\w+\})/).flatMap((part) => values[part.slice(1, -1)] ?? [part]);
}
