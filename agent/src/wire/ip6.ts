import { writeU16 } from "./checksum.ts";

/** Upper-layer protocols and extension headers, RFC 8200 section 4 and the IANA registry of protocol numbers. */
export const NEXT_HEADER = {
  HOP_BY_HOP: 0,
  TCP: 6,
  UDP: 17,
  IPV6: 41,
  ROUTING: 43,
  FRAGMENT: 44,
  ICMP6: 58,
  DESTINATION: 60,
} as const;

/** Octets of the header without extensions. */
export const IP6_HEADER = 40;

export interface Ip6Header {
  /** 16 octets. */
  readonly source: Uint8Array;
  /** 16 octets. */
  readonly destination: Uint8Array;
  /** 20 bit, RFC 6437. */
  readonly flowLabel: number;
  readonly hopLimit: number;
  readonly nextHeader: number;
}

/** Writes the 40 octets of the header (RFC 8200 section 3) before a payload that fills the rest of `packet`. */
export function writeIp6Header(packet: Uint8Array, header: Ip6Header): void {
  packet[0] = 0x60;
  packet[1] = (header.flowLabel >> 16) & 0x0f;
  writeU16(packet, 2, header.flowLabel & 0xffff);
  writeU16(packet, 4, packet.length - IP6_HEADER);
  packet[6] = header.nextHeader;
  packet[7] = header.hopLimit;
  packet.set(header.source.subarray(0, 16), 8);
  packet.set(header.destination.subarray(0, 16), 24);
}
