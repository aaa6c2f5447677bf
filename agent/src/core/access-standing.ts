import { routeKind } from "../resources/route/model.ts";
import { wireguardPeerKind } from "../resources/wireguard-peer/model.ts";
import { type DesiredAccess, USER_ROUTE } from "./compile/access.ts";
import type { KindName } from "./kind.ts";

/** What became of one kind's objects, as of the last cycle. */
export interface KindStanding {
  readonly fault?: { readonly reason: string } | undefined;
  readonly failures: ReadonlyMap<string, { readonly reason: string }>;
}

export type KindStandings = ReadonlyMap<KindName, KindStanding>;

/** `access` is tunnels and SRv6, which share their prefixes; `vpn` is WireGuard. Absent: there is no WireGuard here. */
export type AccessServiceName = "access" | "vpn";
export type AccessVerdicts = ReadonlyMap<
  AccessServiceName,
  { readonly working: boolean; readonly reason: string }
>;

/**
 * Whether this router can serve users, which is when what leads to them may be announced. One user's trouble is no reason to
 * withdraw everybody's; that nothing of one sort can be made is.
 */
export function judgeAccess(desired: DesiredAccess, kinds: KindStandings): AccessVerdicts {
  const verdicts = new Map<AccessServiceName, { working: boolean; reason: string }>();
  const judge = (name: AccessServiceName, reason: string | undefined): void =>
    void verdicts.set(name, { working: reason === undefined, reason: reason ?? "" });
  const sid = desired.frame.srv6
    ? (desired.waiting.get("sid of srv6 access") ??
      faultOf(kinds, "sr-source") ??
      desired.sids.map(({ sid: key }) => failureOf(kinds, "sid", key)).find((one) => one !== undefined))
    : undefined;
  const tunnels = desired.tunnels.map(({ name }) => name);
  judge("access", faultOf(kinds, "nftables") ?? sid ?? allFail(kinds, "tunnel", tunnels));
  if (desired.frame.devices.length > 0) {
    const failing = desired.frame.devices.flatMap(
      (name) => desired.waiting.get(`wireguard ${name}`) ?? failureOf(kinds, "wireguard", name) ?? [],
    );
    judge("vpn", failing.length === desired.frame.devices.length ? failing[0] : undefined);
  }
  return verdicts;
}

/** Why the kernel does not hold what a tunnel needs; undefined: it does. */
export function faultOfTunnel(
  kinds: KindStandings,
  { name, prefixes }: { readonly name: string; readonly prefixes: readonly string[] },
): string | undefined {
  return faultOf(kinds, "nftables") ?? failureOf(kinds, "tunnel", name) ?? faultOfRoutes(kinds, prefixes);
}

export function faultOfSrv6(
  kinds: KindStandings,
  { nexthopId, prefixes }: { readonly nexthopId: number; readonly prefixes: readonly string[] },
): string | undefined {
  return (
    faultOf(kinds, "nftables") ??
    faultOf(kinds, "sr-source") ??
    failureOf(kinds, "nexthop", String(nexthopId)) ??
    faultOfRoutes(kinds, prefixes)
  );
}

export function faultOfPeer(
  kinds: KindStandings,
  peer: { readonly device: string; readonly publicKey: string },
): string | undefined {
  const key = wireguardPeerKind.key({ ...peer, allowedIps: [], keepaliveS: 0 });
  return failureOf(kinds, "wireguard", peer.device) ?? failureOf(kinds, "wireguard-peer", key);
}

function faultOfRoutes(kinds: KindStandings, prefixes: readonly string[]): string | undefined {
  for (const prefix of prefixes) {
    const found = failureOf(kinds, "route", routeKind.key({ ...USER_ROUTE, prefix }));
    if (found !== undefined) return found;
  }
  return undefined;
}

function allFail(kinds: KindStandings, kind: KindName, keys: readonly string[]): string | undefined {
  if (keys.length === 0) return undefined;
  const reasons = keys.map((key) => failureOf(kinds, kind, key));
  return reasons.includes(undefined) ? undefined : reasons[0];
}

function failureOf(kinds: KindStandings, kind: KindName, key: string): string | undefined {
  return kinds.get(kind)?.fault?.reason ?? kinds.get(kind)?.failures.get(key)?.reason;
}

/** Of kinds that have one object: what is wrong with it, or with the kind. */
function faultOf(kinds: KindStandings, kind: KindName): string | undefined {
  const standing = kinds.get(kind);
  const [failure] = standing?.failures.values() ?? [];
  return standing?.fault?.reason ?? failure?.reason;
}
