import assert from "node:assert/strict";
import { test } from "node:test";
import { lengthOf, PlayedRanges } from "../player/played-ranges.ts";

/** Play from `from` for `seconds` of film in samples of a quarter of a second, at this rate. */
function play(ranges: PlayedRanges, from: number, seconds: number, clock: { s: number }, rate = 1): number {
  ranges.start(from, clock.s);
  for (let played = 0; played < seconds; played += 0.25) {
    clock.s += 0.25 / rate;
    ranges.sample(from + played + 0.25, clock.s, rate);
  }
  return from + seconds;
}

test("what was played is one stretch", () => {
  const ranges = new PlayedRanges();
  play(ranges, 12, 10, { s: 100 });
  assert.deepEqual(ranges.take(), [[12, 22]]);
});

test("a seek leaves out what lies between", () => {
  const ranges = new PlayedRanges();
  const clock = { s: 0 };
  play(ranges, 0, 3, clock);
  ranges.stop();
  play(ranges, 50, 2, clock);
  assert.deepEqual(ranges.take(), [[0, 3], [50, 52]]);
});

test("a jump that no event announced is not counted as played", () => {
  const ranges = new PlayedRanges();
  const clock = { s: 0 };
  play(ranges, 0, 3, clock);
  clock.s += 0.25;
  ranges.sample(40, clock.s, 1);
  clock.s += 1;
  ranges.sample(41, clock.s, 1);
  assert.deepEqual(ranges.take(), [[0, 3], [40, 41]]);
});

test("a jump backwards begins a new stretch", () => {
  const ranges = new PlayedRanges();
  const clock = { s: 0 };
  play(ranges, 10, 2, clock);
  ranges.sample(5, clock.s + 0.1, 1);
  ranges.sample(5.5, clock.s + 0.6, 1);
  assert.deepEqual(ranges.take(), [[10, 12], [5, 5.5]]);
});

test("double speed counts the film's seconds, not the clock's", () => {
  const ranges = new PlayedRanges();
  play(ranges, 0, 20, { s: 0 }, 2);
  assert.deepEqual(ranges.take(), [[0, 20]]);
});

test("a busy browser that samples late loses nothing", () => {
  const ranges = new PlayedRanges();
  ranges.start(0, 0);
  ranges.sample(7, 7, 1);
  assert.deepEqual(ranges.take(), [[0, 7]]);
});

test("taking cuts the stretch under way, and the cut loses nothing", () => {
  const ranges = new PlayedRanges();
  ranges.start(0, 0);
  ranges.sample(4, 4, 1);
  assert.deepEqual(ranges.take(), [[0, 4]]);
  ranges.sample(6.5, 6.5, 1);
  assert.deepEqual(ranges.peek(), [[4, 6.5]]);
  assert.deepEqual(ranges.take(), [[4, 6.5]]);
  assert.deepEqual(ranges.take(), []);
});

test("standing still adds nothing", () => {
  const ranges = new PlayedRanges();
  ranges.start(9, 0);
  ranges.sample(9, 60, 1);
  ranges.stop();
  assert.deepEqual(ranges.take(), []);
});

test("stretches that touch are one", () => {
  const ranges = new PlayedRanges();
  const clock = { s: 0 };
  play(ranges, 0, 2, clock);
  play(ranges, 2, 2, clock);
  ranges.stop();
  assert.deepEqual(ranges.take(), [[0, 4]]);
});

test("any cuts into reports name the same film time", () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const random = lcg(seed);
    const ranges = new PlayedRanges();
    let clock = 0;
    let position = 0;
    let played = 0;
    const taken: [number, number][] = [];
    ranges.start(position, clock);
    for (let step = 0; step < 200; step += 1) {
      const move = random();
      if (move < 0.1) {
        ranges.stop();
        position = Math.floor(random() * 1000);
        ranges.start(position, clock);
      } else if (move < 0.3) {
        taken.push(...ranges.take());
      } else {
        const seconds = Math.round(random() * 1000) / 1000;
        position += seconds;
        clock += seconds;
        played += seconds;
        ranges.sample(position, clock, 1);
      }
    }
    ranges.stop();
    taken.push(...ranges.take());
    assert.ok(Math.abs(lengthOf(taken) - played) < 0.01, `seed ${seed}: ${lengthOf(taken)} of ${played}`);
  }
});

function lcg(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}
