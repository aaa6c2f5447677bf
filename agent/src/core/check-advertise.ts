import type { AdvertisePart } from "@vsix/shared/contract/part-advertise.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { pref64Fault } from "@vsix/shared/net/pref64.ts";
import { parsePrefix } from "@vsix/shared/net/prefix.ts";
import { canonicalIp6, canonicalPrefix6, isLinkLocal } from "../wire/netlink/ip-text.ts";

/** RFC 4862 section 5.5.3 (d): with Ethernet's interface identifiers hosts make addresses in no other. */
const AUTONOMOUS_LENGTH = 64;

/** What is wrong with a part `advertise`, the field named; undefined when all is well. */
export function faultOfAdvertise(part: AdvertisePart, fabric: FabricPart): string | undefined {
  const names = new Set<string>();
  const ports = new Set(fabric.interfaces.map(({ name }) => name));
  for (const [i, lan] of part.interfaces.entries()) {
    const { name, addresses, intervalS, lifetimeS } = lan;
    const at = `advertise /interfaces/${i}`;
    if (name === "." || name === ".." || name === "lo" || !/^[^\s/:]+$/.test(name))
      return `${at}/name: ${shown(name)} is no LAN`;
    if (names.has(name)) return `${at}/name: ${name} is there twice`;
    // Our own routers stand there, and take no word from each other but BGP's.
    if (ports.has(name)) return `${at}/name: ${name} is a link of the fabric`;
    names.add(name);
    for (const [j, text] of addresses.entries())
      if (
        !text.includes("/") ||
        canonicalPrefix6(text) === undefined ||
        isLinkLocal(text.split("/")[0] ?? "")
      )
        return `${at}/addresses/${j}: ${shown(text)} is no address with its prefix length`;
    // RFC 4861 section 6.2.1: AdvDefaultLifetime.
    if (lifetimeS !== 0 && lifetimeS < intervalS)
      return `${at}/lifetimeS: ${lifetimeS} is over before the next advertisement (${intervalS} s)`;
    const fault = faultOfContent(lan);
    if (fault !== undefined) return `${at}${fault}`;
  }
  return undefined;
}

function faultOfContent(lan: AdvertisePart["interfaces"][number]): string | undefined {
  for (const [j, { prefix: text, autonomous, preferredS, validS }] of lan.prefixes.entries()) {
    const prefix = parsePrefix(text);
    if (prefix === undefined || isLinkLocal(text.split("/")[0] ?? ""))
      return `/prefixes/${j}/prefix: ${shown(text)} is no IPv6 prefix to advertise`;
    if (autonomous && prefix.length !== AUTONOMOUS_LENGTH)
      return `/prefixes/${j}/prefix: hosts make addresses in a /64 only, not in ${shown(text)}`;
    if (preferredS > validS) return `/prefixes/${j}/preferredS: preferred longer than valid`;
  }
  for (const [j, text] of (lan.resolvers?.addresses ?? []).entries())
    if (canonicalIp6(text) === undefined)
      return `/resolvers/addresses/${j}: ${shown(text)} is no IPv6 address`;
  if (lan.pref64 === undefined) return undefined;
  const pref64 = parsePrefix(lan.pref64.prefix);
  return pref64 === undefined || pref64Fault(pref64) !== undefined
    ? `/pref64/prefix: ${shown(lan.pref64.prefix)} is no translation prefix (RFC 6052)`
    : undefined;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
