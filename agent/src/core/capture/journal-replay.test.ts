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
import type { Octets } from "../../../../test/fakes/dns-packets.ts";
import type { RingPacket } from "../../../../test/fakes/ring-frames.ts";
import { type Cuts, cutsOf, KIND } from "../../wire/capture/journal.ts";
import { JournalError } from "../../wire/capture/journal-error.ts";
import { type JournalRest, replayJournal, SegmentIsFull } from "./journal-replay.ts";
import { PacketCapture } from "./packet-capture.ts";

const CODEC = zstdCodec();
const START = 1_790_000_000;
const ETHERNET = 14;

function begun(seed = 9, maxRows = 4096) {
  const counters = noCounters();
  const builder = new SegmentBuilder({ seed: 3, points: ["if0", "if1"], maxRows });
  const options = { ports: [53], pref64: [], resolvers: [], timeoutMs: 5000, capacity: 256, seed };
  const capture = new PacketCapture(options, builder, counters, () => {
    throw new SegmentIsFull();
  });
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

/** What is not in parts: those of an earlier file are lost where it ends amid them. */
const WHOLE = PACKETS.filter(({ octets }) =>
  (octets[0] as number) >> 4 === 6
    ? octets[6] === 17
    : octets[9] === 17 && octets[6] === 0 && octets[7] === 0,
);

function readAll(packets: readonly RingPacket[], life = begun()): ReturnType<typeof begun> {
  for (const { octets, protocol, second, nanosecond } of packets)
    life.capture.packet(octets, 0, octets.length, octets.length, protocol, second, nanosecond, 0);
  return life;
}

function restOf(file: Uint8Array, { cuts, records }: JournalRest, waiting: Octets, number: number): Octets {
  const before = cuts.map((packets, point) => ({ kind: KIND.cut, point, packets }));
  const after = records.map(({ at, end, ...said }) => ({
    ...said,
    octets: Uint8Array.from(file.subarray(at, end)),
  }));
  return journalFile([...before, { kind: KIND.waiting, octets: waiting }, ...after], {
    ...HEAD,
    number: HEAD.number + number,
  });
}

const replay = (file: Uint8Array, life = begun(77), points = 1): number =>
  replayJournal(file, HEAD, points, life.capture, life.counters, START).untilS;

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
    const first = journalFile([framesRecord(questions)]);
    const second = journalFile(
      [
        { kind: KIND.cut, packets: questions.length - sealed },
        { kind: KIND.waiting, octets: atSeal.capture.save() },
        framesRecord(questions.slice(sealed)),
      ],
      { ...HEAD, number: 3 },
    );
    const { of, cuts } = cutsOf(second);
    assert.deepEqual(of, { thread: HEAD.thread, number: HEAD.number });
    const life = begun(77);
    replayJournal(first, HEAD, 1, life.capture, life.counters, START, cuts);
    const rows = life.rows();
    assert.deepEqual(rows, atSeal.rows());
    replay(second, life);
    for (const { capture } of [life, whole]) capture.end();
    assert.deepEqual([...rows, ...life.rows()].sort(), whole.rows());
    assert.equal(life.counters.packets, questions.length);
  }
});

for (const points of [1, 2])
  test(`a journal of ${points} points that fills several segments goes on in further ones: each packet once, however often it is read`, () => {
    const records = [
      framesRecord(WHOLE.slice(0, 30)),
      timeRecord(START),
      framesRecord(WHOLE.slice(30, 60), points - 1),
      { kind: KIND.drops, octets: new Uint8Array(Uint32Array.of(3, 1).buffer) },
      framesRecord(WHOLE.slice(60)),
    ];
    const whole = begun(77);
    replay(journalFile(records), whole, points);
    whole.capture.end();
    const life = begun(77, 2);
    const rows: string[] = [];
    const read = (file: Uint8Array, cuts?: Cuts) =>
      replayJournal(file, { ...HEAD }, points, life.capture, life.counters, START, cuts);
    let file = journalFile(records);
    let files = 0;
    for (let rest = read(file).rest; rest !== undefined; rest = read(file).rest) {
      files++;
      const first = life.rows();
      const next = restOf(file, rest, life.capture.save(), files);
      // Killed before the segment was kept: the file that is followed gives the same again.
      const again = begun(77, 2);
      const repeated = replayJournal(
        file,
        HEAD,
        points,
        again.capture,
        again.counters,
        START,
        cutsOf(next).cuts,
      );
      assert.equal(repeated.rest, undefined);
      assert.deepEqual(again.rows(), first);
      rows.push(...first);
      file = next;
    }
    assert.ok(files > 5, `${files} files are few`);
    rows.push(...life.rows());
    const end = begun(77);
    end.capture.restore(life.capture.save(), points, START);
    end.capture.end();
    assert.deepEqual([...rows, ...end.rows()].sort(), whole.rows());
    assert.deepEqual({ ...life.counters, unanswered: 0 }, { ...whole.counters, unanswered: 0 });
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

test("what stands behind the end of a journal is of one that was there before, and is not read", () => {
  const before = journalFile([framesRecord(PACKETS.slice(0, 9)), framesRecord(PACKETS.slice(9, 20))]);
  const file = journalFile([framesRecord(PACKETS.slice(0, 9))], { ...HEAD, number: 4 });
  assert.ok(before.length > file.length);
  before.set(file);
  const again = begun(77);
  replay(before, again);
  assert.equal(again.counters.packets, 9);
  assert.equal(again.counters.journalTorn, 0);
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
