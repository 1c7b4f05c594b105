import type { Answer, Asked } from "./tus.ts";

/** So long nothing may leave and nothing come back: browsers wait much longer on a line that has died without a word. */
const SILENT_MS = 120_000;

/** Send by XMLHttpRequest: fetch does not tell how much of a body has left. */
export function sendByXhr({ method, url, headers, body, onSent, signal }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let silence: ReturnType<typeof setTimeout> | undefined;
    const hears = () => {
      clearTimeout(silence);
      silence = setTimeout(() => {
        reject(new TypeError("the line is silent"));
        request.abort();
      }, SILENT_MS);
    };
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => {
      hears();
      onSent?.(event.loaded);
    };
    request.onloadend = () => clearTimeout(silence);
    request.onload = () =>
      resolve({ status: request.status, body: request.responseText, header: (name) => request.getResponseHeader(name) });
    request.onerror = () => reject(new TypeError("the line is gone"));
    request.onabort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    if (signal.aborted) {
      reject(signal.reason as Error);
      return;
    }
    hears();
    request.send(body ?? null);
  });
}
