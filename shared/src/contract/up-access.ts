import { type Static, Type } from "@sinclair/typebox";
import { ACCESS_SHARDS } from "./part-access.ts";

/** What an access router says of its users, a message for each shard of its document. */

const Id = Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,10}$" });
const Key = Type.String({ pattern: "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$" });
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** Printable: nothing else gets from a stranger onto a terminal. */
const Fault = Type.String({ maxLength: 200, pattern: "^[ -~]*$" });

/** Users of each sort that one message names at most. */
export const MAX_TOLD = 8192;

/** A user of tunnels or SRv6 access. Counts are since the kernel began to count, without outer headers. */
export const AccessUserState = Type.Object({
  id: Id,
  /** Why the kernel does not hold what this user needs; absent: it does. */
  fault: Type.Optional(Fault),
  /** From the user. */
  rxPackets: Type.Optional(Count),
  rxOctets: Type.Optional(Count),
  /** To the user. */
  txPackets: Type.Optional(Count),
  txOctets: Type.Optional(Count),
  /** Milliseconds since the epoch: until when a prefix is valid that was told in this tunnel by DHCPv6. Absent: nobody has one. */
  leaseUntilMs: Type.Optional(Count),
});
export type AccessUserState = Static<typeof AccessUserState>;

export const AccessPeerState = Type.Object({
  /** Id of the WireGuard device. */
  device: Id,
  publicKey: Key,
  fault: Type.Optional(Fault),
  rxOctets: Type.Optional(Count),
  txOctets: Type.Optional(Count),
  /** Milliseconds since the epoch of the last handshake; absent: never. */
  handshakeMs: Type.Optional(Count),
});
export type AccessPeerState = Static<typeof AccessPeerState>;

/**
 * Topic `access`: one shard of the users whom the kernel was made to serve. Sent when a document has been applied, for the
 * shards that differ, and every so often for all, one after the other.
 */
export const AccessUse = Type.Object({
  version: Type.Literal(1),
  node: Type.String(),
  at: Type.String(),
  /** Of the document that the kernel has been made to be. */
  epoch: Type.Integer({ minimum: 1 }),
  generation: Type.Integer({ minimum: 1 }),
  shards: Type.Integer({ minimum: 1, maximum: ACCESS_SHARDS }),
  shard: Type.Integer({ minimum: 0, maximum: ACCESS_SHARDS - 1 }),
  devices: Type.Array(
    Type.Object({ id: Id, publicKey: Key, listenPort: Type.Integer({ minimum: 1, maximum: 65_535 }) }),
    { maxItems: 16 },
  ),
  tunnels: Type.Array(AccessUserState, { maxItems: 4096 }),
  srv6: Type.Array(AccessUserState, { maxItems: 4096 }),
  peers: Type.Array(AccessPeerState, { maxItems: MAX_TOLD }),
});
export type AccessUse = Static<typeof AccessUse>;
