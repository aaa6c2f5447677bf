import { type Static, Type } from "@sinclair/typebox";

/**
 * Part `gate` of a router with ports to the outside, and its shards `gate-0` to `gate-f`: the SIDs of SRv6 access and who may send
 * to which of them. A SID that the part names is closed there to everybody whom no shard names for it (RFC 8754 section 5.1). Users
 * stand in the shard of their id, as in part `access`; all shards that the part counts must be there.
 */

const Address = Type.String({ minLength: 2, maxLength: 64 });
/** One a point of access. */
const MAX_SIDS = 256;

export const GatePart = Type.Object({
  version: Type.Literal(1),
  /** How many shards there are, from `gate-0` on. */
  shards: Type.Integer({ minimum: 0, maximum: 16 }),
  sids: Type.Array(Address, { maxItems: MAX_SIDS }),
});
export type GatePart = Static<typeof GatePart>;

export const GateShard = Type.Object({
  version: Type.Literal(1),
  users: Type.Array(
    Type.Object({
      sid: Address,
      /** Of users' routers: what their packets to the SID come from. */
      sources: Type.Array(Address, { maxItems: 4096 }),
    }),
    { maxItems: MAX_SIDS },
  ),
});
export type GateShard = Static<typeof GateShard>;

/** Part and shards together. */
export interface Gate {
  readonly frame: GatePart;
  readonly shards: readonly GateShard[];
}

/** Name of a shard's part. */
export function gateShardName(shard: number): string {
  return `gate-${shard.toString(16)}`;
}

/** Whether a part of this name is a shard. */
export function isGateShard(name: string): boolean {
  return /^gate-[0-9a-f]$/.test(name);
}
