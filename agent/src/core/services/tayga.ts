import type { TranslatorPart } from "@vsix/shared/contract/part-services.ts";
import { formatAddress4, parsePrefix4 } from "@vsix/shared/net/ip4.ts";

/**
 * tayga.conf(5) and the routes of a translator of ours. tayga translates without state, one IPv4 address for one IPv6 address; for NAT64
 * each client gets an address of `internal`, and packet filters (translator-filters.ts) make the pool of all of them.
 */

/** The TUN device: no other program has one of this name. */
export const TRANSLATOR_DEVICE = "vsix-nat64";
export const TAYGA_CONFIG = "tayga.conf";
/** Octets of an IPv6 packet through it: an Edge's largest. */
export const TRANSLATOR_MTU = 1500;
/** Source of ICMPv4 errors where no address of its own is there, RFC 7600 section 4.5 (the IPv4 dummy address). */
const DUMMY4 = "192.0.0.8";

/** @param dataDirectory absolute; clients' addresses survive a restart in it */
export function taygaConfig(part: TranslatorPart, dataDirectory: string): string {
  const { prefix, own6, internal, mappings } = part;
  const inside = internal === undefined ? undefined : parsePrefix4(internal);
  return [
    "# Written by vsix-agent and replaced by it; what it should say is in the fabric file.",
    `tun-device ${TRANSLATOR_DEVICE}`,
    `ipv4-addr ${inside === undefined ? DUMMY4 : formatAddress4(inside.address + 1)}`,
    `ipv6-addr ${own6}`,
    `prefix ${prefix}`,
    ...(internal === undefined ? [] : [`dynamic-pool ${internal}`]),
    ...mappings.map(({ v4, v6 }) => `map ${v4} ${v6}`),
    `data-dir ${dataDirectory}`,
    "",
  ].join("\n");
}

/** What the kernel hands to the translator. What is in a pool and mapped to nobody is not. */
export function translatorRoutes({ prefix, own6, internal, mappings }: TranslatorPart): readonly string[] {
  return [
    prefix,
    `${own6}/128`,
    ...(internal === undefined ? [] : [internal]),
    ...mappings.map(({ v4 }) => `${v4}/32`),
  ].sort();
}
