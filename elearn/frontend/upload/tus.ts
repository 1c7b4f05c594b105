/** What a server answers to one request of the tus protocol. */
export interface Answer {
  status: number;
  header(name: string): string | null;
  body: string;
}

export interface Asked {
  method: "POST" | "HEAD" | "PATCH";
  url: string;
  headers: Record<string, string>;
  body?: Blob;
  /** Called with how many bytes of the body have left. */
  onSent?: (bytes: number) => void;
  signal: AbortSignal;
}

/** Sends one request. Rejects when the line is gone, or the signal says to stop. */
export type Send = (asked: Asked) => Promise<Answer>;

/** The server will not take the film, and why. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
  }
}

interface Parts {
  file: Blob;
  /** Where uploads begin. */
  endpoint: string;
  metadata: Record<string, string>;
  /** An upload begun before, to go on with. */
  begun: string | null;
  csrf: string;
  /** The token that holds now. Throws `Refused` when nobody is signed in. */
  freshCsrf: () => Promise<string>;
  send: Send;
  /** Waits between two attempts; ends early when there is reason to hope. */
  wait: (ms: number) => Promise<void>;
  onBegun: (url: string) => void;
  onProgress: (arrived: number) => void;
  /** The line is gone, or the server cannot take more just now: it goes on by itself. */
  onWaiting: (sentence: string) => void;
}

const PIECE_BYTES = 32 * 1024 * 1024;
const LONGEST_WAIT_MS = 15_000;
/** The answer to a write with a token of another session, among other things. */
const VOID_TOKEN = 400;
/** It may work a little later: another sender still holds the file, a piece was damaged, the server is busy. */
const PASSES = new Set([408, 409, 423, 425, 429, 460, 500, 502, 503, 504]);

/** One file on its way to the server, piece by piece (tus 1.0). What has arrived is kept, whatever ends the sending. */
export class TusUpload {
  private url: string | null;
  /** null once it may be void: whoever signs in again, in another tab say, gets another one. */
  private csrf: string | null;
  private stop = new AbortController();

  constructor(private readonly parts: Parts) {
    this.url = parts.begun;
    this.csrf = parts.csrf;
  }

  /** Send until all of it is there; false when it was paused. Throws `Refused` when the server does not want it. */
  async run(): Promise<boolean> {
    this.stop = new AbortController();
    const { signal } = this.stop;
    let furthest = 0;
    let failures = 0;
    let triedAgain = false;
    const reached = (arrived: number) => {
      if (arrived > furthest) [failures, triedAgain] = [0, false];
      furthest = arrived;
    };
    for (; !signal.aborted; failures += 1) {
      try {
        reached(await this.arrived(signal));
        while (furthest < this.parts.file.size) reached(await this.piece(furthest, signal));
        return true;
      } catch (error) {
        if (signal.aborted) break;
        if (error instanceof Refused && !PASSES.has(error.status)) {
          this.csrf = null;
          if (error.status !== VOID_TOKEN || triedAgain) throw error;
          triedAgain = true;
          continue;
        }
        this.parts.onWaiting(error instanceof Refused ? error.message : "");
        await this.parts.wait(Math.min(LONGEST_WAIT_MS, 1000 * 2 ** failures));
      }
    }
    return false;
  }

  pause(): void {
    this.stop.abort();
  }

  /** Ask how much is there; begin when nothing was begun. */
  private async arrived(signal: AbortSignal): Promise<number> {
    if (this.url === null) {
      const answer = await this.ask({
        method: "POST",
        url: this.parts.endpoint,
        headers: { "Upload-Length": String(this.parts.file.size), "Upload-Metadata": encoded(this.parts.metadata) },
        signal,
      });
      this.url = answer.header("Location") ?? "";
      this.parts.onBegun(this.url);
      return 0;
    }
    const answer = await this.ask({ method: "HEAD", url: this.url, headers: {}, signal });
    return this.told(answer);
  }

  private async piece(from: number, signal: AbortSignal): Promise<number> {
    const answer = await this.ask({
      method: "PATCH",
      url: this.url ?? "",
      headers: { "Upload-Offset": String(from), "Content-Type": "application/offset+octet-stream" },
      body: this.parts.file.slice(from, from + PIECE_BYTES),
      onSent: (bytes) => this.parts.onProgress(from + bytes),
      signal,
    });
    return this.told(answer);
  }

  private told(answer: Answer): number {
    const arrived = Number(answer.header("Upload-Offset") ?? NaN);
    if (!Number.isInteger(arrived)) throw new Refused(500, "");
    this.parts.onProgress(arrived);
    return arrived;
  }

  private async ask(asked: Asked): Promise<Answer> {
    this.csrf ??= await this.parts.freshCsrf();
    const headers = { "Tus-Resumable": "1.0.0", "X-CSRFToken": this.csrf, ...asked.headers };
    const answer = await this.parts.send({ ...asked, headers });
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw new Refused(answer.status, sentenceOf(answer.body));
  }
}

/** Upload-Metadata as tus writes it. */
export function encoded(metadata: Record<string, string>): string {
  return Object.entries(metadata)
    .map(([name, value]) => `${name} ${btoa(String.fromCharCode(...new TextEncoder().encode(value)))}`)
    .join(",");
}

function sentenceOf(body: string): string {
  try {
    return (JSON.parse(body) as { error?: string }).error ?? "";
  } catch {
    return "";
  }
}
