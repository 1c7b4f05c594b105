import type { Source, SourceParts } from "./source.ts";

const ATTEMPTS = 3;

/** Attach the film where the browser plays HLS itself. After an error the ticket is renewed and the film taken up again. */
export function attachNative({ video, master, start_s, tickets, onUnplayable }: SourceParts): Source {
  let attempts = 0;
  let stopped = false;

  const load = (position: number) => {
    video.src = master;
    video.addEventListener("loadedmetadata", () => (video.currentTime = position), { once: true });
  };
  const resume = () => {
    stopped = false;
    if (!video.error) return;
    const wasPlaying = !video.paused;
    load(video.currentTime);
    if (wasPlaying) void video.play().catch(() => undefined);
  };

  video.addEventListener("playing", () => (attempts = 0));
  video.addEventListener("error", () => {
    if (stopped) return;
    attempts += 1;
    if (attempts > ATTEMPTS) {
      onUnplayable();
      return;
    }
    tickets.distrust();
    void tickets.freshOrOld().then(resume);
  });
  load(start_s);
  return { resume, stop: () => (stopped = true) };
}
