import type { CaptionTrack } from "./types.ts";

/** Height of the control bar with its seek bar, in pixels: captions stand above it. */
const BAR_PX = 84;

/** Add the caption tracks; the one in the page's language comes first, so that it is the one shown. */
export function addCaptions(video: HTMLVideoElement, tracks: CaptionTrack[], language: string): void {
  const ordered = [...tracks].sort((a, b) => Number(b.lang === language) - Number(a.lang === language));
  for (const { lang, label, src, kind } of ordered) {
    const track = document.createElement("track");
    Object.assign(track, { kind, label, srclang: lang, src });
    video.append(track);
  }
}

/**
 * Keep captions above the control bar where the browser has no way of moving them in CSS (Firefox): there each cue gets
 * its own place, measured from the bottom.
 */
export function liftCaptionsInFirefox(video: HTMLVideoElement): void {
  if (!("MozAppearance" in document.documentElement.style) && !CSS.supports("-moz-appearance", "none")) return;
  const lift = () => {
    const line = 100 * (1 - BAR_PX / Math.max(video.clientHeight, BAR_PX * 2));
    for (const track of video.textTracks) {
      for (const cue of track.cues ?? []) {
        if (!(cue instanceof VTTCue)) continue;
        cue.snapToLines = false;
        cue.lineAlign = "end";
        cue.line = line;
      }
    }
  };
  for (const track of video.querySelectorAll("track")) track.addEventListener("load", lift);
  new ResizeObserver(lift).observe(video);
}
