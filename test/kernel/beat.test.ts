import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { BEAT_LINES, BEAT_WORDS, type NativeSocket, native } from "../../agent/native/load.ts";
import { insideNamespace } from "./in-namespace.ts";

const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const EBADF = -9;
const EINVAL = -22;
const NONE = new Uint8Array(0);

interface Line {
  readonly target: number;
  readonly sequence: number;
  readonly errno: number;
  readonly ageUs: number;
}

const open = (): NativeSocket => new (native().Socket)(AF_INET6, SOCK_DGRAM, 0);

/** struct sockaddr_in6 of ::1, port after port. */
function addresses(ports: readonly number[], family = AF_INET6): Uint8Array {
  const all = new Uint8Array(28 * ports.length);
  const view = new DataView(all.buffer);
  for (const [i, port] of ports.entries()) {
    view.setUint16(28 * i, family, true);
    view.setUint16(28 * i + 2, port);
    all[28 * i + 23] = 1;
  }
  return all;
}

function linesOf(socket: NativeSocket, most = BEAT_LINES): readonly Line[] {
  const words = new Int32Array(most * BEAT_WORDS);
  const count = socket.beats(words);
  return Array.from({ length: count }, (_, i) => {
    const [target = 0, sequence = 0, errno = 0, ageUs = 0] = words.subarray(i * BEAT_WORDS);
    return { target, sequence, errno, ageUs };
  });
}

/** Polls until there are so many lines; at most a minute. */
async function gather(socket: NativeSocket, count: number): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (let i = 0; i < 6000 && lines.length < count; i++) {
    lines.push(...linesOf(socket));
    await sleep(10);
  }
  assert.ok(lines.length >= count, `${lines.length} of ${count}`);
  return lines;
}

async function receiver(seen: number[]) {
  const socket = createSocket("udp6", (message) => seen.push(message.readUInt16BE(6)));
  socket.bind(0, "::1");
  await once(socket, "listening");
  return socket;
}

if (await insideNamespace("beat", import.meta.url)) {
  assert.equal(spawnSync("ip", ["link", "set", "lo", "up"]).status, 0);

  test("each target gets what it was told of, numbered, with nobody awake; and it is told of once", async () => {
    const [seenByA, seenByB]: [number[], number[]] = [[], []];
    const [a, b] = [await receiver(seenByA), await receiver(seenByB)];
    const socket = open();
    const message = new Uint8Array(12);
    const to = addresses([a.address().port, b.address().port]);
    assert.equal(socket.beat(message, to, NONE, 0xfff9, 1, 20_000), 0);
    // Everything was copied.
    message.fill(0xff);
    to.fill(0xff);
    const lines = await gather(socket, 20);
    socket.close();
    await sleep(50);
    assert.deepEqual(
      lines.slice(0, 10).map(({ target, sequence, errno }) => [target, sequence, errno]),
      [0xfffa, 0xfffb, 0xfffc, 0xfffd, 0xfffe, 0xffff, 0, 1, 2, 3].map((n, i) => [i % 2, n, 0]),
    );
    assert.ok(lines.every(({ ageUs }) => ageUs >= 0));
    for (const [target, seen] of [seenByA, seenByB].entries()) {
      const told = lines.filter((line) => line.target === target).map(({ sequence }) => sequence);
      assert.deepEqual(seen.slice(0, told.length), told);
    }
    assert.deepEqual([linesOf(socket), socket.beat(message, to, NONE, 0, 1, 20_000)], [[], EBADF]);
    for (const one of [a, b]) one.close();
  });

  test("many targets are spread over the ticks, and none has two turns more than another", async () => {
    const socket = open();
    assert.equal(socket.beat(new Uint8Array(8), addresses(Array(10).fill(9)), NONE, 0, 4, 5_000), 0);
    const lines = await gather(socket, 60);
    const turns = Array.from({ length: 10 }, (_, i) => lines.filter(({ target }) => target === i).length);
    assert.ok(Math.max(...turns) - Math.min(...turns) <= 2, turns.join(" "));
    socket.close();
  });

  test("what does not leave is told with its reason; those told last replace the others, and none is the end", async () => {
    const socket = open();
    assert.equal(socket.beat(new Uint8Array(8), addresses([9], 0xffff), NONE, 0, 1, 2_000), 0);
    assert.ok((await gather(socket, 3)).every(({ errno }) => errno === -EINVAL));
    assert.equal(socket.beat(new Uint8Array(8), addresses([9]), NONE, 700, 1, 2_000), 0);
    assert.deepEqual((await gather(socket, 2))[0]?.sequence, 701);
    assert.equal(socket.beat(NONE, addresses([9]), NONE, 0, 1, 2_000), EINVAL);
    assert.equal(socket.beat(new Uint8Array(8), NONE, NONE, 0, 1, 2_000), 0);
    await sleep(30);
    assert.deepEqual(linesOf(socket), []);
    socket.close();
  });

  test("what nobody asks for is no more than its ring holds, and it goes on when somebody does", async () => {
    let socket = open();
    let first: readonly Line[] = [];
    // A busy machine takes longer to fill the ring; what would hold more is seen by the first that is longer than it.
    for (const waitMs of [100, 1_000, 10_000]) {
      socket.close();
      socket = open();
      assert.equal(socket.beat(new Uint8Array(8), addresses(Array(4000).fill(9)), NONE, 0, 1, 1_000), 0);
      await sleep(waitMs);
      first = linesOf(socket, 2 * BEAT_LINES);
      if (first.length >= BEAT_LINES) break;
    }
    assert.equal(first.length, BEAT_LINES);
    assert.deepEqual(first.at(-1)?.sequence, BEAT_LINES);
    assert.equal((await gather(socket, 1))[0]?.sequence, BEAT_LINES + 1);
    assert.equal(linesOf(socket, 0).length, 0);
    socket.close();
  });

  test("a time that makes no sense is refused", () => {
    const socket = open();
    const to = addresses([9]);
    const message = new Uint8Array(8);
    for (const [ticks, tickUs] of [
      [0, 1_000],
      [-1, 1_000],
      [1, 999],
      [100_001, 1_000],
    ] as const)
      assert.equal(socket.beat(message, to, NONE, 0, ticks, tickUs), EINVAL);
    assert.equal(socket.beat(message, to.subarray(1), NONE, 0, 1, 1_000), EINVAL);
    assert.equal(socket.beat(message.subarray(1), to, NONE, 0, 1, 1_000), EINVAL);
    assert.throws(() => Reflect.apply(socket.beat, socket, [message, to, undefined, 0, 1, 1_000]), TypeError);
    socket.close();
  });
}
