import { type Evidence, identifyIcmp6, identifyTcp } from "@vsix/agent/core/trace/identify.ts";
import { TraceSession } from "@vsix/agent/core/trace/session.ts";
import type { TraceTask } from "@vsix/agent/core/trace/task.ts";
import { readU16, readU32, upperLayerSum } from "@vsix/agent/wire/checksum.ts";
import { decodeIcmp6 } from "@vsix/agent/wire/icmp6.ts";
import { IP6_HEADER, NEXT_HEADER } from "@vsix/agent/wire/ip6.ts";
import { parseIp6 } from "@vsix/agent/wire/netlink/ip-text.ts";
import type { Trace } from "@vsix/shared/paths/trace.ts";

/** A router of a path, in words. */
export interface FakeHop {
  readonly address: string;
  /** Answers so many time-exceeded in all; Infinity when absent, 0 is silence. */
  readonly answers?: number;
  /** Says "unreachable" with this code to all that is to go further. */
  readonly refuses?: number;
  /** Octets that fit further. */
  readonly mtu?: number;
  /** What it says does, if not the truth. */
  readonly says?: number;
  /** Drops what is too big without a word. */
  readonly mute?: boolean;
  /** Sends everything further inside another IPv6 packet with a segment list; quotes it so. */
  readonly encapsulates?: boolean;
}

export interface FakeNetwork {
  /** The way of a flow, without the target. */
  readonly pathOf: (flowLabel: number) => readonly FakeHop[];
  readonly target: string;
  /** One way, microseconds a hop. */
  readonly hopUs: number;
  /** Whether a packet that reaches the target is lost: of those, how many came before. */
  readonly lost?: (count: number) => boolean;
}

export interface FakeRun {
  readonly trace: Trace;
  /** Every packet, with when it went. */
  readonly packets: readonly { readonly packet: Uint8Array; readonly atUs: number }[];
  readonly tookUs: number;
}

/** Runs a trace over a network that is not there, in no time. @throws Error when it does not end. */
export function runTrace(task: TraceTask, network: FakeNetwork, random: () => number): FakeRun {
  const session = new TraceSession(task, random);
  const spent = new Map<string, number>();
  let arrived = 0;
  let nowUs = 1_000_000;
  const packets: { packet: Uint8Array; atUs: number }[] = [];
  const flying: { readonly atUs: number; readonly evidence: Evidence }[] = [];
  const carry = (packet: Uint8Array): void => {
    const flowLabel = readU32(packet, 0) & 0xfffff;
    const hops = network.pathOf(flowLabel);
    let encapsulated = false;
    const tell = (from: string, at: number, bytes: Uint8Array | undefined): void => {
      if (bytes === undefined) return;
      const evidence = identifyIcmp6(from, decodeIcmp6(bytes));
      if (evidence !== undefined) flying.push({ atUs: nowUs + 2 * (at + 1) * network.hopUs, evidence });
    };
    for (const [i, hop] of hops.entries()) {
      const quote = encapsulated ? encapsulate(packet) : packet;
      if ((packet[7] ?? 0) <= i + 1) {
        const count = spent.get(hop.address) ?? 0;
        spent.set(hop.address, count + 1);
        if (count < (hop.answers ?? Number.POSITIVE_INFINITY)) tell(hop.address, i, error(3, 0, 0, quote));
        return;
      }
      if (hop.refuses !== undefined) {
        tell(hop.address, i, error(1, hop.refuses, 0, quote));
        return;
      }
      if (packet.length > (hop.mtu ?? 65535)) {
        if (hop.mute !== true) tell(hop.address, i, error(2, 0, hop.says ?? hop.mtu ?? 0, quote));
        return;
      }
      encapsulated ||= hop.encapsulates === true;
    }
    if (network.lost?.(arrived++) === true) return;
    if (upperLayerSum(packet, packet[6] ?? 0) !== 0xffff) return; // what a host does with it
    const upper = packet.slice(IP6_HEADER);
    if (packet[6] === NEXT_HEADER.TCP) {
      const data = upper.length - 4 * ((upper[12] ?? 0) >> 4);
      const acknowledgement = (readU32(upper, 4) + 1 + data) % 2 ** 32;
      const ports = { sourcePort: readU16(upper, 2), destinationPort: readU16(upper, 0) };
      const evidence = identifyTcp(network.target, { kind: "rst", ...ports, acknowledgement });
      flying.push({ atUs: nowUs + 2 * (hops.length + 1) * network.hopUs, evidence });
    } else if (packet[6] === NEXT_HEADER.UDP) tell(network.target, hops.length, error(1, 4, 0, packet));
    else {
      upper[0] = 129;
      tell(network.target, hops.length, upper);
    }
  };
  for (let steps = 0; steps < 1_000_000; steps++) {
    for (const answer of flying.filter(({ atUs }) => atUs <= nowUs)) {
      flying.splice(flying.indexOf(answer), 1);
      session.answered(answer.evidence, answer.atUs);
    }
    for (let probe = session.due(nowUs); probe !== undefined; probe = session.due(nowUs)) {
      probe.sent(nowUs);
      packets.push({ packet: probe.packet, atUs: nowUs });
      carry(probe.packet);
    }
    const nextUs = session.nextUs(nowUs);
    if (nextUs === undefined) {
      const facts = { source: "here", startedAt: 0, endedAt: 0 };
      return { trace: session.result(facts), packets, tookUs: nowUs - 1_000_000 };
    }
    nowUs = Math.max(nowUs + 1, Math.min(nextUs, ...flying.map(({ atUs }) => atUs)));
  }
  throw new Error("the trace does not end");
}

/** An ICMPv6 error with the packet in it, its hop limit used up. */
function error(type: number, code: number, word: number, packet: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.min(1280 - IP6_HEADER, 8 + packet.length));
  bytes.set([type, code]);
  new DataView(bytes.buffer).setUint32(4, word);
  bytes.set(packet.subarray(0, bytes.length - 8), 8);
  if (type === 3) bytes[8 + 7] = 1;
  return bytes;
}

/** H.Encaps of RFC 8986 with two segments, at the first of them. */
function encapsulate(packet: Uint8Array): Uint8Array {
  const outer = new Uint8Array(IP6_HEADER + 40 + packet.length);
  outer.set(packet.subarray(0, 4));
  new DataView(outer.buffer).setUint16(4, 40 + packet.length);
  outer.set([NEXT_HEADER.ROUTING, packet[7] ?? 0], 6);
  const segment = "2001:db8:ff::1";
  parseIp6(segment, 0, segment.length, outer, 8);
  parseIp6(segment, 0, segment.length, outer, 24);
  outer.set([NEXT_HEADER.IPV6, 4, 4, 1, 1, 0, 0, 0], IP6_HEADER);
  outer.set(outer.subarray(24, 40), IP6_HEADER + 8);
  outer.set(outer.subarray(24, 40), IP6_HEADER + 24);
  outer.set(packet, IP6_HEADER + 40);
  return outer;
}
