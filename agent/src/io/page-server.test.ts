import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, test } from "node:test";
import type { HomeView } from "../core/home-page/facts.ts";
import { PageServer } from "./page-server.ts";

const VIEW: HomeView = { absent: "enrolling", health: undefined };
const NAME = "home-1.local";
let looks = 0;
const server = await PageServer.listen({
  at: { host: "::1", port: 0 },
  names: [NAME],
  look: async () => {
    looks++;
    return VIEW;
  },
  now: () => 0,
});
after(() => server[Symbol.asyncDispose]());
const at = { host: "::1", port: server.port ?? 0 };

/** Everything that comes back for these octets, until the far end closes. */
async function answerTo(octets: string | Uint8Array): Promise<string> {
  const socket = connect(at);
  let said = "";
  socket
    .on("error", () => undefined)
    .on("data", (chunk) => {
      said += String(chunk);
    });
  socket.write(octets);
  await once(socket, "close");
  return said;
}

const get = (target: string, ...more: readonly string[]): string =>
  [`GET ${target} HTTP/1.1`, `Host: ${NAME}`, ...more, "", ""].join("\r\n");

test("the page comes in the language that is asked for, under a policy that lets nothing else in", async () => {
  const english = await answerTo(get("/"));
  assert.match(english, /^HTTP\/1\.1 200 /);
  assert.match(
    english,
    /\r\ncontent-security-policy: default-src 'none'; style-src 'self'; [^\r]*frame-ancestors 'none'\r\n/i,
  );
  assert.match(english, /\r\ncontent-type: text\/html; charset=utf-8\r\n/i);
  assert.match(english, /<html lang="en">/);
  assert.match(await answerTo(get("/", "Accept-Language: ja-JP,ja;q=0.9")), /<html lang="ja">/);
  assert.match(await answerTo(get("/?lang=ja", "Accept-Language: en")), /<html lang="ja">/);
  assert.match(await answerTo(get("/style.css")), /content-type: text\/css/i);
  assert.deepEqual(JSON.parse((await answerTo(get("/status.json"))).split("\r\n\r\n")[1] ?? ""), {
    absent: "enrolling",
  });
});

test("a page elsewhere whose name leads here is told nothing, and nothing can be changed", async () => {
  const rebound = await answerTo(get("/status.json").replace(NAME, "evil.example"));
  assert.match(rebound, /^HTTP\/1\.1 421 /);
  assert.doesNotMatch(rebound, /enrolling/);
  assert.match(await answerTo("GET / HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 421 /);
  assert.match(await answerTo(get("/").replace("GET", "POST")), /^HTTP\/1\.1 405 .*\r\n/);
  assert.match(await answerTo(get("/etc/passwd")), /^HTTP\/1\.1 404 /);
  const head = await answerTo(get("/").replace("GET", "HEAD"));
  assert.match(head, /^HTTP\/1\.1 200 .*\r\n/);
  assert.equal(head.split("\r\n\r\n")[1], "");
});

test("however often it is asked, the agent is asked once a second at most", async () => {
  const [before, beganMs] = [looks, performance.now()];
  await Promise.all(Array.from({ length: 20 }, () => answerTo(get("/"))));
  assert.ok(looks - before <= 1 + (performance.now() - beganMs) / 1000, `${looks - before}`);
});

test("spoiled requests are refused or answered, and the page stays", async () => {
  const whole = Buffer.from(get("/", "Accept-Language: ja", "Cookie: a=b", "Transfer-Encoding: chunked"));
  let seed = 1;
  const random = (below: number): number => {
    // Numerical Recipes' generator: the same cases each time.
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed % below;
  };
  for (let round = 0; round < 20; round++)
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const octets = Buffer.from(whole.subarray(0, 1 + random(whole.length)));
        for (let i = random(8); i > 0; i--) octets[random(octets.length)] = random(256);
        const socket = connect(at).on("error", () => undefined);
        socket.resume().end(octets);
        await once(socket, "close");
      }),
    );
  assert.match(await answerTo(`${get("/", `X: ${"x".repeat(20_000)}`)}`), /^(HTTP\/1\.1 (400|431) |$)/);
  assert.match(await answerTo(get("/")), /^HTTP\/1\.1 200 /);
});

test("who says nothing is sent away, and who takes all places cannot keep them", async () => {
  const silent = Array.from({ length: 60 }, () =>
    connect(at)
      .on("error", () => undefined)
      .resume(),
  );
  await Promise.all(silent.map((socket) => once(socket, "close")));
  assert.match(await answerTo(get("/")), /^HTTP\/1\.1 200 /);
});
