import { formatIp6, formatPrefix6 } from "../netlink/ip-text.ts";

/** RFC 5952 text of IPv6 addresses and prefixes as they stand in BGP messages. */

const scratch = new Uint8Array(16);

/** The 16 octets at `at`. */
export function addressText(bytes: Uint8Array, at: number): string {
  return formatIp6(bytes, at);
}

/**
 * A prefix of `bits` (0..128) whose ceil(bits / 8) octets are at `at`; bits beyond are masked (RFC 4271 section 4.3:
 * their value is irrelevant).
 */
export function prefixText(bytes: Uint8Array, at: number, bits: number): string {
  const octets = (bits + 7) >> 3;
  for (let i = 0; i < 16; i++) scratch[i] = i < octets ? (bytes[at + i] ?? 0) : 0;
  if ((bits & 7) !== 0) scratch[octets - 1] = (scratch[octets - 1] ?? 0) & (0xff00 >> (bits & 7)) & 0xff;
  return formatPrefix6(scratch, 0, bits);
}
