import type { HomePart } from "@vsix/shared/contract/part-home.ts";
import { pref64Fault } from "@vsix/shared/net/pref64.ts";
import { overlaps, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { canonicalIp6, isLinkLocal } from "../wire/netlink/ip-text.ts";

/** Hosts make addresses in a /64, RFC 4862 section 5.5.3 (d). */
const LAN_LENGTH = 64;

/** What makes no sense in a part `home`, the field named; undefined when all is well. */
export function faultOfHome({ tunnels, lan, watch }: HomePart): string | undefined {
  const ids = new Set<string>();
  const ends = new Set<string>();
  const taken: Prefix[] = [];
  for (const [i, { id, local, remote, prefixes }] of tunnels.entries()) {
    const at = `home /tunnels/${i}`;
    if (ids.has(id)) return `${at}/id: ${id} is there twice`;
    ids.add(id);
    for (const [field, text] of Object.entries({ local, remote })) {
      if (text === undefined) continue;
      if (canonicalIp6(text) === undefined || isLinkLocal(text))
        return `${at}/${field}: ${shown(text)} is no address of a router`;
    }
    const end = `${local ?? ""} ${canonicalIp6(remote)}`;
    if (ends.has(end)) return `${at}/remote: a tunnel to ${remote} is there already`;
    ends.add(end);
    for (const [j, text] of prefixes.entries()) {
      const prefix = parsePrefix(text);
      if (prefix === undefined || isLinkLocal(text.split("/")[0] ?? ""))
        return `${at}/prefixes/${j}: ${shown(text)} is no IPv6 prefix`;
      if (j === 0 && prefix.length > LAN_LENGTH)
        return `${at}/prefixes/${j}: ${text} has no room for a /${LAN_LENGTH}`;
      if (taken.some((other) => overlaps(other, prefix)))
        return `${at}/prefixes/${j}: ${text} overlaps another one of this router`;
      taken.push(prefix);
    }
  }
  for (const [i, text] of lan.resolvers.entries())
    if (canonicalIp6(text) === undefined)
      return `home /lan/resolvers/${i}: ${shown(text)} is no IPv6 address`;
  for (const [i, text] of (watch?.targets ?? []).entries())
    if (canonicalIp6(text) === undefined || isLinkLocal(text))
      return `home /watch/targets/${i}: ${shown(text)} is no IPv6 address beyond a tunnel`;
  if (lan.preferredS > lan.validS) return "home /lan/preferredS: preferred longer than valid";
  if (lan.pref64 === undefined) return undefined;
  const pref64 = parsePrefix(lan.pref64);
  return pref64 === undefined || pref64Fault(pref64) !== undefined
    ? `home /lan/pref64: ${shown(lan.pref64)} is no translation prefix (RFC 6052)`
    : undefined;
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
