import assert from "node:assert/strict";
import { test } from "node:test";
import { idFrom, isId, isSameName } from "../upload/names.ts";
import { Pace } from "../upload/pace.ts";

test("a film is named after its file", () => {
  assert.equal(idFrom("Første dag – på arbejde (3).MP4"), "foerste-dag-paa-arbejde-3");
  assert.equal(idFrom("Élève.final.v2.mov"), "eleve-final-v2");
  assert.equal(idFrom("日本.mp4"), "");
  assert.equal(idFrom("---.mp4"), "");
  assert.ok(isId(idFrom(`${"lang tekst ".repeat(20)}.mp4`)));
});

test("an id is small letters, digits and single hyphens", () => {
  for (const good of ["a", "first-day", "2-a"]) assert.ok(isId(good), good);
  for (const bad of ["", "A", "a--b", "-a", "a-", "å", "a b", "a/b", "a".repeat(81)]) assert.ok(!isId(bad), bad);
});

test("a file is known again though the server keeps its name tidied", () => {
  assert.ok(isSameName("Skærmoptagelse 2026-11-27 kl. 9.41.05\u202fAM.mov", "Skærmoptagelse 2026-11-27 kl. 9.41.05AM.mov"));
  assert.ok(isSameName(".første\u00a0dag.mp4", "førstedag.mp4"));
  assert.ok(isSameName(`${"lang ".repeat(60)}tekst.mp4`, "lang lang tekst.mp4"));
  assert.ok(!isSameName("del 1.mp4", "del 2.mp4"));
});

test("how long it takes follows from the last seconds, and is not said too early", () => {
  const pace = new Pace();
  pace.note(0, 0);
  pace.note(1000, 10);
  assert.equal(pace.left_s(100), null);
  pace.note(5000, 50);
  assert.equal(pace.left_s(100), 5);
  pace.note(30_000, 60);
  pace.note(40_000, 60);
  assert.equal(pace.left_s(100), null, "nothing went lately");
  pace.forget();
  assert.equal(pace.left_s(100), null);
});
