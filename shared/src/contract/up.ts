import { type Static, Type } from "@sinclair/typebox";
import { ConnectionId, Lineage, Nonce } from "./manifest.ts";
import { MAX_COUNTED_DESTINATIONS } from "./part-egress.ts";
import { ServiceName } from "./part-services.ts";

/** What nodes say: messages from node to controller. Times are RFC 3339 unless a unit is named. */

/** Topic `alive`, retained; the last will says `offline`. A hint only: presence is judged by the controller's lease. */
export const Alive = Type.Object({
  version: Type.Literal(1),
  node: Type.String(),
  state: Type.Union([Type.Literal("online"), Type.Literal("offline")]),
  /** Counts up by one a beat while online. */
  beat: Type.Integer({ minimum: 0 }),
  agentVersion: Type.String(),
  /** Random at each start of the agent. */
  instance: Type.String(),
});
export type Alive = Static<typeof Alive>;

/**
 * Topic `hello`, retained: a node that remembers no generation, or whose clock says that a manifest has expired, asks for
 * one signed now. Cleared by the node once it needs none.
 */
export const Hello = Type.Object({
  version: Type.Literal(1),
  node: Type.String(),
  /** Random at each start of the agent. */
  nonce: Nonce,
});
export type Hello = Static<typeof Hello>;

export const ConditionState = Type.Union([
  Type.Literal("pending"),
  Type.Literal("done"),
  Type.Literal("error"),
]);
export type ConditionState = Static<typeof ConditionState>;

export const Condition = Type.Object({
  /** `kind key`, e.g. `route 2001:db8::/32`. */
  object: Type.String({ maxLength: 512 }),
  state: ConditionState,
  since: Type.String(),
  reason: Type.String({ maxLength: 2048 }),
});
export type Condition = Static<typeof Condition>;

/** 64 bits; of nothing: zeros. Tells accidents apart, not somebody who makes two contents with one digest on purpose. */
const KernelDigest = Type.String({ pattern: "^[0-9a-f]{16}$" });
const KernelDigests = {
  /** Of what was seen there last; absent while that is not known. */
  observed: Type.Optional(KernelDigest),
  /** Of what the document, BGP and links ask for. */
  wanted: KernelDigest,
};

/** Topic `report`, retained: what the node holds and what became of it. */
export const Report = Type.Object({
  version: Type.Literal(1),
  node: Type.String(),
  epoch: Type.Integer({ minimum: 0 }),
  generation: Type.Integer({ minimum: 0 }),
  /** Generation observed in the kernel and in BGP, part by part. */
  parts: Type.Record(Type.String(), Type.Integer()),
  /** True when a plan made now would be empty. */
  converged: Type.Boolean(),
  /** Objects per kind in the kernel that are ours. */
  objects: Type.Record(Type.String(), Type.Integer()),
  /**
   * Digests of our objects in the kernel, the same as that of what is wanted if and only if all is as wanted; the order of objects
   * does not matter. Absent while many objects that changed have not been counted.
   */
  kernel: Type.Optional(
    Type.Object({
      ...KernelDigests,
      /** When `observed` became what it is. */
      since: Type.String({ maxLength: 40 }),
      kinds: Type.Array(
        Type.Object({ kind: Type.String({ pattern: "^[a-z][a-z0-9-]{0,31}$" }), ...KernelDigests }),
        { maxItems: 64 },
      ),
    }),
  ),
  /** Not `done`, first 100. */
  conditions: Type.Array(Condition, { maxItems: 100 }),
  /** BGP sessions. */
  sessions: Type.Array(
    Type.Object({
      neighbour: Type.String(),
      state: Type.String(),
      received: Type.Integer(),
      accepted: Type.Integer(),
      /** BFD with this neighbour; absent where it is not wanted, or where the agent knows of none. */
      bfd: Type.Optional(Type.Union([Type.Literal("up"), Type.Literal("down")])),
      /** Why it is down or what was refused, where known. */
      note: Type.Optional(Type.String()),
    }),
    { maxItems: 4096 },
  ),
  /** What this node does for everybody (part `services`), as it was asked just now. */
  services: Type.Optional(
    Type.Array(
      Type.Object({
        name: ServiceName,
        /** It answers correctly, and what stands for it is announced. */
        working: Type.Boolean(),
        since: Type.String(),
        /** Why not. */
        reason: Type.String({ maxLength: 512 }),
        running: Type.Boolean(),
        /** Of its program, by this agent. */
        starts: Type.Integer({ minimum: 0 }),
        looks: Type.Integer({ minimum: 0 }),
        failed: Type.Integer({ minimum: 0 }),
      }),
      { maxItems: 8 },
    ),
  ),
  /** Of a home router: where its tunnels begin that it was told no address for. */
  tunnels: Type.Optional(
    Type.Array(
      Type.Object({
        id: Type.String({ maxLength: 11 }),
        local: Type.String({ minLength: 2, maxLength: 64 }),
      }),
      { maxItems: 8 },
    ),
  ),
  /** A message the agent refused (bad signature, old generation, missing part), newest. */
  refused: Type.Optional(Type.Object({ at: Type.String(), code: Type.String(), reason: Type.String() })),
  /** SHA-256 of the held manifest's contentText: tells two contents of one generation apart. */
  content: Type.Optional(Type.String({ pattern: "^[0-9a-f]{64}$" })),
  /** Of the held manifest. */
  lineage: Type.Optional(Lineage),
  /** What this agent can do beyond the first contract: `confirm`, `nonce`, `rotate`, `measure`, `trace`, `epe`. */
  abilities: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 16 })),
  /** Ids of the keys whose manifests it obeys. */
  trusts: Type.Optional(Type.Array(Type.String({ maxLength: 128 }), { maxItems: 16 })),
  /** The generation held is not confirmed yet. */
  trial: Type.Optional(
    Type.Object({
      epoch: Type.Integer({ minimum: 1 }),
      generation: Type.Integer({ minimum: 1 }),
      /** The connection that this is said on, if it was opened after the change was made. */
      connection: Type.Optional(ConnectionId),
      leftMs: Type.Integer({ minimum: 0 }),
    }),
  ),
  /** The newest generation that was not confirmed and is never taken again. */
  takenBack: Type.Optional(
    Type.Object({
      at: Type.String(),
      epoch: Type.Integer({ minimum: 1 }),
      generation: Type.Integer({ minimum: 1 }),
      reason: Type.String({ maxLength: 512 }),
    }),
  ),
});
export type Report = Static<typeof Report>;

