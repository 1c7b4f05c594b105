import { within } from "./patience.ts";
import type { TicketAnswer } from "./types.ts";

/** The server will not let this person watch, and says why in a sentence. */
export class TicketRefused extends Error {
  constructor(
    readonly code: string,
    sentence: string,
    readonly status: number,
  ) {
    super(sentence);
  }
}

interface Parts {
  url: string;
  csrf: string;
  language: string;
  /** The film that the page was drawn for. */
  master: string;
  now: () => number;
  fetch: typeof fetch;
  /** Called before the claims change, so that what was played until now is reported under the old ones. */
  onChange: (next: TicketAnswer) => void;
  onRefused: (refusal: TicketRefused) => void;
}

/** The code of the one refusal that is the player's own: another film now stands where this one stood. */
export const REPLACED = "film_replaced";

/** After a failed renewal, do not ask again for this long: the network is away, not the permission. */
const RETRY_S = 5;
/** No segment is fetched while a ticket is asked for, and the old one still opens the film: a silent line must not stop it. */
const LONGEST_S = 15;

/** Gets the viewing ticket and keeps it fresh. One request at a time, however many ask. */
export class TicketClient {
  ticket: TicketAnswer | null = null;
  private got_ms = 0;
  private failed_ms = -Infinity;
  private asking: Promise<TicketAnswer> | null = null;
  private distrusted = false;

  constructor(private readonly parts: Parts) {}

  /** A ticket young enough to use; asks the server when there is none or it is due for renewal. */
  async fresh(): Promise<TicketAnswer> {
    if (this.ticket && !this.isDue()) return this.ticket;
    this.asking ??= this.ask().finally(() => (this.asking = null));
    return this.asking;
  }

  /** As `fresh`, but the old ticket will do when the network is away. For the moment before a segment is fetched. */
  async freshOrOld(): Promise<void> {
    const waitForNetwork = this.parts.now() - this.failed_ms < RETRY_S * 1000;
    if (this.ticket && waitForNetwork) return;
    await this.fresh().catch(() => undefined);
  }

  /** The server did not accept the ticket: the next use renews it. */
  distrust(): void {
    this.distrusted = true;
  }

  isDue(): boolean {
    if (!this.ticket) return false;
    const age_ms = this.parts.now() - this.got_ms;
    // A clock that was set back makes no ticket young.
    return this.distrusted || age_ms < 0 || age_ms >= this.ticket.renew_in_s * 1000;
  }

  private async ask(): Promise<TicketAnswer> {
    const asked_ms = this.parts.now();
    try {
      const next = await within(LONGEST_S, (signal) => this.answered(signal));
      this.parts.onChange(next);
      this.ticket = next;
      this.got_ms = asked_ms;
      this.distrusted = false;
      return next;
    } catch (error) {
      if (error instanceof TicketRefused) this.parts.onRefused(error);
      else this.failed_ms = this.parts.now();
      throw error;
    }
  }

  private async answered(signal: AbortSignal): Promise<TicketAnswer> {
    const { url, csrf, language, master } = this.parts;
    const response = await this.parts.fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
      body: JSON.stringify({ claims: this.ticket?.claims ?? null, language }),
      signal,
    });
    if (response.status >= 500 || response.status === 429) throw new Error(`ticket: ${response.status}`);
    const answer: unknown = await response.json().catch(() => ({}));
    signal.throwIfAborted();
    if (!response.ok) throw refusal(response.status, answer);
    const next = answer as TicketAnswer;
    // The page and what plays are not of the new claims' film: its passages lie elsewhere, nothing is reported under them.
    if (next.master !== master) throw new TicketRefused(REPLACED, "", response.status);
    return next;
  }
}

/** What the server says then is meant for a form to be sent again, or a page that is not there: neither is true of a film. */
const SAID_OF_PAGES = new Set([400, 404]);

function refusal(status: number, answer: unknown): TicketRefused {
  const { code, error } = (answer ?? {}) as { code?: string; error?: string };
  return new TicketRefused(code ?? "refused", SAID_OF_PAGES.has(status) ? "" : (error ?? ""), status);
}
