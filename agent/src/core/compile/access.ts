import type { Access, VpnPeer } from "@vsix/shared/contract/part-access.ts";
import type { TunnelObject } from "../../resources/tunnel/model.ts";
import type { WireguardDevice } from "../../resources/wireguard/model.ts";
import type { WireguardPeer } from "../../resources/wireguard-peer/model.ts";
import { parseKey } from "../../wire/wireguard/key.ts";
import { type DesiredDelegation, desiredDelegation } from "../delegation/desired.ts";
import { accessNumbers } from "../nexthop-id.ts";
import {
  ACCESS_NEXTHOP_BASE,
  ACCESS_PRIORITY,
  ACCESS_TOO_BIG_MARK,
  BGP_METRIC,
  TABLE_ACCESS_TOO_BIG,
  TABLE_MAIN,
  TUNNEL_PREFIX,
  WIREGUARD_PREFIX,
} from "../ownership.ts";
import { Secret } from "../secret.ts";

/** What an access router's kernel should hold for its users. */
export interface DesiredAccess {
  /** What there is whoever the users are: SRv6 access, names of WireGuard devices. */
  readonly frame: { readonly srv6: boolean; readonly devices: readonly string[] };
  /** Those whose time is not over, with what stands for them in the kernel. */
  readonly users: {
    readonly tunnels: readonly {
      readonly id: string;
      readonly name: string;
      readonly prefixes: readonly string[];
    }[];
    readonly srv6: readonly {
      readonly id: string;
      readonly endpoint: string;
      readonly nexthopId: number;
      readonly prefixes: readonly string[];
    }[];
    readonly peers: readonly VpnPeer[];
  };
  readonly tunnels: readonly TunnelObject[];
  readonly devices: readonly WireguardDevice[];
  readonly peers: readonly WireguardPeer[];
  readonly addresses: readonly { readonly interface: string; readonly address: string }[];
  readonly nexthops: readonly AccessNexthop[];
  readonly routes: readonly AccessRoute[];
  readonly sids: readonly AccessSid[];
  /** Address that packets to users by SRv6 come from; undefined where there are none. */
  readonly source: string | undefined;
  readonly rules: readonly { readonly priority: number; readonly mark: number; readonly table: number }[];
  /** From whom a packet is, by the device it came in by or by the address of the user's router. */
  readonly senders: readonly AccessSender[];
  /** Octets of the largest port: longer packets are several that a device has put together. */
  readonly portMtu: number;
  /** What is told in tunnels by DHCPv6. */
  readonly delegation: DesiredDelegation | undefined;
  readonly waiting: ReadonlyMap<string, string>;
  /** When somebody's time ends next, milliseconds since the epoch. */
  readonly nextExpiryMs: number | undefined;
}

export interface AccessSender {
  readonly by: { readonly interface: string } | { readonly endpoint: string };
  readonly mark: number;
  readonly prefixes: readonly string[];
}

export interface AccessNexthop {
  readonly id: number;
  readonly interface: string;
  readonly encap?: { readonly mode: "encap.red"; readonly segments: readonly string[] };
  readonly purpose: string;
}

export interface AccessRoute {
  readonly table: number;
  readonly prefix: string;
  readonly metric: number;
  readonly type: "unicast";
  readonly interface?: string;
  readonly nexthopId?: number;
  readonly mtu?: number;
}

export interface AccessSid {
  readonly sid: string;
  readonly behavior: "End.DT6";
  readonly table: number;
  readonly dev: string;
}

export interface AccessFacts {
  readonly nowMs: number;
  /** Private key of a WireGuard device by its id; undefined while there is none. */
  readonly keyOf: (id: string) => Secret | undefined;
  /** Some device that is up and no loopback, for what needs one and does not care which. */
  readonly dev: string | undefined;
  /** Octets of the largest port. */
  readonly portMtu: number;
  /** Of this node; undefined: nothing is told by DHCPv6. */
  readonly loopback?: string;
}

export const tunnelName = (id: string): string => `${TUNNEL_PREFIX}${id}`;
export const wireguardName = (id: string): string => `${WIREGUARD_PREFIX}${id}`;

/** Past every user's. */
const TOO_BIG_NEXTHOP = ACCESS_NEXTHOP_BASE + 0x1000000;

/** Metric of users' routes: before anything that BGP says of the same prefix. */
const ACCESS_METRIC = BGP_METRIC - 1;
/** What users' routes have in common. */
export const USER_ROUTE = { table: TABLE_MAIN, metric: ACCESS_METRIC, type: "unicast" } as const;

/** Whether a route leads to a user. */
export function isUserRoute({ table, metric }: { readonly table: number; readonly metric: number }): boolean {
  return table === USER_ROUTE.table && metric === USER_ROUTE.metric;
}

