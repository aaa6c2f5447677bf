import { readU16, readU32, writeU16, writeU32 } from "./checksum.ts";

/** Octets of the SYN written here: the header and the option MSS. */
export const SYN_LENGTH = 24;
/** Where the checksum of a TCP header stands. */
export const TCP_CHECKSUM = 16;
/** Octets of a header without options. */
const TCP_HEADER = 20;

const FLAG = { SYN: 0x02, RST: 0x04, ACK: 0x10 } as const;
const WINDOW = 0xffff;
/** Segments that fit through any IPv6 path: 1280 - 60. Filters tend to drop a SYN that has no such option. */
const MSS = 1220;

export interface TcpSyn {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 32 bit. */
  readonly sequence: number;
}

/** Writes a SYN (RFC 9293 section 3.1) at `at`; its checksum is left 0. What follows it in `packet` is data. */
export function writeSyn(packet: Uint8Array, at: number, syn: TcpSyn): void {
  writeU16(packet, at, syn.sourcePort);
  writeU16(packet, at + 2, syn.destinationPort);
  writeU32(packet, at + 4, syn.sequence);
  packet[at + 12] = (SYN_LENGTH / 4) << 4;
  packet[at + 13] = FLAG.SYN;
  writeU16(packet, at + 14, WINDOW);
  packet.set([2, 4, MSS >> 8, MSS & 0xff], at + TCP_HEADER);
}

export interface TcpPorts {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
}

/** Ports and sequence number, which are in the first 8 octets; undefined when fewer are there. */
export function decodeTcpPorts(bytes: Uint8Array): TcpPorts | undefined {
  if (bytes.length < 8) return undefined;
  return { sourcePort: readU16(bytes, 0), destinationPort: readU16(bytes, 2), sequence: readU32(bytes, 4) };
}

export interface SynAnswer {
  readonly kind: "syn-ack" | "rst";
  /** Of who answers. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Acknowledges the octet before it: of a SYN without data, its sequence number + 1. */
  readonly acknowledgement: number;
}

/** An answer to a SYN, RFC 9293 section 3.10.7.1 and .2; undefined for every other segment and for less than a header. */
export function decodeSynAnswer(bytes: Uint8Array): SynAnswer | undefined {
  if (bytes.length < TCP_HEADER) return undefined;
  const flags = bytes[13] ?? 0;
  if ((flags & FLAG.ACK) === 0) return undefined;
  const reset = (flags & FLAG.RST) !== 0;
  if (!reset && (flags & FLAG.SYN) === 0) return undefined;
  return {
    kind: reset ? "rst" : "syn-ack",
    sourcePort: readU16(bytes, 0),
    destinationPort: readU16(bytes, 2),
    acknowledgement: readU32(bytes, 8),
  };
}
