import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { META_PER_SLOT, type NativeSocket, native, SLOT_DATA_OFFSET } from "../../agent/native/load.ts";
import { insideNamespace } from "./in-namespace.ts";

/** What no program of ours does to the addon. It may refuse; it may not touch memory that is not its own (addon-sanitized.test.ts). */

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const EBADF = -9;
const EINVAL = -22;
const EAGAIN = -11;
const SLOT = SLOT_DATA_OFFSET + 4096;
/** RTM_GETLINK, a dump. */
const GETLINK = new Uint8Array([20, 0, 0, 0, 18, 0, 1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const METHODS = [
  "bind",
  "setsockopt",
  "filter",
  "share",
  "send",
  "sendAll",
  "post",
  "sent",
  "recv",
  "backlog",
  "beat",
  "beats",
  "map",
  "blockReady",
  "blockDone",
  "getsockopt",
  "poll",
  "close",
] as const;

const open = (): NativeSocket => new (native().Socket)(AF_NETLINK, SOCK_RAW, 0);

function detached(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

/** A view that its buffer has shrunk away from under. */
function outOfBounds(): Uint8Array {
  const buffer = new ArrayBuffer(64, { maxByteLength: 64 });
  const view = new Uint8Array(buffer, 32, 32);
  buffer.resize(16);
  return view;
}

/** Values made anew each time: some of them are changed by being used. Bytes are no netlink request that asks for anything. */
const MAKERS: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => true,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => -1,
  () => 0,
  () => 0.5,
  () => 289,
  () => 2 ** 31,
  () => -(2 ** 31),
  () => Number.MAX_SAFE_INTEGER,
  () => 1n,
  () => "x",
  () => Symbol("x"),
  () => ({ length: 1 << 20 }),
  () => [1, 2, 3],
  () => () => undefined,
  () => new Proxy(new Uint8Array(16), {}),
  () => new ArrayBuffer(16),
  () => new DataView(new ArrayBuffer(16)),
  () => new Float64Array(8),
  () => new Int8Array(300),
  () => new Int32Array(0),
  () => new Int32Array(3),
  () => new Int32Array(META_PER_SLOT * 100),
  () => new Uint8Array(0),
  () => new Uint8Array(1),
  () => new Uint8Array(SLOT_DATA_OFFSET + 1),
  () => new Uint8Array(1000).subarray(999),
  () => new Uint8Array(new SharedArrayBuffer(1024)),
  () => new Uint8Array(new ArrayBuffer(8, { maxByteLength: 1 << 16 })),
  () => Buffer.alloc(1 << 16, 0xff),
  () => detached(1024),
  () => outOfBounds(),
];

const value = fc.nat(MAKERS.length - 1).map((i) => MAKERS[i]?.());

/** A call ends with a number or undefined, or throws an Error: anything else is a fault, and most faults end the process. */
function call(target: object, method: (typeof METHODS)[number], args: readonly unknown[]): void {
  try {
    const result: unknown = Reflect.apply(Reflect.get(target, method) as () => unknown, target, args);
    assert.ok(result === undefined || Number.isSafeInteger(result), `${method}: ${String(result)}`);
  } catch (error) {
    assert.ok(error instanceof TypeError, `${method}: ${String(error)}`);
  }
}

if (await insideNamespace("hostile", import.meta.url)) {
  test("any method takes any arguments in any order, on an open socket and on a closed one", () => {
    const step = fc.tuple(fc.constantFrom(...METHODS), fc.array(value, { maxLength: 5 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const socket = open();
        try {
          for (const [method, args] of steps) call(socket, method, args);
        } finally {
          socket.close();
        }
      }),
      { numRuns: 1500 },
    );
  });

  test("a socket of any domain, type and protocol is made or refused with a code", () => {
    const { Socket } = native();
    fc.assert(
      fc.property(fc.array(value, { maxLength: 4 }), (args) => {
        try {
          (Reflect.construct(Socket, args) as NativeSocket).close();
        } catch (error) {
          assert.ok(error instanceof Error);
          assert.ok(
            error instanceof TypeError || typeof Reflect.get(error, "code") === "string",
            String(error),
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  test("what stands behind `this` is a socket made by the constructor, or a TypeError", () => {
    const socket = open();
    class Heir extends native().Socket {}
    const heir = new Heir(AF_NETLINK, SOCK_RAW, 0);
    const strangers = [socket, heir].flatMap((s) => [new Proxy(s, {}), Object.create(s) as object]);
    for (const method of METHODS) {
      const called = Reflect.get(socket, method) as () => unknown;
      for (const stranger of [...strangers, native().Socket, 1, "x", Symbol("x"), undefined])
        assert.throws(() => Reflect.apply(called, stranger, []), TypeError, method);
    }
    assert.equal(heir.send(GETLINK), GETLINK.length);
    heir.close();
    socket.close();
  });

  test("numbers are not asked for: no valueOf of a caller's runs in the middle of a call", () => {
    const socket = open();
    const buffer = new Uint8Array(SLOT);
    let asked = 0;
    const slot = { valueOf: () => ++asked };
    assert.throws(() => Reflect.apply(socket.recv, socket, [buffer, slot, new Int32Array(4)]), TypeError);
    assert.throws(() => Reflect.construct(native().Socket, [slot, slot, slot]), TypeError);
    assert.equal(asked, 0);
    socket.close();
  });

  test("receiving writes within the view and the words that it was given, however they lie in their buffers", async () => {
    const socket = open();
    const slots = 3;
    const whole = new Uint8Array(SLOT * slots + 200).fill(0xa5);
    const words = new Int32Array(META_PER_SLOT * slots + 8).fill(-7);
    const view = whole.subarray(100, 100 + SLOT * slots);
    const meta = words.subarray(4, 4 + META_PER_SLOT * slots);
    let got = EAGAIN;
    for (let i = 0; i < 6; i++) assert.ok(socket.send(GETLINK) > 0 || i > 0);
    for (let attempt = 0; attempt < 100 && got === EAGAIN; attempt++) {
      got = socket.recv(view, SLOT, meta);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(got > 0 && got <= slots, `${got}`);
    assert.ok(whole.subarray(0, 100).every((octet) => octet === 0xa5));
    assert.ok(whole.subarray(100 + SLOT * slots).every((octet) => octet === 0xa5));
    assert.deepEqual(
      [...words.subarray(0, 4), ...words.subarray(4 + META_PER_SLOT * slots)],
      Array(8).fill(-7),
    );
    // One octet of room: the datagram is cut (MSG_TRUNC), nothing is written beyond.
    assert.ok(socket.send(GETLINK) > 0);
    const tight = new Uint8Array(SLOT_DATA_OFFSET + 1);
    for (let attempt = 0; attempt < 100; attempt++) socket.recv(tight, tight.length, new Int32Array(4));
    socket.close();
  });

  test("sending many at once reads within the slots, the words and the stamps that it was given", () => {
    const socket = open();
    const slots = 3;
    const buffer = new Uint8Array(SLOT * slots);
    const stamps = new Float64Array(slots + 2).fill(-1);
    const send = (meta: Int32Array, count: number, slot = SLOT, of = stamps.subarray(1, 1 + slots)): number =>
      socket.sendAll(buffer, slot, meta, of, count);
    const lengths = (data: number, address: number, control: number): Int32Array => {
      const meta = new Int32Array(META_PER_SLOT * slots);
      for (let i = 0; i < slots; i++) meta.set([data, address, control, 77], i * META_PER_SLOT);
      return meta;
    };
    const good = lengths(GETLINK.length, 0, 0);
    for (let i = 0; i < slots; i++) buffer.set(GETLINK, i * SLOT + SLOT_DATA_OFFSET);
    for (const count of [-1, slots + 1, 65, 2 ** 31 - 1]) assert.equal(send(good, count), EINVAL);
    assert.equal(send(good, 1, SLOT_DATA_OFFSET), EINVAL);
    assert.equal(send(good.subarray(0, META_PER_SLOT * slots - 1), slots), EINVAL);
    assert.equal(send(good, slots, SLOT, stamps.subarray(0, 1)), EINVAL);
    assert.ok(stamps.every((stamp) => stamp === -1));
    const huge = 2 ** 31 - 1;
    for (const [data, address, control] of [
      [SLOT - SLOT_DATA_OFFSET + 1, 0, 0],
      [huge, 0, 0],
      [-1, 0, 0],
      [20, 33, 0],
      [20, huge, 0],
      [20, -1, 0],
      [20, 0, 257],
      [20, 0, -(2 ** 31)],
    ] as const) {
      const meta = lengths(data, address, control);
      assert.equal(send(meta, slots), 0);
      for (let i = 0; i < slots; i++)
        assert.equal(meta[i * META_PER_SLOT + 3], EINVAL, `${data} ${address} ${control}`);
    }
    const [s, ns] = process.hrtime();
    assert.equal(send(good, slots), 0);
    assert.equal(good[3], GETLINK.length);
    assert.equal(stamps[0], -1);
    assert.equal(stamps[slots + 1], -1);
    const told = stamps.subarray(1, 1 + slots);
    assert.ok(
      (told[0] ?? 0) >= s * 1e6 + ns / 1e3 - 1 && told.every((at, i) => at >= (told[i - 1] ?? 0)),
      `${told}`,
    );
    socket.close();
    assert.equal(send(good, slots), EBADF);
  });

  test("what waits to be read, and what was dropped for want of room, is told into three words", () => {
    const socket = open();
    const words = new Int32Array(5).fill(-1);
    const told = words.subarray(1, 4);
    assert.equal(socket.backlog(words.subarray(0, 2)), EINVAL);
    assert.equal(socket.backlog(told), 0);
    const [waiting, room = 0, dropped] = told;
    assert.deepEqual([waiting, dropped, words[0], words[4]], [0, 0, -1, -1]);
    assert.ok(room > 0);
    for (let i = 0; i < 3; i++) socket.send(GETLINK);
    assert.equal(socket.backlog(told), 0);
    assert.ok((told[0] ?? 0) > 0, `${told}`);
    socket.close();
    assert.equal(socket.backlog(told), EBADF);
  });

  test("an address or option longer than a 32-bit length is refused, not cut to what would fit", (context) => {
    const socket = open();
    let huge: Uint8Array;
    try {
      huge = new Uint8Array(2 ** 32 + 12); // a sockaddr_nl in its lower half
    } catch (error) {
      socket.close();
      return context.diagnostic(`no memory to try with: ${String(error)}`);
    }
    huge[0] = AF_NETLINK;
    assert.equal(socket.bind(huge), EINVAL);
    assert.equal(socket.setsockopt(1, 7, huge), EINVAL);
    assert.equal(socket.send(GETLINK, huge), EINVAL);
    assert.equal(socket.bind(huge.subarray(0, 12)), 0);
    socket.close();
  });

  test("closing twice, from the callback and with sends under way, leaves a socket that only says so", async () => {
    for (let round = 0; round < 50; round++) {
      const socket = open();
      const { promise, resolve } = Promise.withResolvers<void>();
      socket.poll(() => {
        for (let i = 0; i < 4; i++) socket.post(GETLINK);
        socket.close();
        socket.close();
        resolve();
      });
      for (let i = 0; i < round % 9; i++) socket.post(GETLINK);
      assert.ok(socket.send(GETLINK) > 0);
      await promise;
      assert.deepEqual([socket.post(GETLINK), socket.send(GETLINK), socket.sent()], [EBADF, EBADF, 0]);
      assert.equal(
        socket.poll(() => undefined),
        EBADF,
      );
      assert.equal(socket.setsockopt(1, 7, 1), EBADF);
    }
  });

  test("sockets that nobody closed are closed when they are collected", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const descriptors = (): number => readdirSync("/proc/self/fd").length;
    const before = descriptors();
    for (let i = 0; i < 200; i++) open().send(GETLINK);
    for (let attempt = 0; attempt < 50 && descriptors() > before + 20; attempt++) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(descriptors() <= before + 20, `${descriptors()} of ${before}`);
  });

  test("a callback that throws is an uncaught exception of its thread, and ends no other", async () => {
    const worker = new Worker(
      `import { native } from ${JSON.stringify(new URL("../../agent/native/load.ts", import.meta.url).href)};
       const socket = new (native().Socket)(${AF_NETLINK}, ${SOCK_RAW}, 0);
       socket.poll(() => { throw new RangeError("from the callback"); });
       socket.post(new Uint8Array(${JSON.stringify([...GETLINK])}));`,
      { eval: true },
    );
    const thrown = await new Promise((resolve, reject) => {
      worker.once("error", resolve).once("exit", () => reject(new Error("it ended without an error")));
    });
    assert.match(String(thrown), /RangeError: from the callback/);
  });
}
