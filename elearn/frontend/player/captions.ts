import type { CaptionTrack } from "./types.ts";

/** Height of the control bar with its seek bar, in pixels: captions stand above it. */
const BAR_PX = 84;

/** Where the learner's choice is remembered: a language, or OFF. */
const MEMORY = "captions";
const OFF = "off";

/** The film's captions: which are shown, and that the choice lasts. */
export class Captions {
  private readonly elements: HTMLTrackElement[] = [];
  /** Browsers turn on a track of their own liking while the film loads; until it plays, ours stands. */
  private settled = false;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly language: string,
  ) {}

  /** Add the tracks and show the one chosen before, else the one in the page's language. */
  add(tracks: CaptionTrack[]): void {
    for (const { lang, label, src, kind } of tracks) {
      const track = document.createElement("track");
      Object.assign(track, { kind, label, srclang: lang, src });
      this.video.append(track);
      this.elements.push(track);
    }
    const chosen = recall() ?? this.language;
    this.show(chosen);
    this.video.textTracks.addEventListener("change", () => {
      if (this.settled) remember(this.shown()?.srclang ?? OFF);
      else this.show(chosen);
    });
    this.video.addEventListener("playing", () => setTimeout(() => (this.settled = true)), { once: true });
    liftInFirefox(this.video, this.elements);
  }

  /** The C key: off, or on again in the language they were last in. */
  toggle(): void {
    const shown = this.shown();
    if (shown) shown.track.mode = "disabled";
    else this.show(this.last);
  }

  private get last(): string {
    const remembered = recall();
    return remembered === null || remembered === OFF ? this.language : remembered;
  }

  private shown(): HTMLTrackElement | undefined {
    return this.elements.find(({ track }) => track.mode === "showing");
  }

  private show(language: string): void {
    const chosen = this.elements.find(({ srclang }) => srclang === language) ?? this.elements[0];
    for (const element of this.elements) {
      const mode = element === chosen && language !== OFF ? "showing" : "disabled";
      if (element.track.mode !== mode) element.track.mode = mode;
    }
  }
}

function recall(): string | null {
  try {
    return localStorage.getItem(MEMORY);
  } catch {
    return null;
  }
}

function remember(choice: string): void {
  try {
    localStorage.setItem(MEMORY, choice);
  } catch {
    // A browser that keeps nothing: the choice lasts as long as the page.
  }
}

/**
 * Keep captions above the control bar where the browser has no way of moving them in CSS (Firefox): there each cue gets
 * its own place, measured from the bottom.
 */
function liftInFirefox(video: HTMLVideoElement, elements: HTMLTrackElement[]): void {
  if (!("MozAppearance" in document.documentElement.style) && !CSS.supports("-moz-appearance", "none")) return;
  const lift = () => {
    const line = 100 * (1 - BAR_PX / Math.max(video.clientHeight, BAR_PX * 2));
    for (const { track } of elements) {
      for (const cue of track.cues ?? []) {
        if (!(cue instanceof VTTCue)) continue;
        cue.snapToLines = false;
        cue.lineAlign = "end";
        cue.line = line;
      }
    }
  };
  for (const element of elements) element.addEventListener("load", lift);
  new ResizeObserver(lift).observe(video);
}
