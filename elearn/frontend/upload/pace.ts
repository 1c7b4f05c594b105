const REMEMBERED_MS = 15_000;
const LEAST_MS = 3000;

/** How fast bytes went lately, and so how long the rest will take. */
export class Pace {
  private seen: { at_ms: number; arrived: number }[] = [];

  note(at_ms: number, arrived: number): void {
    this.seen.push({ at_ms, arrived });
    while (this.seen.length > 2 && at_ms - (this.seen[0]?.at_ms ?? 0) > REMEMBERED_MS) this.seen.shift();
  }

  /** Begin anew: after a break the old pace says nothing. */
  forget(): void {
    this.seen = [];
  }

  /** Seconds until all is there; null while that cannot be said. */
  left_s(size: number): number | null {
    const [first, last] = [this.seen[0], this.seen.at(-1)];
    if (!first || !last || last.at_ms - first.at_ms < LEAST_MS || last.arrived <= first.arrived) return null;
    return ((size - last.arrived) * (last.at_ms - first.at_ms)) / 1000 / (last.arrived - first.arrived);
  }
}
