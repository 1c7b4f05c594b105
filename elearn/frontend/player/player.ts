import { Captions } from "./captions.ts";
import { chapterAt, ChapterList } from "./chapters.ts";
import { clockText, fill } from "./clock-text.ts";
import { draw, seekBars } from "./line.ts";
import type { Outbox } from "./outbox.ts";
import { outboxOf } from "./person-outbox.ts";
import { ProgressView } from "./progress-view.ts";
import { Recorder } from "./recorder.ts";
import { beaconReport } from "./report-post.ts";
import { playsHlsItself, type Source } from "./source.ts";
import { buildStage, type Stage } from "./stage.ts";
import { textsFrom, type Texts } from "./strings.ts";
import { addThumbnails } from "./thumbnails.ts";
import { REPLACED, TicketClient, TicketRefused } from "./ticket.ts";
import { Transcript } from "./transcript.ts";
import type { PlayerConfig, Progress, Range, ReportAnswer, TicketAnswer } from "./types.ts";

const AT_THE_END_S = 2;
const WAITING_SHOWN_AFTER_MS = 2000;
const HELP_AFTER_PAUSE_MS = 5 * 60_000;
const TICKET_CHECK_MS = 15_000;

/** The film of one lesson: asks for a ticket at the first press of play, plays, and reports what was played. */
export class Player {
  private readonly texts: Texts;
  private readonly stage: Stage;
  private readonly tickets: TicketClient;
  private readonly view: ProgressView;
  private readonly chapters: ChapterList;
  private readonly transcript: Transcript;
  private readonly captions: Captions;
  private readonly id = crypto.randomUUID();
  private outbox: Outbox | null = null;
  private recorder: Recorder | null = null;
  private source: Source | null = null;
  private starting: Promise<void> | null = null;
  private progress: Progress | null;
  private refused = false;
  private gone = false;
  private waitingTimer: ReturnType<typeof setTimeout> | undefined;
  private helpTimer: ReturnType<typeof setTimeout> | undefined;
  private shownSecond = -1;
  private soughtInto: string | null = null;

  constructor(
    private readonly section: HTMLElement,
    private readonly config: PlayerConfig,
  ) {
    this.texts = textsFrom(config.strings);
    this.progress = config.progress;
    this.stage = buildStage(this.find("[data-player-stage]"), config, this.texts);
    this.view = new ProgressView(this.texts, config.language);
    this.chapters = new ChapterList(config.chapters, config.length_s, this.texts);
    this.transcript = new Transcript(this.texts);
    this.captions = new Captions(this.video, config.language);
    this.tickets = new TicketClient({
      url: config.ticket_url,
      csrf: config.csrf,
      language: config.spoken,
      master: config.master,
      now: () => Date.now(),
      fetch: (...request) => fetch(...request),
      onChange: (next) => this.ticketChanges(next),
      onRefused: (refusal) => this.refuse(refusal),
    });
    if (config.report_url) this.keepRecord(config.report_url);
    this.listen();
    this.moveTo(startPosition(config));
    this.showPill();
    this.redraw();
  }

  private get video(): HTMLVideoElement {
    return this.stage.video;
  }

  private keepRecord(url: string): void {
    const outbox = outboxOf(this.config.person_keys, this.id, {
      onAnswer: (answer, report) => this.reported(answer, report.url === url),
      onState: (state, waiting_s) => this.view.saved(state, waiting_s),
    });
    this.outbox = outbox;
    this.recorder = new Recorder({
      video: this.video,
      person: this.config.person_keys[0] ?? "",
      player: this.id,
      url,
      claims: () => this.tickets.ticket?.claims ?? null,
      draft: (report) => outbox.draft(report),
      keep: (report) => outbox.keep(report),
      send: (report) => outbox.add(report),
    });
  }

  private listen(): void {
    const { video, controller, pill, keys } = this.stage;
    pill.addEventListener("click", () => void this.play());
    controller.addEventListener("click", (event) => {
      // The pill goes away under the finger that pressed it, and the picture takes no focus: the keys must work after both.
      if (event.target === controller || event.target === video || pill.contains(event.target as Node)) {
        keys.focus({ preventScroll: true });
      }
    });
    this.section.addEventListener("mediaplayrequest", (event) => this.beforePlay(event), { capture: true });
    this.section.addEventListener("mediaseekrequest", (event) => this.beforeSeek(event as CustomEvent<number>), { capture: true });
    this.section.addEventListener(
      "mediatogglesubtitlesrequest",
      (event) => {
        event.stopImmediatePropagation();
        this.captions.toggle();
      },
      { capture: true },
    );
    document.addEventListener("click", (event) => this.clicked(event));

    for (const name of ["play", "pause", "ended", "emptied"]) video.addEventListener(name, () => this.showPill());
    for (const name of ["timeupdate", "seeking", "durationchange"]) video.addEventListener(name, () => this.placed());
    video.addEventListener("ratechange", () => (this.stage.rate.textContent = `${video.playbackRate}×`));
    video.addEventListener("progress", () => this.redraw());
    for (const name of ["waiting", "stalled"]) video.addEventListener(name, () => this.waits());
    for (const name of ["playing", "pause", "timeupdate"]) video.addEventListener(name, () => this.waitsNoMore(name));
    video.addEventListener("pause", () => this.pauses());
    video.addEventListener("play", () => clearTimeout(this.helpTimer));

    document.addEventListener("visibilitychange", () => (document.hidden ? this.hides() : this.wakes()));
    addEventListener("pageshow", () => {
      this.gone = false;
      this.wakes();
    });
    addEventListener("online", () => this.wakes());
    addEventListener("pagehide", () => this.goes());
    setInterval(() => this.wakes(), TICKET_CHECK_MS);
  }

