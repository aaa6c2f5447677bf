import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { type JournalRest, replayJournal, SegmentIsFull } from "@vsix/agent/core/capture/journal-replay.ts";
import { keptSegmentHead, readKeptSegment } from "@vsix/agent/core/capture/kept-segment.ts";
import { PacketCapture } from "@vsix/agent/core/capture/packet-capture.ts";
import { type Cuts, cutsOf, journalParts, KIND } from "@vsix/agent/wire/capture/journal.ts";
import { JournalError } from "@vsix/agent/wire/capture/journal-error.ts";
import { PcapError, pcapPackets } from "@vsix/agent/wire/capture/pcap.ts";
import { zstdCodec } from "@vsix/shared/compress/zstd.ts";
import { noCounters } from "@vsix/shared/dns/counters.ts";
import { pairJson, pairLine } from "@vsix/shared/dns/pair-text.ts";
import { Segment } from "@vsix/shared/dns/segment.ts";
import { SegmentBuilder } from "@vsix/shared/dns/segment-builder.ts";
import { digestOf, SegmentDigest } from "@vsix/shared/dns/segment-digest.ts";
import { DnsSegmentError } from "@vsix/shared/dns/segment-error.ts";
import { matchRows, type PairFilter } from "@vsix/shared/dns/segment-filter.ts";
import { framesRecord, HEAD, journalFile, timeRecord } from "../fakes/capture-journal.ts";
import { DNS_KINDS } from "../fakes/dns-kinds.ts";
import { frame, type Octets, pcapFile } from "../fakes/dns-packets.ts";
import type { FuzzTarget } from "./targets.ts";

/** What anybody may send past an interface, and what is read of it later. */

const CODEC = zstdCodec();
const ETHERNET = frame(new Uint8Array()).length;

/** One capture meets all cases: what it remembers of one may meet the next. */
function underWay() {
  const counters = noCounters();
  const builder = new SegmentBuilder({ seed: 11, points: ["fuzz"], maxRows: 256, maxOctets: 1 << 20 });
  const capture = new PacketCapture(
    { ports: [53], pref64: [], resolvers: [], timeoutMs: 2000, capacity: 64, seed: 12 },
    builder,
    counters,
    () => readAll(builder.finish(CODEC, noCounters())),
  );
  let second = 1_790_000_000;
  return (packet: Uint8Array): void => {
    second++;
    for (const protocol of [0x86dd, 0x0800, 0x8100]) {
      capture.packet(packet, 0, packet.length, packet.length, protocol, second, 0, 0);
    }
    capture.expire(second, 0);
    // The bounds that the limits promise: whatever comes.
    if (capture.waiting > 64) throw new Error(`${capture.waiting} queries wait`);
  };
}

/** IPv6 and IPv4 without VLAN. */
function packetsOf(frames: readonly Octets[]) {
  return frames
    .filter((one) => one[12] === 0x86 || (one[12] === 8 && one[13] === 0))
    .map((one, i) => ({
      octets: one.subarray(ETHERNET),
      second: 1_790_000_000,
      nanosecond: i * 1e6,
      protocol: ((one[12] as number) << 8) | (one[13] as number),
    }));
}

/** A query that waits, as a journal begins with it. */
function waitingOne(frames: readonly Octets[]): Uint8Array {
  const builder = new SegmentBuilder({ seed: 11, points: ["fuzz"], maxRows: 64 });
  const options = { ports: [53], pref64: [], resolvers: [], timeoutMs: 2000, capacity: 64, seed: 12 };
  const capture = new PacketCapture(options, builder, noCounters(), () => undefined);
  const [query] = packetsOf(frames);
  if (query !== undefined)
    capture.packet(
      query.octets,
      0,
      query.octets.length,
      query.octets.length,
      query.protocol,
      query.second,
      0,
      0,
    );
  return capture.save();
}

/** Rows of a segment: so few that a journal goes on in a next one. */
const FEW = 4;