/**
 * Topic `observation`, retained: which plane carries whom, as packets showed it. From an External Edge, one entry per
 * Edge: `inbound` towards the Edge (who answered hop 1), `outbound` from the Edge (by which port its reply came back).
 * From an Edge, one entry per target, with the two turned round.
 */
export const Observation = Type.Object({
  version: Type.Literal(1),
  node: Type.String(),
  at: Type.String(),
  edges: Type.Array(
    Type.Object({
      edge: Type.String(),
      /** Where an Edge looks itself: the target of its probe. */
      target: Type.Optional(Type.String()),
      /** Plane name; null when nothing came back within the last probes. */
      inbound: Type.Union([Type.String(), Type.Null()]),
      outbound: Type.Union([Type.String(), Type.Null()]),
      /** Milliseconds on the node's wall clock when each was last seen to change. */
      inboundSinceMs: Type.Number(),
      outboundSinceMs: Type.Number(),
      rttUs: Type.Union([Type.Number(), Type.Null()]),
      /** Of the last 20 probes. */
      lost: Type.Integer(),
    }),
    { maxItems: 65536 },
  ),
});
export type Observation = Static<typeof Observation>;

/**
 * Topic `counters`: packets forwarded through the ports of a plane router that face Edges, since the table was made; errors of
 * the ports of any node.
 */
export const Counters = Type.Object({
  version: Type.Literal(1),
  node: Type.String(),
  at: Type.String(),
  ports: Type.Array(
    Type.Object({
      interface: Type.String(),
      peer: Type.String(),
      /** From the Edge into the plane. */
      inPackets: Type.Number(),
      /** From the plane to the Edge. */
      outPackets: Type.Number(),
    }),
    { maxItems: 65536 },
  ),
  /**
   * Octets of IP packets that Edges sent to destinations of egress peer engineering, since each was first counted. Now and then; absent
   * where none are counted.
   */
  destinations: Type.Optional(
    Type.Array(Type.Object({ prefix: Type.String({ maxLength: 64 }), octets: Type.Number({ minimum: 0 }) }), {
      maxItems: MAX_COUNTED_DESTINATIONS,
    }),
  ),
  /** What the kernel says of every port of ours, since the device was made (struct rtnl_link_stats64, linux/if_link.h). */
  links: Type.Optional(
    Type.Array(
      Type.Object({
        interface: Type.String({ maxLength: 15 }),
        peer: Type.String({ maxLength: 63 }),
        rxErrors: Type.Number({ minimum: 0 }),
        txErrors: Type.Number({ minimum: 0 }),
        rxDropped: Type.Number({ minimum: 0 }),
        txDropped: Type.Number({ minimum: 0 }),
        rxOctets: Type.Optional(Type.Number({ minimum: 0 })),
        txOctets: Type.Optional(Type.Number({ minimum: 0 })),
      }),
      { maxItems: 4096 },
    ),
  ),
});
export type Counters = Static<typeof Counters>;
