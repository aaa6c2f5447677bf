import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { buildNative, NativeBuildError } from "../../agent/native/build.ts";
import { META_PER_SLOT, native, SLOT_DATA_OFFSET } from "../../agent/native/load.ts";

const AF_NETLINK = 16;
const SLOT = SLOT_DATA_OFFSET + 32 * 1024;
/** RTM_GETLINK, a dump: 20 octets that always have an answer. */
const GETLINK = new Uint8Array([20, 0, 0, 0, 18, 0, 1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const open = () => new (native().Socket)(AF_NETLINK, 3, 0);

test("an addon newer than its source is not compiled again", () => {
  buildNative();
  assert.equal(buildNative(), false);
});

test("a missing compiler is named, with what to install", () => {
  const absent = join(tmpdir(), `vsix-native-${process.pid}.node`);
  assert.throws(
    () => buildNative({ output: absent, compiler: "/nowhere/cc" }),
    (error) => error instanceof NativeBuildError && /\/nowhere\/cc.*apt-get install gcc/.test(error.message),
  );
  assert.equal(existsSync(absent), false);
});

test("wrong arguments, a wrong receiver and a closed socket are errors, not crashes", () => {
  const { Socket } = native();
  assert.throws(() => new Socket(9999, 3, 0), { code: "EAFNOSUPPORT" });
  assert.throws(() => Reflect.apply(Socket, undefined, [16, 3, 0]), TypeError);
  const socket = open();
  for (const wrong of [undefined, null, 1, "x", {}, new Float64Array(2), new ArrayBuffer(8)]) {
    assert.throws(() => Reflect.apply(socket.send, socket, [wrong]), TypeError);
    assert.throws(() => Reflect.apply(socket.bind, socket, [wrong]), TypeError);
    assert.throws(() => Reflect.apply(socket.filter, socket, [wrong]), TypeError);
    assert.throws(() => Reflect.apply(socket.poll, socket, [wrong]), TypeError);
    assert.throws(() => Reflect.apply(socket.recv, socket, [wrong, SLOT, new Int32Array(4)]), TypeError);
  }
  // A program that is no whole number of instructions, too long, none, and one that never returns.
  for (const program of [new Uint8Array(7), new Uint8Array(8 * 4097), new Uint8Array(0), new Uint8Array(16)])
    assert.equal(socket.filter(program), -22);
  assert.equal(socket.filter(new Uint8Array([6, 0, 0, 0, 255, 255, 255, 255])), 0);
  for (const receiver of [{}, null, new Map(), Socket.prototype])
    assert.throws(() => Reflect.apply(socket.close, receiver, []), TypeError);
  const buffer = new Uint8Array(SLOT);
  const meta = new Int32Array(META_PER_SLOT);
  for (const slot of [0, -1, SLOT_DATA_OFFSET, SLOT + 1]) assert.equal(socket.recv(buffer, slot, meta), -22);
  assert.equal(socket.recv(buffer, SLOT, new Int32Array(3)), -22);
  const detached = new Uint8Array(SLOT);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  assert.equal(socket.recv(detached, SLOT, meta), -22);
  assert.equal(socket.recv(buffer, SLOT, meta), -11);
  socket.close();
  socket.close();
  assert.deepEqual(
    [
      socket.send(GETLINK),
      socket.recv(buffer, SLOT, meta),
      socket.poll(() => undefined),
      socket.filter(new Uint8Array([6, 0, 0, 0, 0, 0, 0, 0])),
    ],
    [-9, -9, -9, -9],
  );
});

test("the clock of packet stamps is the wall clock, in nanoseconds", () => {
  const [before, now, after] = [Date.now(), native().realtimeNs(), Date.now()];
  assert.ok(now >= BigInt(before) * 1_000_000n && now < BigInt(after + 1) * 1_000_000n);
});

test("pages that were let go of come back as they were when they are used", () => {
  const fileKb = (): number => {
    const rollup = readFileSync("/proc/self/smaps_rollup", "utf8");
    const kb = (field: string): number => Number(new RegExp(`^${field}: +(\\d+) kB$`, "m").exec(rollup)?.[1]);
    return kb("Rss") - kb("Anonymous");
  };
  const work = (): string => JSON.stringify([...new Intl.Segmenter("en").segment("état")]) + Math.cosh(1.5);
  const [said, before] = [work(), fileKb()];
  assert.ok(native().releasePages() > 1 << 20);
  assert.ok(fileKb() < before);
  assert.equal(work(), said);
});

test("memory in large pages is zeros from a large page on, and what is no size is refused", () => {
  const memory = native().largePages(3 << 20);
  assert.ok(memory instanceof ArrayBuffer);
  assert.equal(memory.byteLength, 4 << 20);
  const octets = new Uint8Array(memory);
  assert.equal(octets.indexOf(1), -1);
  octets.fill(1);
  assert.equal(octets.indexOf(0), -1);
  assert.deepEqual(
    [native().largePages(0), native().largePages(-1), native().largePages(0x7fff_ffff)],
    [-22, -22, -22],
  );
});

test("closing inside the callback ends the callbacks, and an open poll can be set once", async () => {
  const socket = open();
  let calls = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  assert.equal(
    socket.poll((status) => {
      assert.equal(status, 0);
      calls++;
      socket.close(); // with data unread
      setImmediate(resolve);
    }),
    0,
  );
  assert.equal(
    socket.poll(() => undefined),
    -114,
  );
  assert.equal(socket.send(GETLINK), GETLINK.length);
  await promise;
  await new Promise((done) => setTimeout(done, 20));
  assert.equal(calls, 1);
});

test("posts are sent in order by the socket's own thread, and no more than it holds are taken", async () => {
  const socket = open();
  assert.equal(socket.post(GETLINK), -22); // not polled: nobody could be told
  let done = () => undefined as unknown;
  socket.poll(() => done());
  assert.equal(socket.post(new Uint8Array(0)), -22);
  assert.throws(() => Reflect.apply(socket.post, socket, ["x"]), TypeError);
  const acknowledged = (sequence: number) => {
    const bytes = new Uint8Array(16); // NLMSG_NOOP that asks for an acknowledgement
    new DataView(bytes.buffer).setUint32(0, 16, true);
    bytes.set([1, 0, 5, 0, sequence], 4);
    return bytes;
  };
  const taken: number[] = [];
  const answered: number[] = [];
  const buffer = new Uint8Array(SLOT * 8);
  const meta = new Int32Array(META_PER_SLOT * 8);
  for (let next = 1; answered.length < 100; ) {
    while (next <= 100) {
      const message = acknowledged(next);
      const result = socket.post(message);
      message.fill(0xff); // it was copied
      assert.ok(result === 0 || result === -11, `${result}`);
      if (result !== 0) break;
      taken.push(next++);
    }
    const read = socket.recv(buffer, SLOT, meta);
    for (let i = 0; i < read; i++) answered.push(buffer[i * SLOT + SLOT_DATA_OFFSET + 8] ?? 0);
    if (read < 0 && answered.length < 100)
      await new Promise<void>((resolve) => {
        done = resolve as () => unknown;
      });
  }
  assert.deepEqual(answered, taken);
  assert.equal(socket.sent(), 0);
  socket.close();
  assert.deepEqual([socket.post(GETLINK), socket.sent()], [-9, 0]);
});

test("a post that fails calls back, is told once, and takes those behind it with it", async () => {
  const socket = open();
  assert.equal(socket.setsockopt(1, 7, 4096), 0); // SO_SNDBUF
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.poll(() => resolve());
  assert.equal(socket.post(new Uint8Array(1 << 20)), 0);
  for (let i = 0; i < 4; i++) socket.post(new Uint8Array(1 << 20));
  await promise;
  let told = 0;
  for (let i = 0; i < 1000 && told === 0; i++) {
    const sent = socket.sent();
    if (sent < 0) told = sent;
  }
  assert.equal(told, -90); // EMSGSIZE
  socket.close();
});

test("closing with posts not done waits for no more than the one under way", () => {
  for (let round = 0; round < 20; round++) {
    const socket = open();
    socket.poll(() => undefined);
    for (let i = 0; i < 8; i++) socket.post(GETLINK);
    socket.close();
    assert.equal(socket.sent(), 0);
  }
});

test("a Worker that ends with polled sockets open takes nothing with it", async () => {
  const source = `
    import { native } from ${JSON.stringify(new URL("../../agent/native/load.ts", import.meta.url).href)};
    import { parentPort } from "node:worker_threads";
    for (let i = 0; i < 10; i++) {
      const socket = new (native().Socket)(16, 3, 0);
      socket.poll(() => undefined);
      if (i % 3 === 0) socket.beat(new Uint8Array(8), new Uint8Array(28), new Uint8Array(0), 0, 1, 1000);
      for (let n = 0; n < i; n++) socket.post(new Uint8Array(${JSON.stringify([...GETLINK])}));
      if (i % 2) socket.send(new Uint8Array(${JSON.stringify([...GETLINK])}));
    }
    parentPort.postMessage("ready");`;
  for (let round = 0; round < 3; round++) {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
    await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    await worker.terminate();
  }
});
