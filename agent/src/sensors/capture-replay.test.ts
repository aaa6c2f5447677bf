import { strict as assert } from "node:assert";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { zstdCodec } from "@vsix/shared/compress/zstd.ts";
import { noCounters } from "@vsix/shared/dns/counters.ts";
import { formatName } from "@vsix/shared/dns/name.ts";
import { Segment } from "@vsix/shared/dns/segment.ts";
import { SegmentBuilder } from "@vsix/shared/dns/segment-builder.ts";
import { dnsMessage, type Flow, packetOf, reversed, TYPES, udp } from "../../../test/fakes/dns-packets.ts";
import { type RingPacket, ringFrames } from "../../../test/fakes/ring-frames.ts";
import { SegmentIsFull } from "../core/capture/journal-replay.ts";
import { keptSegmentHead } from "../core/capture/kept-segment.ts";
import { PacketCapture } from "../core/capture/packet-capture.ts";
import { CaptureJournal } from "../io/capture-journal.ts";
import { JournalFiles } from "../spool/journal-files.ts";
import { DnsSpool } from "../spool/spool.ts";
import { replayLeft } from "./capture-replay.ts";

const CODEC = zstdCodec();
const START = 1_790_000_000;
const HEAD = { boot: "b", part: "cd".repeat(32) };
const ROWS = 3;
const FLOW: Flow = {
  source: Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Uint8Array(11), 1),
  destination: Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Uint8Array(11), 2),
  sourcePort: 4000,
  destinationPort: 53,
};

const folder = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "vsix-journal-"));
  after(() => rmSync(directory, { recursive: true }));
  return directory;
};

/** A question, and its answer unless it is one of every fourth. */
function packetsOf(n: number): readonly RingPacket[] {
  const message = { id: n, name: `n${n}.example.org`, type: TYPES.AAAA };
  const packet = (flow: Flow, flags: number): RingPacket => ({
    octets: packetOf(flow, 17, udp(flow, dnsMessage({ ...message, flags }))),
    second: START,
    nanosecond: n * 1000 + (flags >> 15),
    protocol: 0x86dd,
  });
  return [packet(FLOW, 0x100), ...(n % 4 === 3 ? [] : [packet(reversed(FLOW), 0x8180)])];
}

function begun(full: () => void) {
  const builder = new SegmentBuilder({ seed: 3, points: ["if0"], maxRows: ROWS });
  const options = { ports: [53], pref64: [], resolvers: [], timeoutMs: 5000, capacity: 64, seed: 9 };
  const counters = noCounters();
  return { builder, counters, capture: new PacketCapture(options, builder, counters, full) };
}

const namesIn = (octets: Uint8Array): string[] => {
  const segment = new Segment(octets, CODEC);
  return Array.from({ length: segment.rows }, (_, row) => formatName(segment.pair(row).question.name));
};

/** What the next life has of what this one leaves, if it is killed now. */
function leftBehind(directory: string, runDir: string): readonly string[] {
  const [spoolCopy, runCopy] = [folder(), folder()];
  cpSync(directory, spoolCopy, { recursive: true });
  cpSync(runDir, runCopy, { recursive: true });
  const files = new JournalFiles(runCopy, new DnsSpool({ directory: spoolCopy, maxOctets: 1e6 })).left();
  const names: string[] = [];
  const { builder, capture, counters } = begun(() => {
    throw new SegmentIsFull();
  });
  const discarded = (file: string, reason: string): never => assert.fail(`${file}: ${reason}`);
  replayLeft({ files, head: HEAD, untilUs: undefined, discarded }, 1, capture, counters, START, {
    kept: (octets) => names.push(...namesIn(octets)),
    replayed: (file) => {
      if (file !== undefined) names.push(...namesIn(builder.finish(CODEC, noCounters())));
    },
  });
  const rest = begun(() => names.push(...namesIn(rest.builder.finish(CODEC, noCounters()))));
  rest.capture.restore(capture.save(), 1, START);
  rest.capture.end();
  return [...names, ...namesIn(rest.builder.finish(CODEC, noCounters()))].sort();
}

test("killed between any two things that a journal does, everything read is left behind, once", () => {
  const [directory, runDir] = [folder(), folder()];
  const files = new JournalFiles(runDir, new DnsSpool({ directory, maxOctets: 1e6 }));
  const journal = new CaptureJournal({ ...HEAD, prefix: files.prefix(), maxOctets: 1 << 20 });
  const { builder, capture } = begun(() => assert.fail("amid a packet"));
  let read: string[] = [];
  let looks = 0;
  const look = (): void => {
    assert.deepEqual(leftBehind(directory, runDir), [...read].sort());
    looks++;
  };
  const frames = (packets: readonly RingPacket[]): void => {
    const octets = ringFrames(packets);
    assert.ok(journal.frames(0, octets, 0, octets.length, packets.length));
  };
  const flush = (rest: readonly RingPacket[]): void => {
    journal.begin([rest.length], capture.save());
    look();
    if (rest.length > 0) frames(rest);
    look();
    journal.begun();
    look();
    const octets = builder.finish(CODEC, noCounters());
    const meta = { rows: 0, leastNs: 0n, greatestNs: 0n, points: ["if0"], counted: noCounters() };
    assert.ok(journal.keep([keptSegmentHead(meta), octets]) !== undefined);
    look();
  };
  journal.begin([], capture.save());
  look();
  journal.begun();
  for (let block = 0; block < 4; block++) {
    const numbers = Array.from({ length: block === 2 ? 1 : 11 }, (_, i) => block * 11 + i);
    const packets = numbers.flatMap(packetsOf);
    frames(packets);
    read = [...read, ...numbers.map((n) => `n${n}.example.org`)];
    look();
    for (const [i, { octets, protocol, second, nanosecond }] of packets.entries()) {
      if (builder.full) flush(packets.slice(i));
      capture.packet(octets, 0, octets.length, octets.length, protocol, second, nanosecond, 0);
    }
    // As by the clock.
    if (block === 1) flush([]);
  }
  assert.ok(looks > 30, `${looks} looks`);
  assert.equal(journal.fault, undefined);
  journal.end();
  look();
  journal.close();
});
