import type { Source, SourceParts } from "./source.ts";

const ATTEMPTS = 3;
const RECOVERY_S = 4;

/** Attach the film where the browser plays HLS itself. After an error the ticket is renewed and the film taken up again. */
export function attachNative({ video, master, start_s, tickets, onUnplayable, onAway }: SourceParts): Source {
  let attempts = 0;
  let stopped = false;
  let recovery: ReturnType<typeof setTimeout> | undefined;

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

  const renew = () => {
    tickets.distrust();
    void tickets.freshOrOld().then(resume);
  };
  const giveUpOrWait = async () => {
    const isThere = fetch(master, { method: "HEAD" }).then(({ ok }) => ok, () => false);
    if (video.error?.code !== MediaError.MEDIA_ERR_NETWORK && (await isThere)) {
      onUnplayable();
      return;
    }
    onAway(true);
    recovery = setTimeout(renew, RECOVERY_S * 1000);
  };

  video.addEventListener("playing", () => {
    attempts = 0;
    onAway(false);
  });
  video.addEventListener("error", () => {
    if (stopped) return;
    clearTimeout(recovery);
    attempts += 1;
    if (attempts <= ATTEMPTS) renew();
    else void giveUpOrWait();
  });
  load(start_s);
  return {
    resume,
    stop: () => {
      stopped = true;
      clearTimeout(recovery);
    },
  };
}
