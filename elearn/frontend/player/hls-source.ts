import Hls, { type HlsConfig, type LoadPolicy } from "hls.js/light";
import type { Source, SourceParts } from "./source.ts";

const UNAUTHORISED = new Set([401, 403]);
const TICKET_RETRIES = 3;
const RECOVERY_S = 4;

/** Attach the film through hls.js. No request leaves with a ticket that is due for renewal. */
export function attachHls(parts: SourceParts): Source {
  const { video, tickets } = parts;
  if (!Hls.isSupported()) {
    parts.onUnplayable();
    return { resume: () => undefined, stop: () => undefined };
  }
  const hls = new Hls(config(parts));
  let stopped = false;
  let recovery: ReturnType<typeof setTimeout> | undefined;
  let mediaErrors = 0;

  const resume = () => {
    clearTimeout(recovery);
    stopped = false;
    if (hls.levels.length === 0) hls.loadSource(parts.master);
    else hls.startLoad(video.currentTime);
  };

  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    parts.renditions.fill(
      hls.levels.map(({ width, height, bitrate }, index) => ({ id: String(index), width, height, bitrate })),
    );
  });
  parts.renditions.addEventListener("change", () => (hls.nextLevel = parts.renditions.selectedIndex));
  hls.on(Hls.Events.FRAG_LOADED, () => parts.onAway(false));
  hls.on(Hls.Events.ERROR, (_event, error) => {
    if (stopped) return;
    const isRenewing = !error.fatal && UNAUTHORISED.has(error.response?.code ?? 0);
    const hasNothingToPlay = video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
    if (error.type === Hls.ErrorTypes.NETWORK_ERROR && hasNothingToPlay && !isRenewing) parts.onAway(true);
    if (!error.fatal) return;
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR && mediaErrors < 2) {
      mediaErrors += 1;
      hls.recoverMediaError();
    } else if (error.type === Hls.ErrorTypes.NETWORK_ERROR) {
      // A tunnel: hls.js has given up, we have not.
      clearTimeout(recovery);
      recovery = setTimeout(resume, RECOVERY_S * 1000);
    } else {
      parts.onUnplayable();
    }
  });
  hls.loadSource(parts.master);
  hls.attachMedia(video);

  return {
    resume,
    stop: () => {
      stopped = true;
      clearTimeout(recovery);
      hls.stopLoad();
    },
  };

  function config({ start_s }: SourceParts): Partial<HlsConfig> {
    const defaults = Hls.DefaultConfig;
    return {
      startPosition: start_s,
      // CMAF needs no transmuxing worth a worker, and a blob worker would need room in the CSP.
      enableWorker: false,
      capLevelToPlayerSize: true,
      xhrSetup: async (request) => {
        await tickets.freshOrOld();
        request.withCredentials = tickets.ticket?.credentials ?? false;
      },
      fragLoadPolicy: renewing(defaults.fragLoadPolicy),
      playlistLoadPolicy: renewing(defaults.playlistLoadPolicy),
      manifestLoadPolicy: renewing(defaults.manifestLoadPolicy),
    };
  }

  /** The policy, and: a refused request is asked again with a new ticket. */
  function renewing(policy: LoadPolicy): LoadPolicy {
    const { default: usual } = policy;
    return {
      default: {
        ...usual,
        errorRetry: {
          ...(usual.errorRetry ?? { maxNumRetry: TICKET_RETRIES, retryDelayMs: 500, maxRetryDelayMs: 4000 }),
          shouldRetry: (_config, count, _timeout, response, retry) => {
            if (!UNAUTHORISED.has(response?.code ?? 0)) return retry;
            tickets.distrust();
            return count < TICKET_RETRIES;
          },
        },
      },
    };
  }
}
