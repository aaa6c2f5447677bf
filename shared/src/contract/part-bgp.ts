import { type Static, Type } from "@sinclair/typebox";
import { ServiceName } from "./part-services.ts";

/**
 * Part `bgp`: a node's whole BGP speaker, in words no engine owns. The agent compiles it, with part `steering`, into
 * policy statements (agent/src/core/bgp) and its driver puts those into GoBGP.
 */

export const NeighbourKind = Type.Union([
  Type.Literal("plane-internal"), // iBGP inside a plane, hop by hop
  Type.Literal("external-edge"), // confederation eBGP, from a plane router to an External Edge
  Type.Literal("plane"), // confederation eBGP, from an External Edge to a plane router
  Type.Literal("edge"), // eBGP, from a plane router to an Edge
  Type.Literal("backbone"), // eBGP, from an Edge to a plane router
  Type.Literal("upstream"), // eBGP, from an External Edge to somebody else's AS
]);
export type NeighbourKind = Static<typeof NeighbourKind>;

export const NeighbourPart = Type.Object({
  /** Name of the neighbouring node; unique here. */
  name: Type.String(),
  kind: NeighbourKind,
  address: Type.String(),
  localAddress: Type.String(),
  interface: Type.String(),
  /** The AS number the neighbour puts into its OPEN. */
  asn: Type.Integer({ minimum: 1, maximum: 4294967295 }),
  /** Id of the neighbouring node, where it is one of ours. */
  id: Type.Optional(Type.Integer()),
  plane: Type.Optional(Type.String()),
  /** Link cost inside a plane. */
  cost: Type.Optional(Type.Integer({ minimum: 1, maximum: 65535 })),
  /** For kind `edge`: exactly what this Edge may announce (and longer, to /64). */
  accept: Type.Optional(Type.Array(Type.String())),
  /** For kind `edge`: hears the default route and our own prefixes, or everything. */
  table: Type.Optional(Type.Union([Type.Literal("default"), Type.Literal("full")])),
  maxPrefixes: Type.Integer({ minimum: 1 }),
  holdS: Type.Integer({ minimum: 3 }),
  gracefulRestartS: Type.Integer({ minimum: 0 }),
  /** Speak BFD with this neighbour (RFC 5881): our interval each way before jitter, and our detection multiplier. */
  bfd: Type.Optional(
    Type.Object({
      intervalMs: Type.Integer({ minimum: 10, maximum: 60_000 }),
      multiplier: Type.Integer({ minimum: 1, maximum: 255 }),
    }),
  ),
});
export type NeighbourPart = Static<typeof NeighbourPart>;

/** What kind of route an announcement is; carried inside the AS as large community 4690:80:CLASS. */
export const RouteClass = Type.Union([
  Type.Literal("aggregate"), // what upstreams hear
  Type.Literal("infrastructure"), // loopbacks and locators
  Type.Literal("edge"), // an Edge's own prefix
  Type.Literal("default"), // ::/0 from an External Edge
  Type.Literal("transit"), // learned from an upstream
]);
export type RouteClass = Static<typeof RouteClass>;

export const OriginatePart = Type.Object({
  prefix: Type.String(),
  class: RouteClass,
  /** Announced only into this plane (an External Edge's locator of that plane). */
  plane: Type.Optional(Type.String()),
  /** Announced only while this service of the node (part `services`) works. */
  service: Type.Optional(ServiceName),
  /** Own AS number so many times more in the path: chosen after as many others, in every plane alike. */
  prepend: Type.Optional(Type.Integer({ minimum: 0, maximum: 16 })),
});
export type OriginatePart = Static<typeof OriginatePart>;

export const BgpPart = Type.Object({
  version: Type.Literal(1),
  /** This speaker's own AS number (a confederation member's, or an Edge's). */
  asn: Type.Integer(),
  /** Dotted quad. */
  routerId: Type.String(),
  confederation: Type.Optional(
    Type.Object({ identifier: Type.Integer(), members: Type.Array(Type.Integer()) }),
  ),
  /** The AS the world sees; also the global administrator of our large communities. */
  as: Type.Integer(),
  originate: Type.Array(OriginatePart),
  neighbours: Type.Array(NeighbourPart),
  /** Every steering MED in use anywhere in the AS: a plane router needs a statement for each value it may meet. */
  meds: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 4294967295 }), { maxItems: 64 })),
  /** Our own address space: never accepted from upstreams. */
  ownPrefixes: Type.Array(Type.String()),
  /** Never accepted from upstreams; each with everything longer. */
  bogons: Type.Array(Type.String()),
});
export type BgpPart = Static<typeof BgpPart>;