  /** media-chrome is about to play: the first time there is no film yet, and after a refusal no permission. */
  private beforePlay(event: Event): void {
    if (this.source && !this.refused) {
      this.wakes();
      return;
    }
    event.stopImmediatePropagation();
    void this.play();
  }

  /** Before the first press there is nothing to seek in; the place is kept for when there is. */
  private beforeSeek(event: CustomEvent<number>): void {
    this.soughtInto = this.passageAt(event.detail);
    if (this.source) return;
    event.stopImmediatePropagation();
    this.moveTo(event.detail);
  }

  private async play(): Promise<void> {
    if (this.source && !this.refused) {
      this.wakes();
      await this.video.play().catch(() => this.showPill());
      return;
    }
    this.starting ??= this.start().finally(() => {
      this.starting = null;
      this.showPill();
    });
    await this.starting;
  }

  private async start(): Promise<void> {
    this.say("");
    this.showPill();
    this.waits();
    try {
      const [ticket, attach] = await Promise.all([this.tickets.fresh(), this.attacher()]);
      this.refused = false;
      if (this.source) this.source.resume();
      else this.attach(ticket, attach);
      await this.video.play();
    } catch (error) {
      // A refusal has been said by then; an interrupted play leaves the pill, and one more press.
      if (!(error instanceof TicketRefused) && !(error instanceof DOMException)) this.say(this.texts.no_network);
    } finally {
      if (this.video.paused) this.waitsNoMore("pause");
    }
  }

  private attach(ticket: TicketAnswer, attach: Awaited<ReturnType<Player["attacher"]>>): void {
    this.captions.add(ticket.tracks);
    if (ticket.thumbnails) addThumbnails(this.video, this.stage.timeRange, ticket.thumbnails);
    this.source = attach({
      video: this.video,
      master: ticket.master,
      start_s: this.video.currentTime,
      tickets: this.tickets,
      renditions: this.stage.renditions,
      onUnplayable: () => this.say(this.texts.cannot_play),
      onAway: (away) => this.sayAway(away),
    });
  }

  private async attacher() {
    return playsHlsItself(this.video)
      ? (await import("./native-source.ts")).attachNative
      : (await import("./hls-source.ts")).attachHls;
  }

  /** A new ticket is here: what was played until now belongs to the old one. */
  private ticketChanges(next: TicketAnswer): void {
    if (this.tickets.ticket) this.recorder?.report();
    if (next.progress) this.show(next.progress);
  }

  private refuse(refusal: TicketRefused): void {
    this.recorder?.report();
    this.refused = true;
    this.video.pause();
    this.source?.stop();
    this.say(refusal.code === REPLACED ? this.texts.film_replaced : refusal.message || this.texts.no_access);
  }

  /** The page is awake: renew the ticket when it is due, and fetch on if a break had stopped the film. */
  private wakes(): void {
    if (!this.tickets.isDue() || this.refused || document.hidden) return;
    this.tickets
      .fresh()
      .then(() => {
        if (this.video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) this.source?.resume();
      })
      .catch(() => undefined);
  }

  /** The page may not be seen again: phones end hidden pages without a word. */
  private hides(): void {
    if (!this.gone) this.recorder?.report();
  }

  private goes(): void {
    this.gone = true;
    this.recorder?.report("keep");
    this.outbox?.handOver(beaconReport);
  }

  private reported(answer: ReportAnswer, ours: boolean): void {
    if (answer.renew && ours) {
      this.tickets.distrust();
      this.wakes();
    }
    if (!ours) return;
    this.show(answer.progress);
    this.view.complete(answer.completed);
  }

  private show(progress: Progress): void {
    this.progress = progress;
    this.view.show(progress, this.video.currentTime);
    this.chapters.show(progress, this.video.currentTime);
    this.redraw();
  }

  private redraw(): void {
    const { chapters, duration, passages } = this.config;
    const buffered = Array.from({ length: this.video.buffered.length }, (_, index): Range => {
      return [this.video.buffered.start(index), this.video.buffered.end(index)];
    });
    const ranges = passages.map(({ from, to }): Range => [from, to]);
    draw(this.stage.seekBar, seekBars(duration, this.progress, buffered, chapters.map(({ at }) => at), ranges));
  }

