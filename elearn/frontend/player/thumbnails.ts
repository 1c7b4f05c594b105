const SHOWN_MS = 1500;

/** Small pictures above the seek bar: media-chrome shows them where it finds a track of this label. */
export function addThumbnails(video: HTMLVideoElement, bar: HTMLElement, src: string): void {
  const track = document.createElement("track");
  Object.assign(track, { kind: "metadata", label: "thumbnails", default: true, src });
  video.append(track);
  showForKeys(bar);
}

/** The keys that move the seek bar show for a moment what the mouse shows in passing: media-chrome knows pointers only. */
function showForKeys(bar: HTMLElement): void {
  let hiding: ReturnType<typeof setTimeout> | undefined;
  bar.addEventListener("input", () => {
    const input = bar.shadowRoot?.querySelector("input");
    if (!input?.matches(":focus-visible")) return;
    const { left, width } = input.getBoundingClientRect();
    const clientX = left + width * input.valueAsNumber;
    const mouse = { pointerType: "mouse", clientX, bubbles: true, composed: true };
    if (hiding === undefined) bar.dispatchEvent(new PointerEvent("pointerenter", mouse));
    bar.dispatchEvent(new PointerEvent("pointermove", mouse));
    bar.toggleAttribute("dragging", true);
    clearTimeout(hiding);
    hiding = setTimeout(() => {
      hiding = undefined;
      bar.dispatchEvent(new PointerEvent("pointerleave", mouse));
      bar.toggleAttribute("dragging", false);
    }, SHOWN_MS);
  });
}
