import assert from "node:assert/strict";
import { test } from "node:test";
import { buildFlow, buildTrace } from "../paths/build-trace.ts";
import type { PathEvent } from "../paths/watch-state.ts";
import type { Notice } from "./notice.ts";
import { MAX_KEPT, Notifier, type NotifierOptions } from "./notifier.ts";
import type { ConfiguredReceiver } from "./receivers-file.ts";

const EVENT: PathEvent = {
  type: "changed",
  level: "alarm",
  source: "edge-1",
  target: "far",
  targetAddress: "2001:db8::1",
  at: 1000,
  after: {
    kind: "path-changed",
    level: "alarm",
    words: "on a path that is not allowed",
    planes: [],
    nodes: [],
    startedAt: 0,
    endedAt: 1,
    trace: buildTrace([buildFlow(0, ["2001:db8:2::1"])]),
  },
};

const receiver = (name: string, more: Partial<ConfiguredReceiver> = {}): ConfiguredReceiver => ({
  name,
  url: `https://${name}.example/`,
  format: "json",
  secret: "a secret of some length",
  allowLoopbackHttp: false,
  ...more,
});

interface Post {
  readonly host: string;
  readonly body: Notice;
}

/** A world in which `answer` says how a host answers and time passes only when `pass` says so. */
function world(answer: (host: string) => number = () => 200) {
  const posts: Post[] = [];
  const sleepers: { at: number; wake: () => void }[] = [];
  let now = 1000;
  let ids = 0;
  const options: NotifierOptions = {
    from: "noc-1",
    newId: () => `id-${++ids}`,
    fetch: async (url, init) => {
      const host = new URL(url).hostname.split(".")[0] ?? "";
      posts.push({ host, body: JSON.parse(String(init.body)) as Notice });
      return new Response(null, { status: answer(host) });
    },
    wallMs: () => now,
    sleep: (ms, signal) =>
      new Promise((wake) => {
        sleepers.push({ at: now + ms, wake });
        signal.addEventListener("abort", () => wake());
        if (signal.aborted) wake();
      }),
    random: () => 1,
    log: () => {},
  };
  const settle = async (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));
  const pass = async (ms: number): Promise<void> => {
    now += ms;
    for (const { wake } of sleepers.filter(({ at }) => at <= now)) wake();
    await settle();
  };
  return { posts, options, pass, settle };
}

test("every receiver is told of a path, and of a test by whom", async () => {
  const { posts, options } = world();
  await using notifier = new Notifier(options);
  await notifier.use([receiver("a"), receiver("b")]);
  notifier.send(notifier.noticeOf(EVENT));
  notifier.test("alice");
  await notifier.idle();
  const told = posts.map(({ host, body }) => `${host} ${body.kind}`).sort();
  assert.deepEqual(told, ["a path", "a test", "b path", "b test"]);
  const proof = posts.find(({ body }) => body.kind === "test")?.body;
  assert.ok(proof?.kind === "test" && proof.by === "alice" && proof.from === "noc-1");
});

test("a test may be for one receiver alone, and is known by its id", async () => {
  const { posts, options } = world();
  await using notifier = new Notifier(options);
  await notifier.use([receiver("a"), receiver("b")]);
  const id = notifier.test("alice", "b");
  await notifier.idle();
  assert.deepEqual(
    posts.map(({ host, body }) => [host, body.id]),
    [["b", id]],
  );
});

test("heartbeats go to each receiver at its own pace, counted", async () => {
  const { posts, options, pass, settle } = world();
  const receivers = [
    receiver("a", { heartbeatMs: 60_000 }),
    receiver("b", { heartbeatMs: 120_000 }),
    receiver("c"),
  ];
  await using notifier = new Notifier(options);
  await notifier.use(receivers);
  await settle();
  for (let i = 0; i < 4; i++) await pass(60_000);
  const beats = (host: string): readonly unknown[] =>
    posts
      .filter((post) => post.host === host)
      .map(({ body }) => body.kind === "heartbeat" && [body.sequence, body.everyS]);
  assert.deepEqual(beats("a"), [
    [1, 60],
    [2, 60],
    [3, 60],
    [4, 60],
    [5, 60],
  ]);
  assert.deepEqual(beats("b"), [
    [1, 120],
    [2, 120],
    [3, 120],
  ]);
  assert.deepEqual(beats("c"), []);
});

test("what has not arrived is kept with its id for the next one, and told once", async () => {
  const away = world((host) => (host === "a" ? 503 : 200));
  const done: string[] = [];
  const first = new Notifier({ ...away.options, onDone: (name) => done.push(name) });
  await first.use([receiver("a"), receiver("b")]);
  first.send(first.noticeOf(EVENT));
  await away.settle();
  const waiting = first.waiting();
  assert.deepEqual(Object.keys(waiting), ["a"]);
  assert.deepEqual(done, ["b"]);
  await first[Symbol.asyncDispose]();

  const back = world();
  const kept = JSON.parse(JSON.stringify(waiting)) as typeof waiting;
  await using next = new Notifier(back.options);
  await next.use([receiver("a"), receiver("b")], kept);
  await next.idle();
  assert.deepEqual(
    back.posts.map(({ host, body }) => [host, body.id]),
    [["a", waiting["a"]?.[0]?.id]],
  );
  assert.deepEqual(next.waiting(), {});
});

test("what is kept has a bound: the newest", async () => {
  const { options, settle } = world(() => 503);
  await using notifier = new Notifier(options);
  await notifier.use([receiver("a")]);
  for (let i = 0; i < MAX_KEPT + 5; i++) notifier.send(notifier.noticeOf({ ...EVENT, at: 1000 + i }));
  await settle();
  const kept = notifier.waiting()["a"] ?? [];
  assert.deepEqual([kept.length, kept.at(-1)?.at], [MAX_KEPT, 1000 + MAX_KEPT + 4]);
});

test("receivers read anew: one that is as before keeps what waits, one that is gone hears nothing more", async () => {
  let status = 503;
  const { posts, options, pass, settle } = world(() => status);
  await using notifier = new Notifier(options);
  await notifier.use([receiver("a"), receiver("b")]);
  notifier.send(notifier.noticeOf(EVENT));
  await settle();
  await notifier.use([receiver("c"), receiver("a")]);
  status = 200;
  posts.length = 0;
  notifier.send(notifier.noticeOf({ ...EVENT, at: 2000 }));
  await pass(10_000);
  await notifier.idle();
  const told = posts.map(({ host, body }) => `${host} ${body.at}`).sort();
  assert.deepEqual(told, ["a 1000", "a 2000", "c 2000"]);
});