/** Part `access` and its shards as resources. Whoever's time is over is not among them. */
export function compileAccess(
  access: Access,
  { nowMs, keyOf, dev, portMtu, loopback }: AccessFacts,
): DesiredAccess {
  const { frame } = access;
  const waiting = new Map<string, string>();
  let nextExpiryMs: number | undefined;
  const isCurrent = ({ expiresAt }: { readonly expiresAt?: string | undefined }): boolean => {
    if (expiresAt === undefined) return true;
    const atMs = Date.parse(expiresAt);
    if (!(atMs > nowMs)) return false;
    if (nextExpiryMs === undefined || atMs < nextExpiryMs) nextExpiryMs = atMs;
    return true;
  };
  const tunnels = access.tunnels.filter(isCurrent);
  const users = frame.srv6 === undefined ? [] : access.srv6.filter(isCurrent);
  if (users.length > 0 && dev === undefined) waiting.set("sid of srv6 access", "no interface is up");
  const numbers = accessNumbers([...tunnels, ...users].map(({ id }) => id));
  const markOf = (id: string): number => numbers.get(id)?.mark ?? 0;
  const srv6 = users.length === 0 ? undefined : frame.srv6;
  const devices = frame.wireguard.flatMap(({ id, mtu, listenPort }): WireguardDevice[] => {
    const privateKey = keyOf(id);
    if (privateKey === undefined) waiting.set(`wireguard ${wireguardName(id)}`, "it has no private key yet");
    else return [{ name: wireguardName(id), mtu, up: true, listenPort, privateKey, fwmark: 0 }];
    return [];
  });
  const made = new Set(devices.map(({ name }) => name));
  const peers = access.peers.filter((peer) => made.has(wireguardName(peer.device)) && isCurrent(peer));
  const reachable = dev === undefined ? [] : users;
  return {
    frame: {
      srv6: frame.srv6 !== undefined,
      devices: frame.wireguard.map(({ id }) => wireguardName(id)),
    },
    users: {
      tunnels: tunnels.map(({ id, prefixes }) => ({ id, name: tunnelName(id), prefixes })),
      srv6: users.map(({ id, endpoint, prefixes }) => ({
        id,
        endpoint,
        nexthopId: numbers.get(id)?.nexthopId ?? 0,
        prefixes,
      })),
      peers: access.peers.filter(isCurrent),
    },
    tunnels: tunnels.map(({ id, local, remote }) => ({
      name: tunnelName(id),
      local,
      remote,
      ...frame.tunnels,
      up: true,
    })),
    devices,
    peers: peers.map(({ device, publicKey, presharedKey, allowedIps, keepaliveS }) => ({
      device: wireguardName(device),
      publicKey,
      ...secretOf(presharedKey),
      allowedIps,
      keepaliveS: keepaliveS ?? 0,
    })),
    addresses: frame.wireguard.flatMap(({ id, addresses }) =>
      addresses.map((address) => ({ interface: wireguardName(id), address })),
    ),
    nexthops: [
      ...reachable.map(({ id, endpoint }) => ({
        id: numbers.get(id)?.nexthopId ?? 0,
        interface: dev ?? "",
        encap: { mode: "encap.red" as const, segments: [endpoint] },
        purpose: `access of ${id}`,
      })),
      ...(srv6 === undefined || dev === undefined
        ? []
        : [{ id: TOO_BIG_NEXTHOP, interface: dev, purpose: "what is too large for users by SRv6" }]),
    ],
    routes: [
      ...(srv6 === undefined || dev === undefined
        ? []
        : [
            {
              ...{
                table: TABLE_ACCESS_TOO_BIG,
                prefix: "::/0",
                metric: BGP_METRIC,
                type: "unicast" as const,
              },
              ...{ nexthopId: TOO_BIG_NEXTHOP, mtu: srv6.mtu },
            },
          ]),
      ...tunnels.flatMap(({ id, prefixes }) =>
        prefixes.map((prefix) => ({ ...USER_ROUTE, prefix, interface: tunnelName(id) })),
      ),
      ...reachable.flatMap(({ id, prefixes }) =>
        prefixes.map((prefix) => ({ ...USER_ROUTE, prefix, nexthopId: numbers.get(id)?.nexthopId ?? 0 })),
      ),
      ...frame.wireguard
        .filter(({ id }) => made.has(wireguardName(id)))
        .flatMap(({ id, prefixes }) =>
          prefixes.map((prefix) => ({ ...USER_ROUTE, prefix, interface: wireguardName(id) })),
        ),
    ],
    sids:
      frame.srv6 === undefined || dev === undefined
        ? []
        : [{ sid: `${frame.srv6.sid}/128`, behavior: "End.DT6", table: TABLE_MAIN, dev }],
    source: frame.srv6?.sid,
    rules:
      srv6 === undefined
        ? []
        : [{ priority: ACCESS_PRIORITY, mark: ACCESS_TOO_BIG_MARK, table: TABLE_ACCESS_TOO_BIG }],
    senders: [
      ...tunnels.map(({ id, prefixes }) => ({
        by: { interface: tunnelName(id) },
        mark: markOf(id),
        prefixes,
      })),
      ...users.map(({ id, endpoint, prefixes }) => ({ by: { endpoint }, mark: markOf(id), prefixes })),
    ],
    portMtu,
    delegation: desiredDelegation(access, tunnels, loopback, {
      name: tunnelName,
      number: (id) => (markOf(id) & 0xffffff) + 1,
    }),
    waiting,
    nextExpiryMs,
  };
}

function secretOf(text: string | undefined): { readonly presharedKey?: Secret } {
  const key = text === undefined ? undefined : parseKey(text);
  return key === undefined ? {} : { presharedKey: new Secret(key) };
}
