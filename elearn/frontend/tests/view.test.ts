import assert from "node:assert/strict";
import { test } from "node:test";
import { chapterAt, chapterState } from "../player/chapters.ts";
import { clockText, fill, padded, rangeText } from "../player/clock-text.ts";
import { progressBars, restFrom, seekBars, skippedRanges } from "../player/line.ts";
import { ProgressView } from "../player/progress-view.ts";
import { textsFrom } from "../player/strings.ts";
import type { Progress } from "../player/types.ts";

/** Look.md's own example: 21 minutes, a part skipped, stopped at 14:05. */
const PROGRESS: Progress = {
  seen: [[0, 130], [220, 845]],
  seen_s: 755,
  length_s: 1260,
  position: 845.2,
  missing: [[130, 220], [845, 1260]],
  complete: false,
};

test("times are written as people write them", () => {
  assert.equal(clockText(130.9), "2:10");
  assert.equal(clockText(845), "14:05");
  assert.equal(clockText(3730), "1:02:10");
  assert.equal(clockText(-1), "0:00");
  assert.equal(padded(130), "02:10");
  assert.equal(rangeText([130, 220]), "02:10–03:40");
});

test("a text keeps names it has no value for", () => {
  assert.equal(fill("{a} of {b}", { a: 1 }), "1 of {b}");
});

test("skipped is what lies before something seen, the rest has not come yet", () => {
  assert.deepEqual(skippedRanges(PROGRESS), [[130, 220]]);
  assert.equal(restFrom(PROGRESS), 845);
  assert.equal(restFrom({ ...PROGRESS, seen: [[0, 130], [220, 1260]], missing: [[130, 220]] }), null);
  assert.equal(restFrom({ ...PROGRESS, seen: [], missing: [[0, 1260]] }), 0);
});

test("the line is drawn as the mock draws it", () => {
  const bars = progressBars(PROGRESS, 845, 18);
  assert.deepEqual(bars.map((bar) => [bar.class, bar.x, bar.width]), [
    ["l-todo", 0, 1000],
    ["l-seen", 0, 103.2],
    ["l-seen", 174.6, 496],
    ["l-miss", 103.2, 71.4],
    ["l-here", 668.1, 5],
  ]);
});

test("the seek bar shows chapters and notices, also without progress", () => {
  const names = seekBars(1260, null, [], [0, 130], [[930, 1065]]).map((bar) => bar.class);
  assert.deepEqual(names, ["s-all", "s-chapter", "s-notice"]);
});

test("a chapter is seen, missing, here or new", () => {
  const chapters = [0, 130, 220, 540, 930].map((at) => ({ at, title: "" }));
  assert.equal(chapterAt(chapters, 845), 3);
  assert.equal(chapterAt(chapters, 0), 0);
  assert.equal(chapterState(0, 130, PROGRESS, false), "set");
  assert.equal(chapterState(130, 220, PROGRESS, false), "mangler");
  assert.equal(chapterState(540, 930, PROGRESS, true), "nu");
  assert.equal(chapterState(930, 1065, PROGRESS, false), "ny");
});

test("a film that is complete no longer asks for anything, and what else the module asks for is said", () => {
  const shown = new Set(["[data-film-asked]"]);
  const parts: Record<string, object> = {
    "[data-film-asked]": { remove: () => shown.delete("[data-film-asked]") },
    "[data-film-complete]": { removeAttribute: () => shown.add("[data-film-complete]") },
  };
  Object.assign(globalThis, { document: { querySelector: (selector: string) => parts[selector] ?? null } });
  const view = new ProgressView(textsFrom({}), "en");

  view.show(PROGRESS, 845);
  assert.deepEqual([...shown], ["[data-film-asked]"]);
  view.show({ ...PROGRESS, complete: true }, 1250);
  assert.deepEqual([...shown], ["[data-film-complete]"]);
});
