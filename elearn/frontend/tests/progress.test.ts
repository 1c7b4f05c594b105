import assert from "node:assert/strict";
import { mock, test } from "node:test";

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a line that is cut in the middle of an answer does not stop the page from asking again", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  let asked = 0;
  const fetch = async () => {
    asked += 1;
    return { ok: true, text: () => Promise.reject(new TypeError("the line is gone")) };
  };
  class DOMParser {}
  Object.assign(globalThis, { DOMParser, document: { querySelector: () => ({}) }, location: { href: "/film" }, fetch });
  const { progressPages } = await import("../site/progress.ts");
  progressPages();

  for (let each = 0; each < 3; each += 1) {
    mock.timers.tick(1000);
    await turn();
  }

  assert.equal(asked, 3);
});
