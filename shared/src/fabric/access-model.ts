import type { FabricNode } from "./model.ts";

/** Access points, resolved. Addresses and prefixes are RFC 5952 text. */

/** Where users' tunnels and VPN devices end: one place for them, however many routers stand behind it. */
export interface AccessPoint {
  readonly name: string;
  readonly site: string;
  /** All of them hold all users; the first that works carries the traffic. */
  readonly routers: readonly string[];
  /** Of users of tunnels and SRv6 access. */
  readonly pools: readonly string[];
  readonly tunnel?: AccessTunnel;
  readonly srv6?: { readonly sid: string; readonly mtu: number };
  readonly wireguard: readonly AccessWireguard[];
}

export interface AccessTunnel {
  readonly address: string;
  readonly mtu: number;
  readonly hopLimit: number;
  /** Prefixes are told within tunnels by DHCPv6. */
  readonly delegation: boolean;
}

export interface AccessWireguard {
  /** Of the device, the same on all routers of the point. */
  readonly id: string;
  readonly endpoint: string;
  readonly port: number;
  readonly mtu: number;
  readonly pools: readonly string[];
  readonly addresses: readonly string[];
}

/** MTUs fit what the access networks of Japan carry: 1460 within an outer packet of 1500 (IPoE), 1420 within WireGuard. */
export const DEFAULT_ACCESS = {
  tunnelMtu: 1460,
  hopLimit: 64,
  delegation: true,
  wireguardMtu: 1420,
  wireguardPort: 51820,
} as const;

/** The points that a router serves, in the order of the file. */
export function pointsOf(
  points: readonly AccessPoint[] | undefined,
  { name }: Pick<FabricNode, "name">,
): readonly AccessPoint[] {
  return (points ?? []).filter(({ routers }) => routers.includes(name));
}

/** Addresses that the routers of a point answer at, whether they are announced or not. The SID is none: it is a route. */
export function addressesOf({ tunnel, wireguard }: AccessPoint): readonly string[] {
  const ends = wireguard.map(({ endpoint }) => endpoint);
  return [...new Set([...(tunnel === undefined ? [] : [tunnel.address]), ...ends])];
}

/** Everything that leads to a point, aggregates and the addresses that users send to, and what has to work for it. */
export function announcementsOf({
  pools,
  tunnel,
  srv6,
  wireguard,
}: AccessPoint): readonly { readonly prefix: string; readonly service: "access" | "vpn" }[] {
  const ends = [tunnel?.address, srv6?.sid].flatMap((address) =>
    address === undefined ? [] : [`${address}/128`],
  );
  const vpn = wireguard.flatMap((device) => [...device.pools, `${device.endpoint}/128`]);
  return [
    ...[...pools, ...ends].map((prefix) => ({ prefix, service: "access" as const })),
    ...[...new Set(vpn)].map((prefix) => ({ prefix, service: "vpn" as const })),
  ];
}
