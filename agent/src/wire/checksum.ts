/** The Internet checksum of what is carried in IPv6: RFC 1071 arithmetic, RFC 8200 section 8.1 pseudo-header. */

const IP6_HEADER = 40;
const SOURCE_AT = 8;

/** Ones' complement sum of the 16-bit words of `bytes[from, to)`, an odd last octet filled up with 0; folded to 16 bit. */
function sumWords(bytes: Uint8Array, from: number, to: number, start: number): number {
  let sum = start;
  for (let at = from; at < to; at += 2)
    sum += ((bytes[at] ?? 0) << 8) + (at + 1 < to ? (bytes[at + 1] ?? 0) : 0);
  return fold(sum);
}

function fold(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
}

/**
 * Sum of pseudo-header and upper layer of an IPv6 packet without extension headers. 0xffff where the checksum in it is
 * right.
 */
export function upperLayerSum(packet: Uint8Array, nextHeader: number): number {
  const length = packet.length - IP6_HEADER;
  const addresses = sumWords(packet, SOURCE_AT, IP6_HEADER, fold(length) + nextHeader);
  return sumWords(packet, IP6_HEADER, packet.length, addresses);
}

/** Writes the checksum into a packet that holds 0 there. RFC 768: a sum of 0 is sent as 0xffff. */
export function writeChecksum(packet: Uint8Array, nextHeader: number, at: number): void {
  const checksum = ~upperLayerSum(packet, nextHeader) & 0xffff;
  writeU16(packet, at, checksum === 0 ? 0xffff : checksum);
}

/**
 * Makes the checksum of a packet what is `wanted`: two octets at `spareAt` (even, holding 0) are chosen for it, as Paris
 * traceroute does. So the number of a probe may differ, and no word does that a router may hash.
 * @param wanted 1 to 0xfffe.
 */
export function forceChecksum(
  packet: Uint8Array,
  nextHeader: number,
  at: number,
  spareAt: number,
  wanted: number,
): void {
  writeU16(packet, at, wanted);
  writeU16(packet, spareAt, ~upperLayerSum(packet, nextHeader) & 0xffff);
}

export function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
}

export function readU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  writeU16(bytes, at, value >>> 16);
  writeU16(bytes, at + 2, value & 0xffff);
}

export function readU32(bytes: Uint8Array, at: number): number {
  return readU16(bytes, at) * 0x10000 + readU16(bytes, at + 2);
}
