import assert from "node:assert/strict";
import { mock, test } from "node:test";

test("a note that the server refuses is not tried again without end, and says what to do", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const status = { textContent: "" };
  const field = Object.assign(new EventTarget(), { id: "note", value: "" });
  const found: Record<string, object> = { textarea: field, "[data-autosave-status]": status };
  const form = Object.assign(new EventTarget(), {
    action: "/notes",
    querySelector: (wanted: string) => found[wanted] ?? null,
    querySelectorAll: () => [],
  });
  const document = { querySelector: () => null, querySelectorAll: () => [form] };
  let asked = 0;
  const fetch = async () => {
    asked += 1;
    return new Response("", { status: 400 });
  };
  Object.assign(globalThis, { document, fetch, addEventListener: () => undefined });
  const { autosaveForms } = await import("../site/autosave.ts");
  autosaveForms();

  field.value = "Thoughts";
  field.dispatchEvent(new Event("blur"));
  await new Promise((resolve) => setImmediate(resolve));
  mock.timers.tick(60_000);
  await new Promise((resolve) => setImmediate(resolve));

  assert.equal(asked, 1);
  assert.match(status.textContent, /^Not saved\. Copy your text/);
});