  /** The film's place has changed: the figures follow once a second. */
  private placed(): void {
    const position = this.video.currentTime;
    this.transcript.show(position);
    this.jumpOverSkipped(position);
    const second = Math.floor(position);
    if (second === this.shownSecond) return;
    this.shownSecond = second;
    const { time, chapter } = this.stage;
    const length = document.createElement("i");
    length.textContent = ` / ${clockText(this.config.duration)}`;
    time.replaceChildren(clockText(position), length);
    chapter.textContent = this.config.chapters[chapterAt(this.config.chapters, position)]?.title ?? "";
    if (this.progress) {
      this.view.place(this.progress, position);
      this.chapters.show(this.progress, position);
    }
    if (this.video.paused) this.showPill();
  }

  /** Playing runs into a part the learner has chosen to skip; whoever seeks into it wants to see it. */
  private jumpOverSkipped(position: number): void {
    const id = this.passageAt(position);
    if (id === null) {
      this.soughtInto = null;
      return;
    }
    const passage = this.config.passages.find((one) => one.id === id);
    if (!passage?.skipped || this.soughtInto === id || this.video.paused || this.video.seeking) return;
    this.video.currentTime = passage.to;
  }

  private passageAt(position: number): string | null {
    return this.config.passages.find(({ from, to }) => position >= from && position < to)?.id ?? null;
  }

  private clicked(event: MouseEvent): void {
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-seek]") : null;
    const line = event.target instanceof Element ? event.target.closest("[data-transcript] a") : null;
    const wanted = target?.dataset["seek"] ?? line?.closest<HTMLElement>("[data-from]")?.dataset["from"];
    if (wanted === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.soughtInto = this.passageAt(Number(wanted));
    this.moveTo(Number(wanted));
    this.stage.controller.scrollIntoView({ block: "nearest" });
    void this.play();
  }

  /** Go to a place; before the film is there, remember it. */
  private moveTo(position: number): void {
    this.video.currentTime = Math.max(0, Math.min(position, this.config.duration));
    // Without a film the element tells nobody that its place has changed.
    if (!this.source) this.video.dispatchEvent(new Event("timeupdate"));
  }

  private showPill(): void {
    const { pill, keys } = this.stage;
    const position = this.video.currentTime;
    const { play, again, starting } = this.texts;
    const place = position < 1 ? play : fill(this.texts.continue, { time: clockText(position) });
    const label = pill.querySelector("span") ?? pill;
    label.textContent = this.starting ? starting : this.video.ended ? again : place;
    pill.toggleAttribute("aria-busy", this.starting !== null);
    const hadFocus = document.activeElement === pill;
    pill.hidden = this.starting === null && !this.video.paused;
    if (hadFocus && pill.hidden) keys.focus({ preventScroll: true });
  }

  private waits(): void {
    if (this.video.paused && !this.starting && this.source) return;
    this.waitingTimer ??= setTimeout(() => this.showWaiting(true), WAITING_SHOWN_AFTER_MS);
  }

  private waitsNoMore(event: string): void {
    if (event === "timeupdate" && (this.video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA || this.video.paused)) return;
    clearTimeout(this.waitingTimer);
    this.waitingTimer = undefined;
    this.showWaiting(false);
  }

  private showWaiting(shown: boolean): void {
    const isHidden = !shown || this.isSaidAway;
    for (const element of document.querySelectorAll<HTMLElement>("[data-waiting]")) element.hidden = isHidden;
  }

  private pauses(): void {
    clearTimeout(this.helpTimer);
    this.helpTimer = setTimeout(() => {
      for (const element of document.querySelectorAll<HTMLElement>("[data-help-after-pause]")) element.hidden = false;
    }, HELP_AFTER_PAUSE_MS);
  }

  /** What was said of the film being away is taken back when it comes again; any other sentence stays. */
  private sayAway(away: boolean): void {
    if (!away && !this.isSaidAway) return;
    this.say(away ? this.texts.film_away : "");
    this.showWaiting(false);
  }

  private get isSaidAway(): boolean {
    return this.section.querySelector("[data-player-message]")?.textContent === this.texts.film_away;
  }

  private say(sentence: string): void {
    const place = this.section.querySelector<HTMLElement>("[data-player-message]");
    if (!place || place.textContent === sentence) return;
    place.textContent = sentence;
  }

  private find(selector: string): HTMLElement {
    const element = this.section.querySelector<HTMLElement>(selector);
    if (!element) throw new Error(`The player's markup lacks ${selector}`);
    return element;
  }
}

/** Where the film begins: the place in the address, else where the learner stopped, else the start. */
function startPosition({ position, duration }: PlayerConfig): number {
  const asked = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash)?.[1];
  const wanted = asked === undefined ? position : Number(asked);
  return wanted < duration - AT_THE_END_S ? wanted : 0;
}
