import { strict as assert } from "node:assert";
import { test } from "node:test";
import { zstdCodec } from "@vsix/shared/compress/zstd.ts";
import { noCounters } from "@vsix/shared/dns/counters.ts";
import { pairLine } from "@vsix/shared/dns/pair-text.ts";
import { Segment } from "@vsix/shared/dns/segment.ts";
import { SegmentBuilder } from "@vsix/shared/dns/segment-builder.ts";
import fc from "fast-check";
import { framesRecord, HEAD, journalFile, timeRecord } from "../../../../test/fakes/capture-journal.ts";
import { DNS_KINDS } from "../../../../test/fakes/dns-kinds.ts";
import type { RingPacket } from "../../../../test/fakes/ring-frames.ts";
import { KIND } from "../../wire/capture/journal.ts";
import { JournalError } from "../../wire/capture/journal-error.ts";
import { replayJournal } from "./journal-replay.ts";
import { PacketCapture } from "./packet-capture.ts";

const CODEC = zstdCodec();
const START = 1_790_000_000;
const ETHERNET = 14;

function begun(seed = 9) {
  const counters = noCounters();
  const builder = new SegmentBuilder({ seed: 3, points: ["if0", "if1"], maxRows: 4096 });
  const options = { ports: [53], pref64: [], resolvers: [], timeoutMs: 5000, capacity: 256, seed };
  const capture = new PacketCapture(options, builder, counters, () => assert.fail("full"));
  const rows = (): string[] => {
    const segment = new Segment(builder.finish(CODEC, noCounters()), CODEC);
    return Array.from({ length: segment.rows }, (_, row) => pairLine(segment.pair(row))).sort();
  };
  return { capture, counters, rows };
}

/** UDP over IPv6 and IPv4, TCP, fragments: each kind some times, a millisecond apart. */
const PACKETS: readonly RingPacket[] = DNS_KINDS.flatMap(({ frames }) =>
  [1, 2, 3].flatMap((n) => [...frames(n)]),
)
  .filter((frame) => frame[12] === 0x86 || (frame[12] === 8 && frame[13] === 0))
  .map((frame, i) => ({
    octets: frame.subarray(ETHERNET),
    second: START + Math.floor(i / 1000),
    nanosecond: (i % 1000) * 1_000_000,
    protocol: ((frame[12] as number) << 8) | (frame[13] as number),
  }));

function readAll(packets: readonly RingPacket[], life = begun()): ReturnType<typeof begun> {
  for (const { octets, protocol, second, nanosecond } of packets)
    life.capture.packet(octets, 0, octets.length, octets.length, protocol, second, nanosecond, 0);
  return life;
}

const replay = (file: Uint8Array, life = begun(77), points = 1): number =>
  replayJournal(file, HEAD, points, life.capture, life.counters, START);

test("a journal that is read again gives the rows and counters that there were, and what waited waits", () => {
  const [lived, again] = [readAll(PACKETS), begun(77)];
  const file = journalFile([framesRecord(PACKETS.slice(0, 40)), framesRecord(PACKETS.slice(40))]);
  const until = replay(file, again);
  assert.ok(PACKETS.length > 60, `${PACKETS.length} packets are few`);
  assert.equal(again.capture.waiting, lived.capture.waiting);
  assert.deepEqual(again.counters, lived.counters);
  for (const { capture } of [lived, again]) capture.end();
  const rows = again.rows();
  assert.ok(rows.length > 20, `${rows.length} rows are few`);
  assert.deepEqual(rows, lived.rows());
  const last = PACKETS.at(-1);
  assert.equal(until.toFixed(3), ((last?.second ?? 0) + (last?.nanosecond ?? 0) / 1e9).toFixed(3));
});

test("a segment sealed amid a block: its journal and the next one have each packet once between them", () => {
  const questions = PACKETS.slice(0, 10);
  for (let sealed = 0; sealed <= questions.length; sealed++) {
    const whole = readAll(questions);
    const atSeal = readAll(questions.slice(0, sealed));
    const first = journalFile([
      framesRecord(questions),
      { kind: KIND.cut, packets: questions.length - sealed },
    ]);
    const second = journalFile([
      { kind: KIND.waiting, octets: atSeal.capture.save() },
      framesRecord(questions.slice(sealed)),
    ]);
    const life = begun(77);
    replay(first, life);
    const rows = life.rows();
    assert.deepEqual(rows, atSeal.rows());
    replay(second, life);
    for (const { capture } of [life, whole]) capture.end();
    assert.deepEqual([...rows, ...life.rows()].sort(), whole.rows());
    assert.equal(life.counters.packets, questions.length);
  }
});

test("packets of several points are read in the order of time", () => {
  const [even, odd] = [0, 1].map((rest) => PACKETS.slice(0, 20).filter((_, i) => i % 2 === rest));
  const again = begun(77);
  replay(journalFile([framesRecord(even ?? [], 1), framesRecord(odd ?? [], 0)]), again, 2);
  assert.equal(again.counters.pairs, readAll(PACKETS.slice(0, 20)).counters.pairs);
});

test("time that was told passes: what waited too long is unanswered", () => {
  const again = begun(77);
  const [query] = PACKETS;
  assert.ok(query !== undefined);
  assert.equal(replay(journalFile([framesRecord([query]), timeRecord(START + 6)]), again), START + 6);
  assert.equal(again.counters.unanswered, 1);
  assert.equal(again.rows().length, 1);
});

test("a journal cut off anywhere gives what it has whole and counts the rest; nothing else happens", () => {
  const told = 30;
  const waiting = { kind: KIND.waiting, octets: readAll(PACKETS.slice(0, 1)).capture.save() };
  const file = journalFile([waiting, framesRecord(PACKETS.slice(0, told))]);
  const head = journalFile([waiting, { kind: KIND.frames, packets: told }]).length;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: file.length }), (length) => {
      const { capture, counters, rows } = begun();
      try {
        replayJournal(file.subarray(0, length), HEAD, 1, capture, counters, START);
      } catch (error) {
        assert.ok(error instanceof JournalError, String(error));
        assert.ok(length < head);
      }
      if (length >= head) assert.equal(counters.packets + counters.journalTorn, told);
      rows();
    }),
    { numRuns: 100 },
  );
});

test("a journal of another boot or another part is refused, with which it is", () => {
  const codeOf = (head: object): string => {
    try {
      replay(journalFile([], { ...HEAD, ...head }));
    } catch (error) {
      if (error instanceof JournalError) return error.code;
    }
    return "taken";
  };
  assert.equal(codeOf({}), "taken");
  assert.equal(codeOf({ boot: "1" }), "another-boot");
  assert.equal(codeOf({ part: "cd".repeat(32) }), "another-part");
});

test("queries that wait come back as they were", () => {
  const lived = readAll(PACKETS.filter((_, i) => i % 3 === 0));
  const again = begun(1234);
  again.capture.restore(lived.capture.save(), 1, START);
  assert.ok(again.capture.waiting > 3);
  assert.deepEqual(again.capture.save(), lived.capture.save());
});
