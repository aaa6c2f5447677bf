import type { Srv6User, TunnelUser, VpnPeer } from "@vsix/shared/contract/part-access.ts";
import type { AccessPoint } from "@vsix/shared/fabric/access-model.ts";
import { parseAddress } from "@vsix/shared/net/address.ts";
import { containsAddress, containsPrefix, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import type { Service } from "./services.ts";

/** What routers are to do for one application: it is active, and of an active user and project. */
export interface ServedUser {
  /** Of the application. */
  readonly id: number;
  readonly service: Service;
  /** RFC 5952 text, at least one. */
  readonly prefixes: readonly string[];
  readonly endpoint: string | null;
  readonly publicKey: string | null;
  /** A secret, base64. */
  readonly presharedKey: string | null;
  /** RFC 3339; from then on routers end it themselves. */
  readonly expiresAt: string | null;
}

/** One user as it stands in a shard. */
export type ShardEntry =
  | { readonly list: "tunnels"; readonly key: string; readonly value: TunnelUser }
  | { readonly list: "srv6"; readonly key: string; readonly value: Srv6User }
  | { readonly list: "peers"; readonly key: string; readonly value: VpnPeer };

export type Placement =
  | {
      readonly ok: true;
      readonly point: string;
      readonly entry: ShardEntry;
      /** No two users of one point may have the same: routers would refuse the whole document. */
      readonly claim: string;
    }
  | { readonly ok: false; readonly reason: string };

/** Where a user is served: at the point whose pools his prefixes lie in. Pools belong to one point each (fabric/check-access.ts). */
export function placeUser(points: readonly AccessPoint[], user: ServedUser): Placement {
  const prefixes = user.prefixes.flatMap((text) => parsePrefix(text) ?? []);
  if (prefixes.length === 0) return { ok: false, reason: "it has no prefix" };
  return user.service === "remote-access-vpn"
    ? placePeer(points, user, prefixes)
    : placeTunnel(points, user, prefixes);
}

function placeTunnel(
  points: readonly AccessPoint[],
  { id, service, endpoint, prefixes, expiresAt }: ServedUser,
  parsed: readonly Prefix[],
): Placement {
  const srv6 = service === "srv6-access";
  const point = points.find(({ pools }) => holds(pools, parsed));
  if (point === undefined) return notInPools(prefixes);
  const end = srv6 ? point.srv6?.sid : point.tunnel?.address;
  const lacking = srv6 ? "no SRv6 access (`srv6`)" : "no tunnels (`tunnel`)";
  if (end === undefined) return { ok: false, reason: `access point ${point.name} has ${lacking}` };
  if (endpoint === null) return { ok: false, reason: "it has no endpoint" };
  const key = String(id);
  const common = { id: key, prefixes: [...prefixes], ...expiry(expiresAt) };
  const entry: ShardEntry = srv6
    ? { list: "srv6", key, value: { ...common, endpoint } }
    : { list: "tunnels", key, value: { ...common, local: end, remote: endpoint } };
  return { ok: true, point: point.name, entry, claim: `${end} ${endpoint}` };
}

function placePeer(
  points: readonly AccessPoint[],
  { publicKey, presharedKey, prefixes, expiresAt }: ServedUser,
  parsed: readonly Prefix[],
): Placement {
  const found = points
    .flatMap((point) => point.wireguard.map((device) => ({ point, device })))
    .find(({ device }) => holds(device.pools, parsed));
  if (found === undefined) return notInPools(prefixes);
  const { point, device } = found;
  if (publicKey === null) return { ok: false, reason: "it has no public key" };
  const own = device.addresses.find((text) => {
    const address = parseAddress(text);
    return address !== undefined && parsed.some((prefix) => containsAddress(prefix, address));
  });
  if (own !== undefined) return { ok: false, reason: `${own} is the router's own address on ${device.id}` };
  const value: VpnPeer = {
    device: device.id,
    publicKey,
    ...(presharedKey === null ? {} : { presharedKey }),
    allowedIps: [...prefixes],
    ...expiry(expiresAt),
  };
  return {
    ok: true,
    point: point.name,
    entry: { list: "peers", key: publicKey, value },
    claim: `${device.id} ${publicKey}`,
  };
}

function holds(pools: readonly string[], prefixes: readonly Prefix[]): boolean {
  const parsed = pools.flatMap((text) => parsePrefix(text) ?? []);
  return prefixes.every((prefix) => parsed.some((pool) => containsPrefix(pool, prefix)));
}

function notInPools(prefixes: readonly string[]): Placement {
  return { ok: false, reason: `no access point of the fabric has ${prefixes.join(", ")} in its pools` };
}

function expiry(expiresAt: string | null): { readonly expiresAt?: string } {
  return expiresAt === null ? {} : { expiresAt };
}
