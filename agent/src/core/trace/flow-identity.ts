import type { TraceProtocol } from "@vsix/shared/paths/trace.ts";
import { forceChecksum, writeChecksum, writeU16, writeU32 } from "../../wire/checksum.ts";
import { ICMP6_TYPE } from "../../wire/icmp6.ts";
import { IP6_HEADER, NEXT_HEADER, writeIp6Header } from "../../wire/ip6.ts";
import { parseIp6 } from "../../wire/netlink/ip-text.ts";
import { SYN_LENGTH, TCP_CHECKSUM, writeSyn } from "../../wire/tcp.ts";
import { UDP_CHECKSUM, UDP_HEADER, writeUdpHeader } from "../../wire/udp.ts";

/** Source ports of probes are from here on: above those that Linux gives to its own connections (32768 to 60999). */
export const FIRST_PORT = 61440;
const PORTS = 4096;
/** Below them are those of probes by egress peers (core/egress), one a peer; also echo identifiers. */
export const EGRESS_PORTS = 64;
export const FIRST_EGRESS_PORT = FIRST_PORT - EGRESS_PORTS;
/** Octets of a probe that measures no MTU: an ordinary small packet of every protocol. */
export const PROBE_SIZE = 64;
/** Octets of payload that tell a probe: token, then two that force the checksum. */
const TOKEN_LENGTH = 4;
const ICMP6_CHECKSUM = 2;
const ECHO_HEADER = 8;

/**
 * All that load balancers may choose a path by, the same for every probe of the flow: addresses, next header, flow label
 * (RFC 6437), ports, and of an echo type, code, checksum and identifier, since some hash the first octets whatever
 * protocol it is. Depends on target, protocol and number of the flow alone: the next trace takes the same paths.
 */
export interface FlowIdentity {
  readonly protocol: TraceProtocol;
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly flowLabel: number;
  /** Identifier of an echo, source port otherwise. */
  readonly local: number;
  /** Of UDP and TCP. */
  readonly destinationPort: number;
  /** Of an echo. */
  readonly checksum: number;
}

/** Undefined when one of the addresses is none. */
export function flowIdentity(
  of: {
    readonly protocol: TraceProtocol;
    readonly sourceAddress: string;
    readonly targetAddress: string;
    readonly port: number;
  },
  flow: number,
): FlowIdentity | undefined {
  const source = new Uint8Array(16);
  const destination = new Uint8Array(16);
  const { sourceAddress: from, targetAddress: to } = of;
  if (!parseIp6(from, 0, from.length, source, 0) || !parseIp6(to, 0, to.length, destination, 0))
    return undefined;
  const ofTarget = hash(destination, 0);
  const ofFlow = hash(destination, flow + 1);
  return {
    protocol: of.protocol,
    source,
    destination,
    flowLabel: ofFlow & 0xfffff || 1,
    local: FIRST_PORT + ((ofTarget + flow) % PORTS),
    destinationPort: of.port,
    checksum: 1 + ((ofFlow >>> 12) % 0xfffe),
  };
}

/** FNV-1a of the address and a number, with the finaliser of MurmurHash3, for FNV's low bits differ little. 32 bit. */
export function hash(address: Uint8Array, number: number): number {
  let state = 0x811c9dc5;
  for (const octet of [...address, number >> 8, number & 0xff])
    state = Math.imul(state ^ octet, 0x01000193) >>> 0;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

/** What tells one probe of a flow from the others, and one trace's from another's. */
export interface ProbeMark {
  /** 1 to 0xfffe: sequence number of an echo, checksum of UDP. Of TCP, any; added to the token it is the sequence number. */
  readonly number: number;
  /** 32 bit, one a trace. */
  readonly token: number;
  /** Of an echo: 32 bit behind the token that come back as they are; 0 and absent are the same. */
  readonly note?: number;
}

/** Octets of an echo's payload before the note. */
export const NOTE_AT = 8;

/** Sequence number of the SYN with that mark. */
export function synSequence({ number, token }: ProbeMark): number {
  return (token + number) % 2 ** 32;
}

/**
 * The whole IPv6 packet of a probe.
 * @param size octets, at least {@link PROBE_SIZE}.
 */
export function encodeProbe(flow: FlowIdentity, mark: ProbeMark, hopLimit: number, size: number): Uint8Array {
  const packet = new Uint8Array(Math.max(PROBE_SIZE, size));
  const { source, destination, flowLabel, protocol } = flow;
  const ports = { sourcePort: flow.local, destinationPort: flow.destinationPort };
  const nextHeader = { icmp6: NEXT_HEADER.ICMP6, udp: NEXT_HEADER.UDP, tcp: NEXT_HEADER.TCP }[protocol];
  writeIp6Header(packet, { source, destination, flowLabel, hopLimit, nextHeader });
  const at = IP6_HEADER;
  switch (protocol) {
    case "icmp6": {
      packet[at] = ICMP6_TYPE.ECHO_REQUEST;
      writeU16(packet, at + 4, flow.local);
      writeU16(packet, at + 6, mark.number);
      const spare = at + ECHO_HEADER + TOKEN_LENGTH;
      writeU32(packet, at + ECHO_HEADER, mark.token);
      writeU32(packet, at + ECHO_HEADER + NOTE_AT, mark.note ?? 0);
      forceChecksum(packet, nextHeader, at + ICMP6_CHECKSUM, spare, flow.checksum);
      break;
    }
    case "udp": {
      writeUdpHeader(packet, at, ports);
      const spare = at + UDP_HEADER + TOKEN_LENGTH;
      writeU32(packet, at + UDP_HEADER, mark.token);
      forceChecksum(packet, nextHeader, at + UDP_CHECKSUM, spare, mark.number);
      break;
    }
    case "tcp":
      writeSyn(packet, at, { ...ports, sequence: synSequence(mark) });
      writeChecksum(packet, nextHeader, at + TCP_CHECKSUM);
  }
  return packet;
}

/** Octets of data behind the SYN of a probe of that size. */
export function synData(size: number): number {
  return Math.max(PROBE_SIZE, size) - IP6_HEADER - SYN_LENGTH;
}
