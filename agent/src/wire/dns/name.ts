import { lowerCase, MAX_NAME } from "@vsix/shared/dns/name.ts";

/** Names inside DNS messages (RFC 1035 section 4.1.4). Positions are of the octets given; `from` is where the message begins. */

/** Behind the name at `at`, without following pointers; -1 where it does not end before `end`. */
export function skipName(bytes: Uint8Array, at: number, end: number): number {
  let here = at;
  while (here < end) {
    const length = bytes[here] as number;
    if (length === 0) return here + 1;
    if (length >= 0xc0) return here + 2 <= end ? here + 2 : -1;
    if (length > 63) return -1;
    here += 1 + length;
  }
  return -1;
}

/**
 * The name at `at`, uncompressed and in lower case, into `into` at `to`.
 * @returns its octets, or -1: cut short, longer than 255 octets, or a pointer that does not point to before where the
 * name was last continued, and behind the header. That alone makes every name end.
 */
export function readName(
  bytes: Uint8Array,
  from: number,
  at: number,
  end: number,
  into: Uint8Array,
  to: number,
): number {
  let here = at;
  let earliest = at;
  let out = to;
  for (;;) {
    if (here >= end) return -1;
    const length = bytes[here] as number;
    if (length >= 0xc0) {
      if (here + 2 > end) return -1;
      const target = from + (((length & 0x3f) << 8) | (bytes[here + 1] as number));
      if (target >= earliest || target < from + 12) return -1;
      earliest = target;
      here = target;
      continue;
    }
    if (length > 63 || here + 1 + length > end || out - to + 1 + length > MAX_NAME) return -1;
    into[out++] = length;
    if (length === 0) return out - to;
    here++;
    for (let i = 0; i < length; i++) into[out++] = lowerCase(bytes[here + i] as number);
    here += length;
  }
}
