import { type AddressBytes, formatAddress } from "./address.ts";
import { containsAddress, formatPrefix, type Prefix, parsePrefix } from "./prefix.ts";

/** IPv4 addresses inside IPv6 ones, RFC 6052. */

/** Lengths of a prefix that an IPv4 address can be embedded in, RFC 6052 section 2.2. */
export const PREF64_LENGTHS: readonly number[] = [32, 40, 48, 56, 64, 96];

/** RFC 6052 section 2.1; never for addresses that are not of the Internet (section 3.1). */
export const WELL_KNOWN_PREFIX = "64:ff9b::/96";

/** Why a prefix cannot be a Pref64, and what would be right; undefined when it can. */
export function pref64Fault(prefix: Prefix): string | undefined {
  const text = formatPrefix(prefix);
  if (!PREF64_LENGTHS.includes(prefix.length))
    return `${text}: a translation prefix is a ${PREF64_LENGTHS.map((length) => `/${length}`).join(", ")} (RFC 6052 section 2.2)`;
  // Octet "u" of a /96 is part of the prefix.
  if (prefix.length === 96 && prefix.address[8] !== 0)
    return `${text}: bits 64 to 71 of a translation prefix are zero (RFC 6052 section 2.2)`;
  return undefined;
}

/** A prefix that can be a Pref64 from its text; undefined where it cannot ({@link pref64Fault} says why). */
export function parsePref64(text: string): Prefix | undefined {
  const prefix = parsePrefix(text);
  return prefix !== undefined && pref64Fault(prefix) === undefined ? prefix : undefined;
}

/** The first prefix that the 16 octets at `at` lie in, with octet "u" zero; undefined where none. Makes nothing: it is asked for each AAAA record. */
export function translatedBy(pref64: readonly Prefix[], bytes: Uint8Array, at = 0): Prefix | undefined {
  next: for (const prefix of pref64) {
    const octets = prefix.length >> 3;
    for (let i = 0; i < octets; i++) if (prefix.address[i] !== bytes[at + i]) continue next;
    if (bytes[at + 8] === 0) return prefix;
  }
  return undefined;
}

/** Octets of the address that hold the four of IPv4: octet 8 is skipped. RFC 6052 section 2.2, figure 1. */
function places(length: number): readonly number[] {
  const first = length / 8;
  const all = [0, 1, 2, 3].map((i) => first + i);
  return first === 12 ? all : all.map((place) => (place >= 8 ? place + 1 : place));
}

/** The IPv6 address that stands for an IPv4 one (0..2^32 - 1). */
export function embed(prefix: Prefix, address4: number): AddressBytes {
  const bytes = Uint8Array.from(prefix.address);
  for (const [i, place] of places(prefix.length).entries()) bytes[place] = (address4 >>> (24 - 8 * i)) & 255;
  return bytes;
}

/** RFC 5952 text of {@link embed}. */
export function embedText(prefix: Prefix, address4: number): string {
  return formatAddress(embed(prefix, address4));
}

/** The IPv4 address that an IPv6 one stands for; undefined outside of the prefix. */
export function extract(prefix: Prefix, address: AddressBytes): number | undefined {
  if (!containsAddress(prefix, address)) return undefined;
  return places(prefix.length).reduce((value, place) => value * 256 + (address[place] ?? 0), 0);
}
