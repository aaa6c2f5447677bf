import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { VsixError } from "../errors/vsix-error.ts";
import { buildFlow, buildTrace } from "../paths/build-trace.ts";
import type { Sighting } from "../paths/watch-state.ts";
import type { EpeEvent } from "./epe-event.ts";
import { heartbeatMissing, type Notice } from "./notice.ts";
import { jsonBody, slackBody, slackEscape } from "./render.ts";
import { NoticeSender, type Receiver, type SenderOptions } from "./sender.ts";
import { SIGNATURE_HEADER, signBody, verifyBody } from "./sign.ts";

const SECRET = "a secret of some length";
const RECEIVER: Receiver = {
  name: "noc",
  url: "https://hooks.example/T0/hidden",
  format: "json",
  secret: SECRET,
};

const beat = (sequence: number): Notice => ({
  kind: "heartbeat",
  id: `n${sequence}`,
  at: 1_000_000,
  from: "noc",
  everyS: 60,
  sequence,
});

/** A sender whose receiver answers with these one after the other, then always 200. */
function setUp(answers: (number | Error)[], options: Partial<SenderOptions> = {}, receiver = RECEIVER) {
  const got: { url: string; init: RequestInit }[] = [];
  const logs: string[] = [];
  const pauses: number[] = [];
  const sender = new NoticeSender([receiver], {
    fetch: async (url, init) => {
      got.push({ url, init });
      const answer = answers.shift() ?? 200;
      if (answer instanceof Error) throw answer;
      return new Response(null, { status: answer });
    },
    wallMs: () => 1_000_000,
    sleep: async (ms) => void pauses.push(ms),
    random: () => 1,
    log: (...line) => void logs.push(line.join(" ")),
    ...options,
  });
  const sequences = (): number[] =>
    got.map(({ init }) => (JSON.parse(String(init.body)) as { sequence: number }).sequence);
  return { sender, got, logs, pauses, sequences };
}

test("notices arrive in order, the first tried again with growing pauses until it does", async () => {
  const failed = new TypeError("fetch of https://hooks.example/T0/hidden failed", {
    cause: Object.assign(new Error("x"), { code: "ECONNREFUSED" }),
  });
  const { sender, pauses, sequences, logs } = setUp([503, failed, 429]);
  for (const i of [1, 2, 3]) sender.send(beat(i));
  await sender.idle();
  assert.deepEqual(sequences(), [1, 1, 1, 1, 2, 3]);
  assert.deepEqual(pauses, [1000, 2000, 4000]);
  assert.deepEqual(logs.slice(0, 2), ["noc retrying http-503", "noc retrying ECONNREFUSED"]);
  assert.ok(!/hidden|secret/.test(logs.join()), "no URL or secret in a log");
});

test("what is refused, or redirected, is dropped, counted and told with the next", async () => {
  const { sender, got, logs } = setUp([404, 302]);
  for (const i of [1, 2, 3, 4]) sender.send(beat(i));
  await sender.idle();
  const bodies = got.map(({ init }) => JSON.parse(String(init.body)) as { droppedBefore: number });
  assert.deepEqual(
    bodies.map(({ droppedBefore }) => droppedBefore),
    [0, 1, 2, 0],
  );
  assert.deepEqual(logs.slice(0, 2), ["noc dropped http-404", "noc dropped http-302"]);
  assert.deepEqual(sender.figures(), [{ name: "noc", waiting: 0, dropped: 2 }]);
  assert.ok(got.every(({ init }) => init.redirect === "manual"));
});

test("a full queue drops the oldest that waits, never the order, and ends when it is disposed of", async () => {
  const { sender, sequences } = setUp([]);
  for (let i = 1; i <= 510; i++) sender.send(beat(i));
  assert.deepEqual(sender.figures(), [{ name: "noc", waiting: 500, dropped: 10 }]);
  await sender.idle();
  assert.deepEqual(sequences().slice(0, 2), [1, 12]);
  await sender[Symbol.asyncDispose]();
  sender.send(beat(9));
  assert.equal(sender.figures()[0]?.waiting, 0);
});

