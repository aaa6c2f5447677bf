import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { formatIp6 } from "./netlink/ip-text.ts";

/** ICMPv6 messages, RFC 4443. */
export const ICMP6_TYPE = {
  UNREACHABLE: 1,
  PACKET_TOO_BIG: 2,
  TIME_EXCEEDED: 3,
  ECHO_REQUEST: 128,
  ECHO_REPLY: 129,
} as const;

const NEXT_HEADER_ICMP6 = 58;
const NEXT_HEADER_ROUTING = 43;
const NEXT_HEADER_IPV6 = 41;
const NEXT_HEADER_HOP_BY_HOP = 0;
const NEXT_HEADER_DESTINATION = 60;
const NEXT_HEADER_FRAGMENT = 44;

/** Bytes that are no ICMPv6 message. The only thing the decoder throws. */
export class Icmp6DecodeError extends VsixError<"icmp6-decode"> {
  constructor(message: string) {
    super("icmp6-decode", message);
    this.name = "Icmp6DecodeError";
  }
}

/** The packet that an error message quotes, as far as it is there. */
export interface QuotedPacket {
  readonly source: string;
  readonly destination: string;
  readonly hopLimit: number;
  /** 20 bit. */
  readonly flowLabel: number;
  /** Upper-layer protocol, after extension headers; undefined when the quotation ends before it. */
  readonly nextHeader?: number;
  /** Where it is an ICMPv6 echo (request or reply): which one. */
  readonly echo?: { readonly id: number; readonly sequence: number };
  /** Where it was encapsulated (next header 41): what was inside. */
  readonly inner?: QuotedPacket;
}

export type Icmp6Message =
  | {
      readonly type: "echo-request" | "echo-reply";
      readonly id: number;
      readonly sequence: number;
      /** Not a copy. */
      readonly payload: Uint8Array;
    }
  | {
      readonly type: "unreachable" | "time-exceeded" | "packet-too-big";
      readonly code: number;
      /** Octets, of packet-too-big only. */
      readonly mtu?: number;
      /** Undefined when too little is quoted. */
      readonly quoted?: QuotedPacket;
    }
  | { readonly type: "other"; readonly typeNumber: number; readonly code: number };

/** Octets of an echo before its payload. */
export const ECHO_HEADER = 8;

/** An echo request; its checksum is left 0 for the kernel, which knows the source address. RFC 4443 section 4.1. */
export function encodeEchoRequest(id: number, sequence: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(ECHO_HEADER + payload.length);
  bytes[0] = ICMP6_TYPE.ECHO_REQUEST;
  writeU16(bytes, 4, id);
  writeU16(bytes, 6, sequence);
  bytes.set(payload, ECHO_HEADER);
  return bytes;
}

/** Decodes a message from its type octet on. @throws Icmp6DecodeError */
export function decodeIcmp6(bytes: Uint8Array): Icmp6Message {
  if (bytes.length < 8)
    throw new Icmp6DecodeError(`ICMPv6 message of ${bytes.length} octets, at least 8 needed`);
  const type = bytes[0] ?? 0;
  const code = bytes[1] ?? 0;
  switch (type) {
    case ICMP6_TYPE.ECHO_REQUEST:
    case ICMP6_TYPE.ECHO_REPLY:
      return {
        type: type === ICMP6_TYPE.ECHO_REPLY ? "echo-reply" : "echo-request",
        id: u16(bytes, 4),
        sequence: u16(bytes, 6),
        payload: bytes.subarray(ECHO_HEADER),
      };
    case ICMP6_TYPE.UNREACHABLE:
      return { type: "unreachable", code, ...quotation(bytes) };
    case ICMP6_TYPE.TIME_EXCEEDED:
      return { type: "time-exceeded", code, ...quotation(bytes) };
    case ICMP6_TYPE.PACKET_TOO_BIG:
      return {
        type: "packet-too-big",
        code,
        mtu: u16(bytes, 4) * 0x10000 + u16(bytes, 6),
        ...quotation(bytes),
      };
    default:
      return { type: "other", typeNumber: type, code };
  }
}

/** Encapsulations looked into; a hostile quotation can hold one in every 40 octets. */
const MAX_DEPTH = 4;

/** What follows the 8 octets of an error's header. Any extension of RFC 4884 comes after it and is not looked at. */
function quotation(bytes: Uint8Array): { readonly quoted?: QuotedPacket } {
  const quoted = decodeQuoted(bytes, 8, MAX_DEPTH);
  return quoted === undefined ? {} : { quoted };
}

/** IPv6 header at `at`, RFC 8200 section 3; undefined when it is not whole or no IPv6. */
function decodeQuoted(bytes: Uint8Array, at: number, depth: number): QuotedPacket | undefined {
  if (bytes.length < at + 40 || (bytes[at] ?? 0) >> 4 !== 6) return undefined;
  const upper = skipExtensions(bytes, at + 40, bytes[at + 6] ?? 0);
  const inner =
    upper?.nextHeader === NEXT_HEADER_IPV6 && depth > 1
      ? decodeQuoted(bytes, upper.at, depth - 1)
      : undefined;
  const type = upper === undefined ? 0 : (bytes[upper.at] ?? 0);
  const isEcho =
    upper?.nextHeader === NEXT_HEADER_ICMP6 &&
    (type === ICMP6_TYPE.ECHO_REQUEST || type === ICMP6_TYPE.ECHO_REPLY) &&
    bytes.length >= upper.at + ECHO_HEADER;
  return {
    source: formatIp6(bytes, at + 8),
    destination: formatIp6(bytes, at + 24),
    hopLimit: bytes[at + 7] ?? 0,
    flowLabel: ((bytes[at + 1] ?? 0) & 0x0f) * 0x10000 + u16(bytes, at + 2),
    ...(upper === undefined ? {} : { nextHeader: upper.nextHeader }),
    ...(isEcho ? { echo: { id: u16(bytes, upper.at + 4), sequence: u16(bytes, upper.at + 6) } } : {}),
    ...(inner === undefined ? {} : { inner }),
  };
}

/** Steps over extension headers, RFC 8200 section 4. A later fragment has no upper-layer header. */
function skipExtensions(
  bytes: Uint8Array,
  start: number,
  first: number,
): { readonly at: number; readonly nextHeader: number } | undefined {
  let at = start;
  let nextHeader = first;
  for (;;) {
    const sized =
      nextHeader === NEXT_HEADER_HOP_BY_HOP ||
      nextHeader === NEXT_HEADER_ROUTING ||
      nextHeader === NEXT_HEADER_DESTINATION;
    if (!sized && nextHeader !== NEXT_HEADER_FRAGMENT) return { at, nextHeader };
    if (bytes.length < at + 8) return undefined;
    if (nextHeader === NEXT_HEADER_FRAGMENT && u16(bytes, at + 2) >> 3 !== 0) return undefined;
    nextHeader = bytes[at] ?? 0;
    at += sized ? 8 * ((bytes[at + 1] ?? 0) + 1) : 8; // at least 8 further each time: it ends
  }
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}
