import assert from "node:assert/strict";
import { test } from "node:test";
import { UploadBox, type UploadConfig } from "../upload/box.ts";

const CONFIG: UploadConfig = {
  endpoint: "/uploads",
  csrf: "token",
  language: "en",
  largest_bytes: 1000,
  film_url: "/films/KEY",
  drop_url: "/films/KEY/drop",
  film: null,
  spoken: "da",
  begun: null,
  strings: {},
};

/** As much of the form as is asked for. */
function form() {
  const parts = new Map<string, object>();
  const part = (selector: string): object => {
    if (!parts.has(selector)) parts.set(selector, made());
    return parts.get(selector) as object;
  };
  const made = () =>
    Object.assign(new EventTarget(), {
      querySelector: part,
      focus: () => undefined,
      setAttribute: () => undefined,
      removeAttribute: () => undefined,
    });
  Object.assign(part("input[type=file]"), { files: [new File(["a film"], "a.mp4")] });
  Object.assign(part("input[name=film]"), { value: "a" });
  return { box: made(), part };
}

test("an upload that is asked for twice before it could begin is begun once", async () => {
  const begun: string[] = [];
  class XMLHttpRequest extends EventTarget {
    upload = {};
    open = (method: string) => begun.push(method);
    setRequestHeader = () => undefined;
    onloadend?: () => void;
    send = () => this.onloadend?.();
  }
  const fetch = async () => new Response("", { status: 404 });
  Object.assign(globalThis, { XMLHttpRequest, fetch, addEventListener: () => undefined });
  const { box, part } = form();
  new UploadBox(box as unknown as HTMLElement, CONFIG);

  const sends = part("[data-upload-form]") as EventTarget;
  sends.dispatchEvent(new Event("submit"));
  sends.dispatchEvent(new Event("submit"));
  await new Promise((resolve) => setTimeout(resolve, 20));

  assert.deepEqual(begun, ["POST"]);
});