test("tests never push out what people must hear", async () => {
  const { sender, got } = setUp([]);
  const asked = (id: string): Notice => ({ kind: "test", id, at: 1_000_000, from: "noc", by: "somebody" });
  for (let i = 1; i <= 499; i++) sender.send(beat(i));
  for (let i = 1; i <= 20; i++) sender.send(asked(`t${i}`));
  sender.send(beat(500));
  await sender.idle();
  const ids = got.map(({ init }) => (JSON.parse(String(init.body)) as { id: string }).id);
  assert.deepEqual(
    ids,
    Array.from({ length: 500 }, (_, i) => `n${i + 1}`),
  );
  assert.equal(sender.figures()[0]?.dropped, 20);
});

test("what is a day old is dropped unsent, and the next is sent", async () => {
  const { sender, sequences } = setUp([], { wallMs: () => 1_000_000 + 25 * 3_600_000 });
  sender.send(beat(1));
  await sender.idle();
  sender.send({ ...beat(2), at: 1_000_000 + 25 * 3_600_000 });
  await sender.idle();
  assert.deepEqual(sequences(), [2]);
});

test("each try carries a signature that the receiver can check", async () => {
  const { sender, got } = setUp([503]);
  sender.send(beat(1));
  await sender.idle();
  for (const { init } of got) {
    const header = new Headers(init.headers).get(SIGNATURE_HEADER) ?? "";
    assert.equal(verifyBody(String(init.body), header, ["another", SECRET], 1000), "good");
  }
});

test("only HTTPS, without a password in the URL, and signed where that is meant", () => {
  for (const bad of [
    { url: "http://hooks.example/hidden" },
    { url: "https://a:hidden@hooks.example/" },
    { url: "file:///hidden" },
    { url: "hidden" },
    { secret: "short" },
  ]) {
    assert.throws(
      () => setUp([], {}, { ...RECEIVER, ...bad }),
      (error) =>
        error instanceof VsixError && error.code === "bad-receiver" && !/hidden|short$/.test(error.message),
    );
  }
  setUp([], { allowLoopbackHttp: true }, { ...RECEIVER, url: "http://[::1]:8080/" });
});

test("a signature is the HMAC of time and body, and of nothing else", () => {
  const header = signBody("{}", SECRET, 1000.7);
  assert.equal(header, `t=1000,v1=${createHmac("sha256", SECRET).update("1000.{}").digest("hex")}`);
  assert.equal(verifyBody("{}", header, [SECRET], 1300), "good");
  assert.equal(verifyBody("{}", header, [SECRET], 1301), "too-old-or-new");
  assert.equal(verifyBody("{} ", header, [SECRET], 1000), "wrong");
  assert.equal(verifyBody("{}", header.replace("t=1000", "t=1001"), [SECRET], 1000), "wrong");
  fc.assert(
    fc.property(fc.string(), (text) => assert.equal(verifyBody("{}", text, [SECRET], 1000), "malformed")),
  );
});

test("three heartbeats missed are an alarm", () => {
  assert.equal(heartbeatMissing(60, 0, 180_000), false);
  assert.equal(heartbeatMissing(60, 0, 180_001), true);
});

test("no text becomes a mention, a link, formatting or a new line", () => {
  for (const hostile of [
    "<!channel>",
    "@here",
    "<https://x|y>",
    "[a](http://x)",
    "`*b*`",
    "a\nb",
    "\u202eabc",
  ]) {
    const text = slackEscape(hostile);
    assert.doesNotMatch(text, /[<>`\n\u202e]|@\w|\]\(|:\/\/|\*\w|_\w/, text);
  }
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 2000 }), (hostile) => {
      assert.doesNotMatch(slackEscape(hostile), /[<>`\p{Cc}]|@\w/u);
    }),
  );
});

