import type { Access } from "@vsix/shared/contract/part-access.ts";
import { compareAddresses } from "@vsix/shared/net/address.ts";
import { overlaps, type Prefix, parseInterfaceAddress, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { canonicalIp6 } from "../wire/netlink/ip-text.ts";
import { parseKey } from "../wire/wireguard/key.ts";

/**
 * What makes no sense in a part `access` with its shards, as `FIELD: REASON`; undefined when all is well. No two users may have
 * the same addresses: whoever was compiled last would hear what is the other's.
 */
export function faultOfAccess(access: Access, ownPrefixes: readonly string[]): string | undefined {
  const { frame } = access;
  const own = ownPrefixes.flatMap((text) => parsePrefix(text) ?? []);
  const claims: Claim[] = [];
  const claim = (place: string, text: string): string | undefined => {
    const prefix = parsePrefix(text);
    if (prefix === undefined) return `${place}: ${quoted(text)} is no IPv6 prefix`;
    if (!own.some((one) => one.length <= prefix.length && overlaps(one, prefix)))
      return `${place}: ${text} is not of our own address space`;
    claims.push({ prefix, place });
    return undefined;
  };
  if (frame.srv6 !== undefined && canonicalIp6(frame.srv6.sid) === undefined)
    return `access /srv6/sid: ${quoted(frame.srv6.sid)} is no IPv6 address`;
  if (frame.srv6 === undefined && access.srv6.length > 0) return "access /srv6: there are users and no SID";
  const fault = faultOfDelegation(access) ?? faultOfDevices(access) ?? faultOfTunnels(access);
  if (fault !== undefined) return fault;
  const keys = new Set<string>();
  const devices = new Set(frame.wireguard.map(({ id }) => id));
  for (const [i, { device, publicKey, presharedKey, allowedIps }] of access.peers.entries()) {
    const place = `access /peers/${i}`;
    if (!devices.has(device)) return `${place}/device: ${quoted(device)} is no WireGuard device of this part`;
    if (parseKey(publicKey) === undefined) return `${place}/publicKey: no key`;
    if (presharedKey !== undefined && parseKey(presharedKey) === undefined)
      return `${place}/presharedKey: no key`;
    if (keys.has(`${device} ${publicKey}`)) return `${place}/publicKey: ${publicKey} is there twice`;
    keys.add(`${device} ${publicKey}`);
    for (const prefix of allowedIps) {
      const bad = claim(`${place}/allowedIps`, prefix);
      if (bad !== undefined) return bad;
    }
  }
  for (const [list, users] of [
    ["tunnels", access.tunnels],
    ["srv6", access.srv6],
  ] as const)
    for (const [i, { prefixes }] of users.entries())
      for (const prefix of prefixes) {
        const bad = claim(`access /${list}/${i}/prefixes`, prefix);
        if (bad !== undefined) return bad;
      }
  return faultOfOverlaps(claims);
}

interface Claim {
  readonly prefix: Prefix;
  readonly place: string;
}

function faultOfDelegation({ frame }: Access): string | undefined {
  const { delegation } = frame.tunnels;
  if (delegation === undefined) return undefined;
  const place = "access /tunnels/delegation";
  const { preferredS, validS, resolvers = [] } = delegation;
  if (preferredS > validS) return `${place}: preferred for ${preferredS} s and valid for ${validS} s only`;
  const bad = resolvers.find((text) => canonicalIp6(text) === undefined);
  return bad === undefined ? undefined : `${place}/resolvers: ${quoted(bad)} is no IPv6 address`;
}

function faultOfDevices({ frame }: Access): string | undefined {
  const ids = new Set<string>();
  const ports = new Set<number>();
  for (const [i, { id, listenPort, addresses, prefixes }] of frame.wireguard.entries()) {
    const place = `access /wireguard/${i}`;
    if (ids.has(id)) return `${place}/id: ${quoted(id)} is there twice`;
    ids.add(id);
    if (ports.has(listenPort)) return `${place}/listenPort: ${listenPort} is there twice`;
    ports.add(listenPort);
    const bad =
      addresses.find((text) => parseInterfaceAddress(text) === undefined) ??
      prefixes.find((text) => parsePrefix(text) === undefined);
    if (bad !== undefined) return `${place}: ${quoted(bad)} is no IPv6 prefix`;
  }
  return undefined;
}

function faultOfTunnels(access: Access): string | undefined {
  const ids = new Set<string>();
  const pairs = new Set<string>();
  const ends = [
    ...access.tunnels.map(({ id, local, remote }, i) => ({
      id,
      local,
      remote,
      place: `access /tunnels/${i}`,
    })),
    ...access.srv6.map(({ id, endpoint }, i) => ({
      id,
      local: access.frame.srv6?.sid ?? "",
      remote: endpoint,
      place: `access /srv6/${i}`,
    })),
  ];
  for (const { id, local, remote, place } of ends) {
    if (ids.has(id)) return `${place}/id: ${quoted(id)} is there twice`;
    ids.add(id);
    const pair = [local, remote].map((text) => canonicalIp6(text));
    if (pair.includes(undefined)) return `${place}: ${quoted(local)} or ${quoted(remote)} is no IPv6 address`;
    if (pairs.has(pair.join(" "))) return `${place}: from ${local} to ${remote} there is another`;
    pairs.add(pair.join(" "));
  }
  return undefined;
}

/** In order of their first address, a prefix overlaps another one only if it overlaps the widest that reaches so far. */
function faultOfOverlaps(claims: readonly Claim[]): string | undefined {
  const sorted = claims.toSorted(
    (a, b) => compareAddresses(a.prefix.address, b.prefix.address) || a.prefix.length - b.prefix.length,
  );
  for (const [i, { prefix, place }] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before !== undefined && overlaps(before.prefix, prefix))
      return `${place}: overlaps what ${before.place} has`;
  }
  return undefined;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
