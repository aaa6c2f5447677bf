import { readU16 } from "./checksum.ts";
import { IP6_HEADER, NEXT_HEADER } from "./ip6.ts";
import { formatIp6 } from "./netlink/ip-text.ts";

/** The packet that an error message quotes, as far as it is there. */
export interface QuotedPacket {
  readonly source: string;
  /** As it stood in the header when the error was made: of a packet with a segment list, the segment it was going to. */
  readonly destination: string;
  /** Where it has a segment list (SRH, RFC 8754) that is quoted so far: its last segment. */
  readonly finalDestination?: string;
  readonly hopLimit: number;
  /** 20 bit. */
  readonly flowLabel: number;
  /** Upper-layer protocol, after extension headers; undefined when the quotation ends before it. */
  readonly nextHeader?: number;
  /** From the upper-layer header on, as much as is quoted. Not a copy. */
  readonly upper?: Uint8Array;
  /** Where it is an ICMPv6 echo (request or reply): which one. */
  readonly echo?: { readonly id: number; readonly sequence: number };
  /** Where it was encapsulated (next header 41): what was inside. */
  readonly inner?: QuotedPacket;
}

/** Octets of an ICMPv6 error before the quotation. */
const ERROR_HEADER = 8;
const ECHO_HEADER = 8;
/** Encapsulations looked into; a hostile quotation can hold one in every 40 octets. */
const MAX_DEPTH = 4;
const SEGMENT_ROUTING = 4;

/**
 * What an ICMPv6 error quotes; undefined when too little is there.
 * @param lengthWords the octet "length" of RFC 4884 section 4.4, in units of 8 octets: extensions (interfaces of RFC 5837,
 *   labels of RFC 4950) begin behind. 0 where there are none; what cannot be right is taken for 0.
 */
export function decodeQuotation(bytes: Uint8Array, lengthWords: number): QuotedPacket | undefined {
  const end = ERROR_HEADER + 8 * lengthWords;
  const quotation = lengthWords > 0 && end <= bytes.length ? bytes.subarray(0, end) : bytes;
  return decodeQuoted(quotation, ERROR_HEADER, MAX_DEPTH);
}

/** IPv6 header at `at`, RFC 8200 section 3; undefined when it is not whole or no IPv6. */
function decodeQuoted(bytes: Uint8Array, at: number, depth: number): QuotedPacket | undefined {
  if (bytes.length < at + IP6_HEADER || (bytes[at] ?? 0) >> 4 !== 6) return undefined;
  const { finalDestination, ...upper } = skipExtensions(bytes, at + IP6_HEADER, bytes[at + 6] ?? 0);
  const { nextHeader } = upper;
  const inner =
    nextHeader === NEXT_HEADER.IPV6 && depth > 1 ? decodeQuoted(bytes, upper.at, depth - 1) : undefined;
  const type = bytes[upper.at] ?? 0;
  const isEcho =
    nextHeader === NEXT_HEADER.ICMP6 &&
    (type === 128 || type === 129) &&
    bytes.length >= upper.at + ECHO_HEADER;
  return {
    source: formatIp6(bytes, at + 8),
    destination: formatIp6(bytes, at + 24),
    ...(finalDestination === undefined ? {} : { finalDestination }),
    hopLimit: bytes[at + 7] ?? 0,
    flowLabel: ((bytes[at + 1] ?? 0) & 0x0f) * 0x10000 + readU16(bytes, at + 2),
    ...(nextHeader === undefined ? {} : { nextHeader, upper: bytes.subarray(upper.at) }),
    ...(isEcho ? { echo: { id: readU16(bytes, upper.at + 4), sequence: readU16(bytes, upper.at + 6) } } : {}),
    ...(inner === undefined ? {} : { inner }),
  };
}

interface Upper {
  readonly at: number;
  /** Undefined when the quotation ends before it. */
  readonly nextHeader?: number;
  readonly finalDestination?: string;
}

/** Steps over extension headers, RFC 8200 section 4. A later fragment has no upper-layer header. */
function skipExtensions(bytes: Uint8Array, start: number, first: number): Upper {
  let at = start;
  let nextHeader = first;
  let finalDestination: string | undefined;
  for (;;) {
    const found = finalDestination === undefined ? {} : { finalDestination };
    const sized =
      nextHeader === NEXT_HEADER.HOP_BY_HOP ||
      nextHeader === NEXT_HEADER.ROUTING ||
      nextHeader === NEXT_HEADER.DESTINATION;
    if (!sized && nextHeader !== NEXT_HEADER.FRAGMENT) return { at, nextHeader, ...found };
    if (bytes.length < at + 8) return { at, ...found };
    if (nextHeader === NEXT_HEADER.FRAGMENT && readU16(bytes, at + 2) >> 3 !== 0) return { at, ...found };
    if (nextHeader === NEXT_HEADER.ROUTING) finalDestination ??= lastSegment(bytes, at);
    nextHeader = bytes[at] ?? 0;
    at += sized ? 8 * ((bytes[at + 1] ?? 0) + 1) : 8; // at least 8 further each time: it ends
  }
}

/** Segment List[0] of an SRH at `at` is the last segment of the path, RFC 8754 section 2. */
function lastSegment(bytes: Uint8Array, at: number): string | undefined {
  const holds = (bytes[at + 2] ?? 0) === SEGMENT_ROUTING && (bytes[at + 1] ?? 0) >= 2;
  return holds && bytes.length >= at + 24 ? formatIp6(bytes, at + 8) : undefined;
}
