import assert from "node:assert/strict";
import { test } from "node:test";
import { feedbackForms, forgetDrafts } from "../site/feedback.ts";

const DRAFTS = ["feedback:p:/feedback/1", "feedback:p:/feedback/2"];

/** A tab in which two forms have drafts, and something else is kept; `open` shows a page as the browser would. */
function setUp() {
  const kept = new Map([...DRAFTS, "volume"].map((key) => [key, "[]"]));
  const sessionStorage = new Proxy(
    {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    },
    { ownKeys: () => [...kept.keys()], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) },
  );
  const open = (pathname: string, { hasDraft = true } = {}) => {
    const form = Object.assign(new EventTarget(), {
      dataset: hasDraft ? { draft: "" } : {},
      elements: [],
      querySelectorAll: () => [],
    });
    const isSent = pathname === "/feedback/thanks";
    const document = {
      body: { dataset: { personKeys: "p" } },
      querySelector: (wanted: string) => (isSent && wanted === "[data-feedback-sent]" ? {} : null),
      querySelectorAll: () => (isSent ? [] : [form]),
    };
    Object.assign(globalThis, { document, location: { pathname } });
    feedbackForms();
    return { send: () => form.dispatchEvent(new Event("submit")) };
  };
  Object.defineProperty(globalThis, "sessionStorage", { value: sessionStorage, configurable: true });
  return { open, drafts: () => DRAFTS.filter((key) => kept.has(key)), kept };
}

test("what was sent is forgotten, and the drafts of other forms stay", () => {
  const { open, drafts, kept } = setUp();
  open("/feedback/1").send();
  open("/feedback/thanks");
  assert.deepEqual(drafts(), [DRAFTS[1]]);
  assert.deepEqual([...kept.keys()], [DRAFTS[1], "volume"]);
});

test("a draft that did not arrive stays, also when a form without one is sent next", () => {
  const { open, drafts } = setUp();
  open("/feedback/1").send();
  open("/feedback/3", { hasDraft: false }).send();
  open("/feedback/thanks");
  assert.deepEqual(drafts(), DRAFTS);
});

test("leaving forgets every draft", () => {
  const { drafts, kept } = setUp();
  forgetDrafts();
  assert.deepEqual(drafts(), []);
  assert.deepEqual([...kept.keys()], ["volume"]);
});
