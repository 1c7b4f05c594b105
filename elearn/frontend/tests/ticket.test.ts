import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { REPLACED, TicketClient, TicketRefused } from "../player/ticket.ts";
import type { TicketAnswer } from "../player/types.ts";

const ANSWER = { renew_in_s: 240, master: "/m", tracks: [], progress: null };

function setUp() {
  const clock = { ms: 1_000_000 };
  const asked: { claims: string | null }[] = [];
  const changes: (string | null)[] = [];
  const refusals: TicketRefused[] = [];
  const server = {
    answer: (count: number, _signal: AbortSignal): Response | Promise<Response> =>
      Response.json({ ...ANSWER, claims: `claims-${count}` }),
  };
  const client: TicketClient = new TicketClient({
    url: "/ticket",
    csrf: "token",
    language: "da",
    master: ANSWER.master,
    now: () => clock.ms,
    fetch: async (_url, request) => {
      assert.equal(new Headers(request?.headers).get("X-CSRFToken"), "token");
      asked.push(JSON.parse(String(request?.body)) as { claims: string | null });
      return server.answer(asked.length, request?.signal ?? new AbortController().signal);
    },
    onChange: (_next: TicketAnswer) => changes.push(client.ticket?.claims ?? null),
    onRefused: (refusal) => refusals.push(refusal),
  });
  return { clock, asked, changes, refusals, server, client };
}

test("many who ask at once share one request", async () => {
  const { client, asked } = setUp();
  const all = await Promise.all([client.fresh(), client.fresh(), client.fresh()]);
  assert.equal(asked.length, 1);
  assert.equal(new Set(all).size, 1);
});

test("a young ticket is used again, an old one renewed with its claims", async () => {
  const { client, asked, clock } = setUp();
  await client.fresh();
  clock.ms += 239_000;
  await client.fresh();
  assert.equal(asked.length, 1);
  clock.ms += 2_000;
  await client.fresh();
  assert.deepEqual(asked.map(({ claims }) => claims), [null, "claims-1"]);
});

test("whoever listens to a change still sees the old claims", async () => {
  const { client, changes, clock } = setUp();
  await client.fresh();
  clock.ms += 240_000;
  await client.fresh();
  assert.deepEqual(changes, [null, "claims-1"]);
});

test("a ticket the server did not accept is renewed, also when it is young", async () => {
  const { client, asked } = setUp();
  await client.fresh();
  client.distrust();
  await client.fresh();
  assert.equal(asked.length, 2);
});

test("a clock set back does not keep a ticket young", async () => {
  const { client, clock } = setUp();
  await client.fresh();
  clock.ms -= 86_400_000;
  assert.equal(client.isDue(), true);
});

test("a refusal is told with its sentence", async () => {
  const { client, server, refusals } = setUp();
  server.answer = () => Response.json({ error: "The seat has gone to someone else.", code: "seat_ended" }, { status: 403 });
  await assert.rejects(client.fresh(), TicketRefused);
  assert.deepEqual(refusals.map(({ code, message }) => [code, message]), [["seat_ended", "The seat has gone to someone else."]]);
});

test("a ticket for the film that replaced this one is not taken up", async () => {
  const { client, server, clock, changes, refusals } = setUp();
  await client.fresh();
  clock.ms += 240_000;
  server.answer = () => Response.json({ ...ANSWER, claims: "claims-2", master: "/another" });
  await assert.rejects(client.fresh(), TicketRefused);
  assert.deepEqual(refusals.map(({ code }) => code), [REPLACED]);
  assert.equal(client.ticket?.claims, "claims-1");
  assert.deepEqual(changes, [null]);
});

test("a film that was replaced after the page was drawn is not begun", async () => {
  const { client, server, changes, refusals } = setUp();
  server.answer = () => Response.json({ ...ANSWER, claims: "claims-1", master: "/another" });
  await assert.rejects(client.fresh(), TicketRefused);
  assert.deepEqual(refusals.map(({ code }) => code), [REPLACED]);
  assert.deepEqual([client.ticket, changes], [null, []]);
});

test("a server in trouble is no refusal, and is not asked for every segment", async () => {
  const { client, server, clock, asked, refusals } = setUp();
  await client.fresh();
  clock.ms += 300_000;
  server.answer = () => new Response("", { status: 503 });
  await client.freshOrOld();
  await client.freshOrOld();
  assert.equal(asked.length, 2);
  assert.equal(refusals.length, 0);
  clock.ms += 6_000;
  await client.freshOrOld();
  assert.equal(asked.length, 3);
});

test("a renewal on a silent line is given up: the film goes on with the ticket it has", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { client, asked, clock, server } = setUp();
  await client.fresh();
  clock.ms += 240_000;
  server.answer = (_count, signal) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
  let goesOn = false;
  const segment = client.freshOrOld().then(() => (goesOn = true));
  mock.timers.tick(14_000);
  await Promise.resolve();
  assert.equal(goesOn, false);
  mock.timers.tick(1_000);
  await segment;
  assert.equal(asked.length, 2);
  assert.equal(client.ticket?.claims, "claims-1");
  mock.timers.reset();
});

for (const status of [400, 404]) {
  test(`what is said of forms and pages is not said of a film (${status})`, async () => {
    const { client, refusals, server } = setUp();
    server.answer = () => Response.json({ code: String(status), error: "Go back and send it again." }, { status });
    await assert.rejects(client.fresh(), TicketRefused);
    assert.deepEqual(refusals.map(({ code, message }) => [code, message]), [[String(status), ""]]);
  });
}
