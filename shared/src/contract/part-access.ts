import { type Static, Type } from "@sinclair/typebox";

/**
 * Part `access` of a router that users reach the network by, and its shards `access-0` to `access-f`: tunnels of IPv6 within IPv6
 * (RFC 2473), users by SRv6, WireGuard devices and their peers. The part itself says what is the same for everybody; each user is in
 * one shard (`accessShardOf`), so that one who comes or goes rewrites no other's. All shards that the part counts must be there.
 */

const Address = Type.String({ maxLength: 64 });
const Prefix = Type.String({ maxLength: 64 });
/** Becomes part of a device's name, which has fifteen octets at most. */
const Id = Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,10}$" });
const Mtu = Type.Integer({ minimum: 1280, maximum: 65_535 });
/** 32 octets in base64. */
const Key = Type.String({ pattern: "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$" });
/** RFC 3339, UTC. From then on it is as if it were not there, whether a controller is heard or not. */
const ExpiresAt = Type.String({ pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z$" });
const Prefixes = Type.Array(Prefix, { minItems: 1, maxItems: 16 });

export const ACCESS_SHARDS = 16;

export const WireguardPart = Type.Object({
  id: Id,
  listenPort: Type.Integer({ minimum: 1, maximum: 65_535 }),
  mtu: Mtu,
  /** Of the device, with length. */
  addresses: Type.Array(Prefix, { maxItems: 16 }),
  /** What peers' addresses are taken from: routed to the device. */
  prefixes: Type.Array(Prefix, { maxItems: 64 }),
});
export type WireguardPart = Static<typeof WireguardPart>;

/** Prefixes of tunnels told within them by DHCPv6 (RFC 8415). They are routed whether somebody asks for them or not. */
export const Delegation = Type.Object({
  /** Seconds, as RFC 9096 section 3.3 bounds them by default: preferred 2,700, valid 5,400. */
  preferredS: Type.Integer({ minimum: 60, maximum: 2_592_000 }),
  validS: Type.Integer({ minimum: 120, maximum: 2_592_000 }),
  /**
   * Names the server to clients (RFC 8415 section 11). The same on all routers that serve a user, so that the one that takes over goes on
   * with what another one began. Absent: the router's own.
   */
  server: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  /** Told as resolvers (RFC 3646). */
  resolvers: Type.Optional(Type.Array(Address, { maxItems: 8 })),
});
export type Delegation = Static<typeof Delegation>;

export const AccessPart = Type.Object({
  version: Type.Literal(1),
  /** How many shards there are, from `access-0` on. */
  shards: Type.Integer({ minimum: 0, maximum: ACCESS_SHARDS }),
  tunnels: Type.Object({
    /** Octets of what is within: 40 less than what surely fits on the way. */
    mtu: Mtu,
    /** Of the outer header; 0: as within. */
    hopLimit: Type.Integer({ minimum: 0, maximum: 255 }),
    /** Absent: nobody answers DHCPv6 in tunnels. */
    delegation: Type.Optional(Delegation),
  }),
  srv6: Type.Optional(
    Type.Object({
      /** Where users' routers send to and hear from: the far end of a plain tunnel. Outside the SID block, which borders filter. */
      sid: Address,
      mtu: Mtu,
    }),
  ),
  wireguard: Type.Array(WireguardPart, { maxItems: 16 }),
});
export type AccessPart = Static<typeof AccessPart>;

/** A tunnel with a device of its own. */
export const TunnelUser = Type.Object({
  id: Id,
  local: Address,
  remote: Address,
  /** Routed into the tunnel; the only sources that leave it. */
  prefixes: Prefixes,
  expiresAt: Type.Optional(ExpiresAt),
});
export type TunnelUser = Static<typeof TunnelUser>;

/** The same service without a device. */
export const Srv6User = Type.Object({
  id: Id,
  /** Of the user's router. */
  endpoint: Address,
  prefixes: Prefixes,
  expiresAt: Type.Optional(ExpiresAt),
});
export type Srv6User = Static<typeof Srv6User>;

export const VpnPeer = Type.Object({
  /** Id of the WireGuard device. */
  device: Id,
  publicKey: Key,
  presharedKey: Type.Optional(Key),
  allowedIps: Type.Array(Prefix, { maxItems: 64 }),
  /** Seconds; absent: none. */
  keepaliveS: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  expiresAt: Type.Optional(ExpiresAt),
});
export type VpnPeer = Static<typeof VpnPeer>;

export const AccessShard = Type.Object({
  version: Type.Literal(1),
  tunnels: Type.Array(TunnelUser, { maxItems: 4096 }),
  srv6: Type.Array(Srv6User, { maxItems: 4096 }),
  peers: Type.Array(VpnPeer, { maxItems: 16_384 }),
});
export type AccessShard = Static<typeof AccessShard>;

/** Name of a shard's part. */
export function accessShardName(shard: number): string {
  return `access-${shard.toString(16)}`;
}

/** Whether a part of this name is a shard. */
export function isAccessShard(name: string): boolean {
  return /^access-[0-9a-f]$/.test(name);
}

/** In which of `shards` shards somebody stands: by FNV-1a of id or public key, the same for controller and agent for ever. */
export function accessShardOf(id: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193) >>> 0;
  return shards === 0 ? 0 : ((hash ^ (hash >>> 16)) >>> 0) % shards;
}

/** Part and shards together: what an access router is for its users. */
export interface Access {
  readonly frame: AccessPart;
  readonly tunnels: readonly TunnelUser[];
  readonly srv6: readonly Srv6User[];
  readonly peers: readonly VpnPeer[];
}

export function joinShards(frame: AccessPart, shards: readonly AccessShard[]): Access {
  return {
    frame,
    tunnels: shards.flatMap(({ tunnels }) => tunnels),
    srv6: shards.flatMap(({ srv6 }) => srv6),
    peers: shards.flatMap(({ peers }) => peers),
  };
}
