/**
 * Do what `work` does, but give it up after a while.
 *
 * On a line that has died without a word, in a tunnel say, browsers wait for many minutes, also when there is long a new one.
 */
export async function within<T>(seconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), seconds * 1000);
  return work(stop.signal).finally(() => clearTimeout(timer));
}
