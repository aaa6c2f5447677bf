import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Type } from "@sinclair/typebox";
import Fastify, { type FastifyInstance } from "fastify";
import { systemClock } from "../clock.ts";
import { ANYBODY } from "./principal.ts";
import { sharedAnswer } from "./shared-answer.ts";

const KEEP_MS = 200;
const SECRET = "not in the schema";

let server: FastifyInstance;
let nowMs = 0;
let decided: unknown;
let told = 0;
let made = 0;

before(async () => {
  server = Fastify() as unknown as FastifyInstance;
  server.decorateRequest("principal", null);
  server.addHook("onRequest", async (request) => {
    if (request.headers["x-nobody"] === undefined) request.principal = ANYBODY;
  });
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  const response = { 200: Type.Object({ told: Type.Integer(), text: Type.String() }) };
  const options = {
    clock,
    value: () => {
      made++;
      return { told, text: "a text that is worth to be compressed ".repeat(100), secret: SECRET };
    },
    dependsOn: () => [decided],
  };
  server.get("/shared", { schema: { response } }, sharedAnswer({ ...options, keepMs: KEEP_MS }));
  server.get("/exact", { schema: { response } }, sharedAnswer({ ...options, keepMs: 0 }));
  await server.ready();
});

after(() => server.close());

beforeEach(() => {
  // Later than everything that is kept.
  nowMs += 10 * KEEP_MS;
  made = 0;
});

async function ask(url: string, headers: Readonly<Record<string, string>> = {}) {
  return server.inject({ url, headers });
}

async function toldBy(url: string): Promise<number> {
  return (await ask(url)).json<{ told: number }>().told;
}

test("many who ask within a moment get one answer, and then a new one", async () => {
  told = 1;
  assert.deepEqual(await Promise.all(Array.from({ length: 20 }, () => toldBy("/shared"))), Array(20).fill(1));
  assert.equal(made, 1);
  told = 2;
  nowMs += KEEP_MS - 1;
  assert.equal(await toldBy("/shared"), 1);
  nowMs += 1;
  assert.equal(await toldBy("/shared"), 2);
  assert.equal(made, 2);
});

test("what was decided shows at once, however new the answer is", async () => {
  told = 3;
  await toldBy("/shared");
  told = 4;
  decided = {};
  assert.equal(await toldBy("/shared"), 4);
  told = 5;
  assert.equal(await toldBy("/shared"), 4, "and the new one is kept in its turn");
  decided = Number.NaN;
  assert.equal(await toldBy("/shared"), 5);
  await toldBy("/shared");
  assert.equal(made, 3);
});

test("where nothing may be old every asker has it made anew", async () => {
  told = 6;
  assert.equal(await toldBy("/exact"), 6);
  told = 7;
  assert.equal(await toldBy("/exact"), 7);
});

test("octets are those of the declared schema, plain or compressed as the asker takes them", async () => {
  const plain = await ask("/shared");
  assert.equal(plain.headers["content-encoding"], undefined);
  assert.match(String(plain.headers["content-type"]), /^application\/json/);
  assert.ok(!plain.body.includes(SECRET), "what the schema does not declare is not told");
  const ways = [
    ["br", brotliDecompressSync],
    ["gzip", gunzipSync],
  ] as const;
  for (const [encoding, open] of ways) {
    const answer = await ask("/shared", { "accept-encoding": `deflate, ${encoding}` });
    assert.equal(answer.headers["content-encoding"], encoding);
    assert.equal(answer.headers.vary, "accept-encoding");
    assert.ok(answer.rawPayload.length < plain.rawPayload.length / 10);
    assert.equal(open(answer.rawPayload).toString(), plain.body);
  }
  const unwilling = await ask("/shared", { "accept-encoding": "br;q=0, gzip;q=0, identity" });
  assert.equal(unwilling.body, plain.body);
  assert.equal(made, 1);
});

test("who was not authenticated gets nothing, also of what is kept", async () => {
  await toldBy("/shared");
  assert.equal((await ask("/shared", { "x-nobody": "1" })).statusCode, 500);
  assert.equal((await ask("/shared", { "x-nobody": "1", "accept-encoding": "br" })).statusCode, 500);
});

test("a value that cannot be made is a failure of that asker's, and nothing is kept of it", async () => {
  let isBroken = true;
  const failing = Fastify() as unknown as FastifyInstance;
  failing.decorateRequest("principal", null);
  failing.addHook("onRequest", async (request) => {
    request.principal = ANYBODY;
  });
  const value = (): object => {
    if (isBroken) throw new Error("not now");
    return { fine: true };
  };
  const clock = { ...systemClock, monotonicMs: () => nowMs };
  failing.get("/", sharedAnswer({ clock, value, dependsOn: () => [], keepMs: KEEP_MS }));
  assert.equal((await failing.inject("/")).statusCode, 500);
  isBroken = false;
  assert.deepEqual((await failing.inject("/")).json(), { fine: true });
  await failing.close();
});
