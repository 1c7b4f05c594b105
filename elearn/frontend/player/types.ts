/** A half-open stretch of the film in seconds: [from, to). */
export type Range = [number, number];

/** What the server has stored of one film for one person. */
export interface Progress {
  seen: Range[];
  seen_s: number;
  length_s: number;
  position: number;
  missing: Range[];
  /** Whether the film counts as done; the module may ask for others. */
  complete: boolean;
}

export interface Chapter {
  at: number;
  title: string;
}

/** A part with a notice. When the learner has chosen to skip it, playing jumps over it. */
export interface Passage {
  id: string;
  from: number;
  to: number;
  skipped?: boolean;
}

/** The JSON in the page's [data-player-config]. */
export interface PlayerConfig {
  /** The names of the person's reports on this device: today's, and those that reports may still wait under. */
  person_keys: string[];
  ticket_url: string;
  /** The film that the page is about: its chapters, its passages, its length. */
  master: string;
  report_url: string | null;
  csrf: string;
  language: string;
  /** The film's spoken language: which of a lesson's films to open. */
  spoken: string;
  duration: number;
  length_s: number;
  position: number;
  progress: Progress | null;
  chapters: Chapter[];
  passages: Passage[];
  strings: Record<string, string>;
}

export interface CaptionTrack {
  lang: string;
  label: string;
  src: string;
  kind: "captions" | "subtitles";
}

/** The server's answer to a request for a viewing ticket. */
export interface TicketAnswer {
  claims: string;
  renew_in_s: number;
  master: string;
  tracks: CaptionTrack[];
  /** Where the seek bar's pictures are described, if the film has any. */
  thumbnails: string | null;
  progress: Progress | null;
  /** Segments come from a CDN that wants its own cookies to be sent along. */
  credentials: boolean;
}

/** The server's answer to a report of what was played. */
export interface ReportAnswer {
  id: string;
  progress: Progress;
  refused: Range[];
  renew: boolean;
  completed: { module: boolean; course: boolean };
}
