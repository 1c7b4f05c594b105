import assert from "node:assert/strict";
import { test } from "node:test";
import { encoded, Refused, TusUpload, type Answer, type Asked } from "../upload/tus.ts";

/** A server in memory that keeps what arrives, and does what a test wants of the next requests. */
class Server {
  bytes: Uint8Array[] = [];
  asked: string[] = [];
  next: (((asked: Asked) => Answer | Promise<Answer> | null) | null)[] = [];

  get arrived(): number {
    return this.bytes.reduce((sum, each) => sum + each.length, 0);
  }

  send = async (asked: Asked): Promise<Answer> => {
    this.asked.push(asked.method);
    const odd = this.next.shift()?.(asked);
    if (odd) return odd;
    if (asked.method === "POST") return answer(201, { Location: "/uploads/1" });
    if (asked.method === "HEAD") return answer(200, { "Upload-Offset": String(this.arrived) });
    return this.take(asked, asked.body?.size ?? 0);
  };

  async take(asked: Asked, most: number): Promise<Answer> {
    if (Number(asked.headers["Upload-Offset"]) !== this.arrived) return answer(409, {});
    const body = new Uint8Array((await asked.body?.arrayBuffer()) ?? new ArrayBuffer(0)).slice(0, most);
    this.bytes.push(body);
    if (asked.body && most < asked.body.size) throw new TypeError("the line is gone");
    return answer(204, { "Upload-Offset": String(this.arrived) });
  }
}

function answer(status: number, headers: Record<string, string>, body = ""): Answer {
  return { status, body, header: (name) => headers[name] ?? null };
}

function upload(server: Server, size = 1000, begun: string | null = null, freshCsrf = async () => "token") {
  const waited: number[] = [];
  const said: string[] = [];
  const seen: number[] = [];
  const file = new Blob([new Uint8Array(size).map((_, index) => index % 251)]);
  const sent = new TusUpload({
    file,
    endpoint: "/uploads",
    metadata: { film: "a", language: "da", filename: "å.mp4" },
    begun,
    csrf: "token",
    freshCsrf,
    send: server.send,
    wait: async (ms) => void waited.push(ms),
    onBegun: (url) => said.push(`begun ${url}`),
    onProgress: (arrived) => seen.push(arrived),
    onWaiting: (sentence) => said.push(`waiting ${sentence}`),
  });
  return { sent, waited, said, seen, file };
}

test("a film is begun and sent", async () => {
  const server = new Server();
  const { sent, said, seen } = upload(server);

  assert.equal(await sent.run(), true);

  assert.deepEqual(server.asked, ["POST", "PATCH"]);
  assert.deepEqual(said, ["begun /uploads/1"]);
  assert.equal(server.arrived, 1000);
  assert.equal(seen.at(-1), 1000);
});

test("a line that is cut loses nothing: it asks how much is there and goes on from that", async () => {
  const server = new Server();
  server.next = [null, (asked) => server.take(asked, 300), null, (asked) => server.take(asked, 100)];
  const { sent, said, waited, file } = upload(server);

  assert.equal(await sent.run(), true);

  assert.deepEqual(server.asked, ["POST", "PATCH", "HEAD", "PATCH", "HEAD", "PATCH"]);
  assert.deepEqual(said, ["begun /uploads/1", "waiting ", "waiting "]);
  assert.deepEqual(waited, [1000, 1000]);
  const all = await new Blob(server.bytes as BlobPart[]).arrayBuffer();
  assert.deepEqual(all, await file.arrayBuffer());
});

test("it waits longer each time, and never longer than a while", async () => {
  const server = new Server();
  const away = () => Promise.reject(new TypeError("away"));
  server.next = [null, ...Array.from({ length: 7 }, () => away)];
  const { sent, waited } = upload(server);

  assert.equal(await sent.run(), true);

  assert.deepEqual(waited, [1000, 2000, 4000, 8000, 15000, 15000, 15000]);
});

test("what was begun before goes on where it stopped", async () => {
  const server = new Server();
  server.bytes = [new Uint8Array(400)];
  const { sent, said } = upload(server, 1000, "/uploads/1");

  assert.equal(await sent.run(), true);

  assert.deepEqual(server.asked, ["HEAD", "PATCH"]);
  assert.deepEqual(said, []);
  assert.equal(server.arrived, 1000);
});

test("a pause stops the sending and keeps what is there", async () => {
  const server = new Server();
  const { sent } = upload(server);
  server.next = [
    null,
    (asked) => {
      sent.pause();
      return Promise.reject(asked.signal.reason as Error);
    },
  ];

  assert.equal(await sent.run(), false);
  assert.equal(await sent.run(), true);
  assert.deepEqual(server.asked, ["POST", "PATCH", "HEAD", "PATCH"]);
});

test("a refusal ends it with the server's sentence", async () => {
  const server = new Server();
  server.next = [() => answer(422, {}, '{"error": "This film is being packaged."}')];
  const { sent } = upload(server);

  await assert.rejects(sent.run(), (error: Refused) => error.status === 422 && error.message === "This film is being packaged.");
});

test("who was signed out and has signed in again goes on, with the token of the new session", async () => {
  const server = new Server();
  const voids = (asked: Asked) => (asked.headers["X-CSRFToken"] === "new" ? null : answer(400, {}));
  server.next = [null, voids, voids, voids];
  let isSignedIn = false;
  const { sent } = upload(server, 1000, null, async () => {
    if (!isSignedIn) throw new Refused(401, "");
    return "new";
  });

  await assert.rejects(sent.run(), (error: Refused) => error.status === 401);
  isSignedIn = true;
  assert.equal(await sent.run(), true);
  assert.equal(server.arrived, 1000);
});

test("each time the session has changed another token is asked for, as long as the film gets on", async () => {
  const server = new Server();
  let tokens = 0;
  const isVoid = () => answer(400, {});
  server.next = [null, isVoid, null, (asked) => server.take(asked, 300), null, isVoid];
  const { sent } = upload(server, 1000, null, async () => `token ${(tokens += 1)}`);

  assert.equal(await sent.run(), true);
  assert.equal(tokens, 2);
  assert.equal(server.arrived, 1000);
});

test("a server that is busy is asked again, and what it says is shown", async () => {
  const server = new Server();
  server.next = [null, () => answer(503, {}, '{"error": "The disk is nearly full."}'), null, () => answer(423, {}, "<html>")];
  const { sent, said } = upload(server);

  assert.equal(await sent.run(), true);
  assert.deepEqual(said.slice(1), ["waiting The disk is nearly full.", "waiting "]);
});

test("names are told in UTF-8", () => {
  assert.equal(encoded({ film: "a", filename: "å.mp4" }), "film YQ==,filename w6UubXA0");
});
