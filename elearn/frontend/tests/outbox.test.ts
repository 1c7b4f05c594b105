import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Outbox, type Outcome, type Report, type SaveState } from "../player/outbox.ts";
import { postReport } from "../player/report-post.ts";
import { MemoryStore } from "../player/report-store.ts";
import type { Progress, Range, ReportAnswer } from "../player/types.ts";

const PROGRESS: Progress = { seen: [], seen_s: 0, length_s: 60, position: 0, missing: [], complete: false };

function stored(refused: Range[] = []): Outcome {
  const completed = { module: false, course: false };
  return { kind: "stored", answer: { id: "", progress: PROGRESS, refused, renew: false, completed } };
}

function report(seq: number, ranges: Range[] = [[seq, seq + 1]], player = "here"): Report {
  const place = { position: seq, ended: false, refusals: 0, not_before: 0, created: 0 };
  return { id: `${player}-${seq}`, person: "p", player, url: "/watched", claims: "c", seq, ranges, ...place };
}

/** An outbox on a clock of its own, with a server that answers what the test says. */
function setUp(store = new MemoryStore()) {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const sent: Report[] = [];
  const states: [SaveState, number][] = [];
  const answers: ReportAnswer[] = [];
  const server = { answer: (_report: Report): Outcome => stored() };
  const outbox = new Outbox({
    store,
    send: async (one) => {
      sent.push(one);
      return server.answer(one);
    },
    names: ["p", "p before"],
    player: "here",
    now: () => Date.now(),
    onAnswer: (answer) => answers.push(answer),
    onState: (state, waiting_s) => states.push([state, waiting_s]),
    exclusively: (work) => work(),
  });
  const pass = async (seconds: number) => {
    for (let left = seconds; left > 0; left -= 1) {
      mock.timers.tick(Math.min(left, 1) * 1000);
      await settle();
    }
  };
  return { outbox, store, sent, states, answers, server, pass };
}

