import { readU16, writeU16 } from "./checksum.ts";

/** Octets of a UDP header. */
export const UDP_HEADER = 8;
/** Where its checksum stands. */
export const UDP_CHECKSUM = 6;

/** Writes a UDP header (RFC 768) at `at`, for a payload that fills the rest of `packet`; its checksum is left 0. */
export function writeUdpHeader(
  packet: Uint8Array,
  at: number,
  ports: { readonly sourcePort: number; readonly destinationPort: number },
): void {
  writeU16(packet, at, ports.sourcePort);
  writeU16(packet, at + 2, ports.destinationPort);
  writeU16(packet, at + 4, packet.length - at);
}

export interface UdpHeader {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly checksum: number;
}

/** Undefined when fewer than 8 octets are there. */
export function decodeUdp(bytes: Uint8Array): UdpHeader | undefined {
  if (bytes.length < UDP_HEADER) return undefined;
  return {
    sourcePort: readU16(bytes, 0),
    destinationPort: readU16(bytes, 2),
    checksum: readU16(bytes, UDP_CHECKSUM),
  };
}
