import type { Renditions } from "./renditions.ts";
import type { TicketClient } from "./ticket.ts";

/** How the film's data gets to the video element. */
export interface Source {
  /** Fetch on after a break: the network is back, or there is a new ticket. */
  resume(): void;
  /** Fetch nothing more. */
  stop(): void;
}

export interface SourceParts {
  video: HTMLVideoElement;
  master: string;
  start_s: number;
  tickets: TicketClient;
  renditions: Renditions;
  /** The film cannot be shown in this browser, whatever the network does. */
  onUnplayable: () => void;
  /** The film cannot be fetched just now (true), and is tried again; or it comes again (false). */
  onAway: (away: boolean) => void;
}

/** Every WebKit plays HLS by itself, and better than hls.js would there. Others that claim to are left to hls.js. */
export function playsHlsItself(video: HTMLVideoElement): boolean {
  return navigator.vendor.startsWith("Apple") && video.canPlayType("application/vnd.apple.mpegurl") !== "";
}
