import { readFileSync } from "node:fs";
import { PacketCapture } from "@vsix/agent/core/capture/packet-capture.ts";
import { PcapError, pcapPackets } from "@vsix/agent/wire/capture/pcap.ts";
import { zstdCodec } from "@vsix/shared/compress/zstd.ts";
import { noCounters } from "@vsix/shared/dns/counters.ts";
import { pairJson, pairLine } from "@vsix/shared/dns/pair-text.ts";
import { Segment } from "@vsix/shared/dns/segment.ts";
import { SegmentBuilder } from "@vsix/shared/dns/segment-builder.ts";
import { DnsSegmentError } from "@vsix/shared/dns/segment-error.ts";
import { matchRows } from "@vsix/shared/dns/segment-filter.ts";
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

const frames: readonly Octets[] = DNS_KINDS.flatMap(({ frames }) => [...frames(1), ...frames(2)]);
const pcap = pcapFile(
  frames.slice(0, 12).map((one, i) => ({ frame: one, second: 1_790_000_000, microsecond: i })),
);

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
    seeds: [readFileSync(new URL("../../shared/vectors/dns/segment-1.bin", import.meta.url))],
    run: readAll,
    cost: 5,
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
