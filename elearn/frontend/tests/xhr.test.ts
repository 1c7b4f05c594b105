import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { sendByXhr } from "../upload/xhr.ts";

/** A line that takes what it is given and says nothing. */
class SilentRequest {
  static last: SilentRequest;
  upload: { onprogress?: (event: { loaded: number }) => void } = {};
  onabort?: () => void;
  onloadend?: () => void;
  isGivenUp = false;
  constructor() {
    SilentRequest.last = this;
  }
  open = () => undefined;
  setRequestHeader = () => undefined;
  send = () => undefined;
  abort = () => {
    this.isGivenUp = true;
    this.onabort?.();
    this.onloadend?.();
  };
}

test("a line on which nothing goes any more is given up, one that is only slow is not", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  Object.assign(globalThis, { XMLHttpRequest: SilentRequest });
  const sent: number[] = [];
  const { signal } = new AbortController();
  const asked = { method: "PATCH" as const, url: "/uploads/1", headers: {}, body: new Blob(["film"]), signal };
  const answer = sendByXhr({ ...asked, onSent: (bytes) => sent.push(bytes) });
  const ended = assert.rejects(answer, TypeError);

  for (let minute = 1; minute <= 5; minute += 1) {
    mock.timers.tick(60_000);
    SilentRequest.last.upload.onprogress?.({ loaded: minute });
  }
  assert.equal(SilentRequest.last.isGivenUp, false);
  assert.deepEqual(sent, [1, 2, 3, 4, 5]);

  mock.timers.tick(120_000);
  assert.equal(SilentRequest.last.isGivenUp, true);
  await ended;
  mock.timers.reset();
});
