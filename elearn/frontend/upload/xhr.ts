import type { Answer, Asked } from "./tus.ts";

/** Send by XMLHttpRequest: fetch does not tell how much of a body has left. */
export function sendByXhr({ method, url, headers, body, onSent, signal }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onSent?.(event.loaded);
    request.onload = () =>
      resolve({ status: request.status, body: request.responseText, header: (name) => request.getResponseHeader(name) });
    request.onerror = () => reject(new TypeError("the line is gone"));
    request.onabort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", () => request.abort(), { once: true });
    if (signal.aborted) reject(signal.reason as Error);
    else request.send(body ?? null);
  });
}