/** One capture reads all of them: what it remembers of one may meet the next. */
function takenUp() {
  const counters = noCounters();
  const builder = new SegmentBuilder({
    seed: 11,
    points: ["fuzz", "other"],
    maxRows: FEW,
    maxOctets: 1 << 22,
  });
  const capture = new PacketCapture(
    { ports: [53], pref64: [], resolvers: [], timeoutMs: 2000, capacity: 64, seed: 12 },
    builder,
    counters,
    () => {
      throw new SegmentIsFull();
    },
  );
  const read = (bytes: Uint8Array, points: number, cuts?: Cuts): JournalRest | undefined => {
    let rest: JournalRest | undefined;
    let fault: unknown;
    try {
      rest = replayJournal(bytes, HEAD, points, capture, counters, 1_790_000_000, cuts).rest;
    } catch (error) {
      fault = error;
    }
    if (capture.waiting > 64) throw new Error(`${capture.waiting} queries wait`);
    if (builder.rows > 0) readAll(builder.finish(CODEC, noCounters()));
    if (fault !== undefined) throw fault;
    return rest;
  };
  return (bytes: Uint8Array): void => {
    let fault: unknown;
    for (const points of [1, 2]) {
      try {
        read(bytes, points, cutsOf(bytes).cuts);
        let file = bytes;
        let files = 0;
        for (let rest = read(file, points); rest !== undefined; rest = read(file, points)) {
          if (++files > bytes.length / FEW) throw new Error(`${files} journals of one`);
          file = Buffer.concat(journalParts(HEAD, rest.records, file));
        }
      } catch (error) {
        fault = error;
      }
    }
    if (fault !== undefined) throw fault;
  };
}

/** Everything that can be asked of a segment. */
function readAll(octets: Uint8Array): void {
  const segment = new Segment(octets, CODEC);
  segment.counters();
  for (const row of matchRows(segment, { outcomes: ["native", "nodata"] })) segment.outcome(row);
  for (let row = 0; row < segment.rows; row++) {
    const pair = segment.pair(row);
    pairLine(pair);
    pairJson(pair);
  }
}

const FILTERS: readonly PairFilter[] = [
  { outcomes: ["native", "nodata"] },
  { types: [28], class: "client" },
  { halves: ["query"], outcomes: ["unanswered", "none"] },
];

/** A digest that the controller would write beside it: whatever is in the segment, it finds the same rows. */
function digested(octets: Uint8Array): void {
  const segment = new Segment(octets, CODEC);
  const parts = digestOf(segment, CODEC);
  if (parts === undefined) return;
  const digest = new SegmentDigest(segment.rows, (part) => parts[part], CODEC);
  for (const filter of FILTERS) {
    const rows = matchRows(segment, filter);
    if (!isDeepStrictEqual(rows, matchRows(segment, filter, digest))) throw new Error("other rows");
    if (digest.count(rows).reduce((sum, one) => sum + one, 0) !== rows.length)
      throw new Error("other counts");
  }
  if (segment.rows > 0) for (const below of [true, false]) digest.names(segment.pair(0).question.name, below);
}

const frames: readonly Octets[] = DNS_KINDS.flatMap(({ frames }) => [...frames(1), ...frames(2)]);
const pcap = pcapFile(
  frames.slice(0, 12).map((one, i) => ({ frame: one, second: 1_790_000_000, microsecond: i })),
);

const segment = readFileSync(new URL("../../shared/vectors/dns/segment-1.bin", import.meta.url));
const meta = {
  rows: 0,
  leastNs: 0n,
  greatestNs: 0n,
  points: ["fuzz"],
  counted: { ...noCounters(), packets: 7 },
  gap: { fromUs: 1, toUs: 2 },
};

export const CAPTURE_TARGETS: readonly FuzzTarget[] = [
  {
    name: "capture-packets",
    throws: [],
    seeds: frames.map((one) => one.subarray(ETHERNET)),
    run: underWay(),
  },
  {
    name: "capture-segment",
    throws: [DnsSegmentError],
    seeds: [segment],
    run: readAll,
    cost: 5,
  },
  {
    name: "capture-digest",
    throws: [DnsSegmentError],
    seeds: [segment],
    run: digested,
    cost: 5,
  },
  {
    name: "capture-kept",
    throws: [JournalError, DnsSegmentError],
    seeds: [Buffer.concat([keptSegmentHead(meta), segment])],
    run: (bytes) => {
      const { meta } = readKeptSegment(bytes);
      if (Object.values(meta.counted).some((n) => !Number.isSafeInteger(n))) throw new Error("no number");
    },
  },
  {
    name: "capture-journal",
    throws: [JournalError],
    seeds: [
      journalFile([
        { kind: KIND.cut, packets: 2 },
        { kind: KIND.waiting, octets: waitingOne(frames) },
        framesRecord(packetsOf(frames).slice(0, 6), 0),
        framesRecord(packetsOf(frames).slice(6, 12), 1),
        timeRecord(1_790_000_000),
      ]),
    ],
    run: takenUp(),
    cost: 20,
  },
  {
    name: "capture-pcap",
    throws: [PcapError],
    seeds: [pcap],
    run: (bytes) => {
      for (const { at, end } of pcapPackets(bytes))
        if (at > end || end > bytes.length) throw new Error("outside");
    },
  },
];
