import { type AddressBytes, formatAddress, parseAddress } from "@vsix/shared/net/address.ts";
import { parseAddress4 } from "@vsix/shared/net/ip4.ts";
import {
  embed,
  embedText,
  extract,
  PREF64_LENGTHS,
  pref64Fault,
  translatedBy as translatedByBytes,
} from "@vsix/shared/net/pref64.ts";
import { type Prefix, prefixOf } from "@vsix/shared/net/prefix.ts";

/** Finding out what prefix a DNS64 uses (RFC 7050), and what stands for an IPv4 address then. */

/** 192.0.0.170 and .171: what ipv4only.arpa has, RFC 7050 section 8.2. */
const WELL_KNOWN_IPV4: readonly number[] = [0xc00000aa, 0xc00000ab];

/**
 * Prefixes that a DNS64 must have if it made these addresses for ipv4only.arpa, RFC 7050 section 3: at each length, the longest
 * first, whether one of the well-known IPv4 addresses stands there and nothing behind it.
 */
export function discoverPref64s(addresses: readonly string[]): readonly Prefix[] {
  const found = new Map<string, Prefix>();
  for (const text of addresses) {
    const address = parseAddress(text);
    const prefix = address === undefined ? undefined : madeWith(address);
    if (prefix !== undefined) found.set(`${formatAddress(prefix.address)}/${prefix.length}`, prefix);
  }
  return [...found.values()];
}

function madeWith(address: AddressBytes): Prefix | undefined {
  for (const length of [...PREF64_LENGTHS].sort((a, b) => b - a)) {
    const prefix = prefixOf(address, length);
    if (pref64Fault(prefix) !== undefined) continue;
    const inside = extract(prefix, address);
    if (inside === undefined || !WELL_KNOWN_IPV4.includes(inside)) continue;
    // Nothing else may be set, octet "u" and what follows the IPv4 address included.
    if (embed(prefix, inside).every((octet, i) => octet === address[i])) return prefix;
  }
  return undefined;
}

/** The prefix among these that an address was made with; undefined: it is native. */
export function translatedBy(prefixes: readonly Prefix[], address: string): Prefix | undefined {
  const bytes = parseAddress(address);
  return bytes === undefined ? undefined : translatedByBytes(prefixes, bytes);
}

/** Undefined where it is no IPv4 address. */
export function translated(prefix: Prefix, ipv4: string): string | undefined {
  const address = parseAddress4(ipv4);
  return address === undefined ? undefined : embedText(prefix, address);
}