/** Let everything that is ready run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

test.afterEach(() => mock.timers.reset());

test("an acknowledged report is forgotten", async () => {
  const { outbox, store, sent, states } = setUp();
  outbox.add(report(1));
  await settle();
  assert.deepEqual(sent.map(({ seq }) => seq), [1]);
  assert.deepEqual(await store.all(["p"]), []);
  assert.equal(states.at(-1)?.[0], "saved");
});

test("an unsent report stays, is counted, and goes out later", async () => {
  const { outbox, store, sent, states, server, pass } = setUp();
  server.answer = () => ({ kind: "later" });
  outbox.add(report(1, [[0, 10]]));
  await settle();
  assert.deepEqual(states.at(-1), ["waiting", 10]);
  assert.equal((await store.all(["p"])).length, 1);
  server.answer = () => stored();
  await pass(3);
  assert.equal(sent.length, 2);
  assert.deepEqual(states.at(-1), ["saved", 0]);
  assert.deepEqual(await store.all(["p"]), []);
});

test("the pause between tries grows, up to a minute", async () => {
  const { outbox, sent, server, pass } = setUp();
  server.answer = () => ({ kind: "later" });
  outbox.add(report(1));
  await pass(300);
  assert.ok(sent.length >= 7 && sent.length <= 11, `${sent.length} tries in five minutes`);
});

test("Retry-After is kept, also when new reports come in", async () => {
  const { outbox, sent, server, pass } = setUp();
  server.answer = () => ({ kind: "later", after_s: 30 });
  outbox.add(report(1));
  await settle();
  outbox.add(report(2));
  await pass(29);
  assert.equal(sent.length, 1);
  server.answer = () => stored();
  await pass(3);
  assert.deepEqual(sent.map(({ seq }) => seq), [1, 1, 2]);
});

test("the network's return does not wait for the pause to end", async () => {
  const { outbox, sent, server, pass } = setUp();
  server.answer = () => ({ kind: "later", after_s: 60 });
  outbox.add(report(1));
  await pass(1);
  server.answer = () => stored();
  await outbox.flush();
  assert.equal(sent.length, 2);
});

test("what the server will never take is dropped", async () => {
  const { outbox, store, sent, server, pass } = setUp();
  server.answer = () => ({ kind: "dropped", status: 400 });
  outbox.add(report(1));
  await pass(200);
  assert.equal(sent.length, 1);
  assert.deepEqual(await store.all(["p"]), []);
});

test("refused ranges are asked again after their own length, three times at most", async () => {
  const { outbox, sent, server, pass } = setUp();
  server.answer = ({ ranges }) => stored(ranges);
  outbox.add(report(1, [[0, 20]]));
  await pass(19);
  assert.equal(sent.length, 1);
  await pass(3);
  assert.equal(sent.length, 2);
  assert.notEqual(sent[1]?.id, sent[0]?.id);
  assert.deepEqual(sent[1]?.ranges, [[0, 20]]);
  assert.equal(sent[1]?.claims, "c");
  await pass(300);
  assert.equal(sent.length, 4);
});

test("what an earlier page left behind is sent by the next", async () => {
  const store = new MemoryStore();
  await store.put(report(3, [[0, 5]], "gone"));
  await store.put({ ...report(4, [[5, 9]], "gone"), person: "p before" });
  await store.put({ ...report(5, [[5, 9]], "gone"), person: "someone else" });
  const { outbox, sent } = setUp(store);
  await outbox.flushLeft();
  assert.deepEqual(sent.map(({ id }) => id), ["gone-3", "gone-4"]);
  assert.deepEqual(await store.all(["p", "p before"]), []);
  assert.equal((await store.all(["someone else"])).length, 1);
});

test("a draft is replaced by the report it was for", async () => {
  const { outbox, store } = setUp();
  outbox.draft(report(1, [[0, 2]]));
  outbox.draft(report(1, [[0, 4]]));
  await settle();
  assert.deepEqual((await store.all(["p"])).map(({ ranges }) => ranges), [[[0, 4]]]);
  outbox.add(report(2, [[0, 5]]));
  await settle();
  assert.deepEqual(await store.all(["p"]), []);
});

test("a dead page's draft is sent once it is old, under a new id", async () => {
  const store = new MemoryStore();
  const { outbox, sent, pass } = setUp(store);
  const written_at = Date.now();
  await store.put({ ...report(1, [[0, 4]], "dead"), id: "draft-dead", not_before: written_at + 15_000 });
  await outbox.flushLeft();
  assert.equal(sent.length, 0);
  await pass(17);
  assert.deepEqual(sent.map(({ ranges }) => ranges), [[[0, 4]]]);
  assert.ok(!sent[0]?.id.startsWith("draft-"));
  assert.deepEqual(await store.all(["p"]), []);
});

test("a draft of another tab that plays is nothing that waits here", async () => {
  const store = new MemoryStore();
  const { outbox, states, pass } = setUp(store);
  const play = () => store.put({ ...report(1, [[0, 4]], "other"), id: "draft-other", not_before: Date.now() + 15_000 });
  await play();
  await outbox.flushLeft();
  assert.deepEqual(states.at(-1), ["saved", 0]);
  await pass(5);
  await play();
  await pass(12);
  assert.deepEqual(states.at(-1), ["saved", 0]);
});

test("as the page goes, everything not under way is handed over", async () => {
  const { outbox, server } = setUp();
  server.answer = () => ({ kind: "later", after_s: 60 });
  outbox.add(report(1));
  await settle();
  outbox.add(report(2));
  outbox.keep(report(3));
  const handed: number[] = [];
  outbox.handOver(({ seq }) => handed.push(seq) > 0);
  assert.deepEqual(handed, [1, 2, 3]);
});

test("a store that fails costs nothing but the memory", async () => {
  const broken = new MemoryStore();
  broken.put = () => Promise.reject(new Error("no room"));
  broken.all = () => Promise.reject(new Error("no room"));
  const { outbox, sent } = setUp(broken);
  outbox.add(report(1));
  await outbox.flushLeft();
  await settle();
  assert.equal(sent.length, 1);
});

test("a report on a silent line is sent again later", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const silence = (_url: string, { signal }: { signal?: AbortSignal }) =>
    new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason as Error)));
  Object.assign(globalThis, { fetch: silence });
  const outcome = postReport(report(1));
  mock.timers.tick(30_000);
  assert.deepEqual(await outcome, { kind: "later" });
});
