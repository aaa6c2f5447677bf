import { type Prefix, parsePrefix } from "../net/prefix.ts";

/** Lengths that a Pref64 may have (RFC 6052 section 2.2). */
export const PREF64_LENGTHS: readonly number[] = [32, 40, 48, 56, 64, 96];

/** RFC 6052 section 2.1. */
export const WELL_KNOWN_PREF64 = "64:ff9b::/96";

/** Which octets of the address hold the IPv4 address; octet 8 ("u") never does. */
const PLACES: ReadonlyMap<number, readonly [number, number, number, number]> = new Map([
  [32, [4, 5, 6, 7]],
  [40, [5, 6, 7, 9]],
  [48, [6, 7, 9, 10]],
  [56, [7, 9, 10, 11]],
  [64, [9, 10, 11, 12]],
  [96, [12, 13, 14, 15]],
]);

/** A prefix usable as Pref64, or undefined: of a wrong length, or bits 64 to 71 set in a /96 (RFC 6052 section 2.2). */
export function parsePref64(text: string): Prefix | undefined {
  const prefix = parsePrefix(text);
  return prefix !== undefined && PLACES.has(prefix.length) && prefix.address[8] === 0 ? prefix : undefined;
}

/** The first prefix that the 16 octets at `at` lie in, with octet "u" zero; undefined where none. */
export function translatedBy(pref64: readonly Prefix[], bytes: Uint8Array, at = 0): Prefix | undefined {
  next: for (const prefix of pref64) {
    const octets = prefix.length >> 3;
    for (let i = 0; i < octets; i++) if (prefix.address[i] !== bytes[at + i]) continue next;
    if (bytes[at + 8] === 0) return prefix;
  }
  return undefined;
}

/** The IPv4 address (4 octets) inside a translated address. RangeError for a prefix of a length that RFC 6052 has not. */
export function embeddedIpv4(prefix: Prefix, address: Uint8Array): Uint8Array {
  const places = PLACES.get(prefix.length);
  if (places === undefined) throw new RangeError(`a Pref64 is never a /${prefix.length}`);
  return Uint8Array.from(places, (place) => address[place] ?? 0);
}

/** The translated address of an IPv4 address (4 octets). RangeError as above. */
export function embedIpv4(prefix: Prefix, ipv4: Uint8Array): Uint8Array {
  const places = PLACES.get(prefix.length);
  if (places === undefined) throw new RangeError(`a Pref64 is never a /${prefix.length}`);
  const address = Uint8Array.from(prefix.address);
  for (const [i, place] of places.entries()) address[place] = ipv4[i] ?? 0;
  return address;
}