test("a change is told with plane, likely cause and the traces before and after", () => {
  const look = (kind: Sighting["kind"], plane: string, hop: string): Sighting => ({
    kind,
    level: "alarm",
    words: `${kind} <!here>`,
    planes: [plane],
    nodes: [],
    startedAt: 0,
    endedAt: 1,
    trace: buildTrace([buildFlow(0, [hop, undefined]), buildFlow(1, [hop, undefined])]),
  });
  const notice: Notice = {
    kind: "path",
    id: "1",
    at: 5,
    event: {
      type: "changed",
      level: "alarm",
      source: "edge-1",
      target: "far",
      targetAddress: "2001:db8::1",
      at: 5,
      before: look("as-expected", "blue", "2001:db8:b::1"),
      after: look("plane-changed", "green", "2001:db8:c::1"),
      likely: { at: 1, who: "a", what: "steer", concerns: [], words: "likely caused by: steer by alice" },
    },
  };
  const { text } = JSON.parse(slackBody(notice, 3)) as { text: string };
  assert.match(text, /^\*alarm\* edge-1 to far: plane-changed &lt;!\u200bhere&gt;$/m);
  assert.match(text, /^plane: blue -> green$/m);
  assert.match(text, /likely caused by: steer by alice/);
  assert.match(text, /before:\n```\nflows 0 1\n1 {2}2001:db8:b::1\n2 {2}\*\n/);
  assert.match(text, /3 notices before this one were dropped/);
  assert.equal((JSON.parse(jsonBody(notice, 0)) as typeof notice).event.after.planes[0], "green");
});

test("a turn of a rollout is told with planes, step, who moved and why, and nothing in it is obeyed", () => {
  const event = {
    type: "going-back",
    level: "alarm",
    rollout: 3,
    from: "blue",
    to: "green",
    step: 2,
    steps: 3,
    edges: 20,
    movedBefore: 10,
    moved: 0,
    who: "controller",
    words: "the judge says no: loss of <!here> `far`",
    at: 5,
  } as const;
  const notice: Notice = { kind: "rollout", id: "rollout-3-9-5", at: 5, event };
  const { text } = JSON.parse(slackBody(notice, 0)) as { text: string };
  assert.deepEqual(text.split("\n"), [
    "*alarm* rollout 3, blue to green, goes back",
    "the judge says no: loss of &lt;!\u200bhere&gt; 'far'",
    "step 2 of 3; 0, before 10, of 20 Edges on green; by controller",
  ]);
  assert.deepEqual(JSON.parse(jsonBody(notice, 2)), { version: 1, droppedBefore: 2, ...notice });
});

test("over a real socket a redirect is not followed", async () => {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? "");
    response.writeHead(request.url === "/first" ? 302 : 200, { location: "/second" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const receiver = { ...RECEIVER, url: `http://127.0.0.1:${port}/first` };
  const { sender, logs } = setUp([], { fetch, allowLoopbackHttp: true }, receiver);
  sender.send(beat(1));
  await sender.idle();
  server.close();
  assert.deepEqual(paths, ["/first"]);
  assert.deepEqual(logs, ["noc dropped http-302"]);
});

test("of egress peers a chat is told what happened, where, and how much more there is, and obeys none of it", () => {
  const lines = [{ prefix: "3fff::/32", node: "blue", words: "longer AS path: <!channel> *over* 5 AS" }];
  const event: EpeEvent = { type: "bad-path", level: "warning", count: 12, lines, held: 3, at: 0 };
  const notice: Notice = { kind: "epe", id: "n", at: 0, event };
  const { text } = JSON.parse(slackBody(notice, 0)) as { text: string };
  assert.deepEqual(text.replaceAll("\u200b", "").split("\n"), [
    "*warning* egress peers: 12 paths of BGP's choice are worse than another peer's",
    "3fff::/32 at blue: longer AS path: &lt;!channel&gt; *over* 5 AS",
    "and 11 more: vsixctl epe history",
    "3 that come and go too often are not told each time",
  ]);
  assert.match(text, /\*\u200bover\*\u200b/);
});
