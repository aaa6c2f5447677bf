import { type Static, Type } from "@sinclair/typebox";

/**
 * Part `fabric`: what one node is and what its kernel holds whatever BGP says — interfaces, addresses, SIDs and
 * packet filters. Whole, never a diff. Addresses and prefixes are RFC 5952 text.
 */

/** What stands at the far end of an interface. It decides filters, sysctls and BGP policy. */
export const Faces = Type.Union([
  Type.Literal("plane-internal"), // a router of the same plane
  Type.Literal("external-edge"), // from a plane router to an External Edge
  Type.Literal("plane"), // from an External Edge or an Edge to a plane router
  Type.Literal("edge"), // from a plane router to an Edge
  Type.Literal("upstream"), // from an External Edge to somebody else's AS
]);
export type Faces = Static<typeof Faces>;

export const Role = Type.Union([Type.Literal("plane"), Type.Literal("external-edge"), Type.Literal("edge")]);
export type Role = Static<typeof Role>;

export const NodeIdentity = Type.Object({
  name: Type.String(),
  role: Role,
  /** Small number unique in the fabric; 1..4095. Plane path guards and SIDs are derived from it. */
  id: Type.Integer({ minimum: 1, maximum: 4095 }),
  site: Type.String(),
  /** Only for role `plane`. */
  plane: Type.Optional(Type.String()),
  /** The address that means "this node": source of its probes, target of management. */
  loopback: Type.String(),
});
export type NodeIdentity = Static<typeof NodeIdentity>;

export const InterfacePart = Type.Object({
  name: Type.String(),
  /** Octets, IP layer. */
  mtu: Type.Integer({ minimum: 1280, maximum: 65535 }),
  /** With prefix length: 2001:db8::1/127. */
  addresses: Type.Array(Type.String()),
  faces: Faces,
  /** Name of the node at the far end. */
  peer: Type.String(),
  peerAddress: Type.String(),
  /** Plane of the far end or of this link; absent towards upstreams. */
  plane: Type.Optional(Type.String()),
  /** For `edge` ports: sources that may come in here (the Edge's own prefixes and link). */
  sources: Type.Optional(Type.Array(Type.String())),
});
export type InterfacePart = Static<typeof InterfacePart>;

/** One SRv6 SID, RFC 8986. `dev` of the SID route is chosen by the agent. */
export const SidPart = Type.Union([
  Type.Object({ sid: Type.String(), behavior: Type.Literal("End") }),
  Type.Object({
    sid: Type.String(),
    behavior: Type.Literal("End.X"),
    nextHop: Type.String(),
    interface: Type.String(),
  }),
  Type.Object({
    sid: Type.String(),
    behavior: Type.Literal("End.DX6"),
    nextHop: Type.String(),
    interface: Type.String(),
  }),
  /** Decapsulate and look up in a table; 254 is main. */
  Type.Object({ sid: Type.String(), behavior: Type.Literal("End.DT6"), table: Type.Integer({ minimum: 1 }) }),
]);
export type SidPart = Static<typeof SidPart>;

/** Steer packets that come in by an Edge port towards `prefix` into the SRv6 `segments` (reduced encapsulation). */
export const OverridePart = Type.Object({
  prefix: Type.String(),
  segments: Type.Array(Type.String(), { minItems: 1, maxItems: 8 }),
  /** Names of Edge-facing interfaces; never inside the plane (loops: measured). */
  interfaces: Type.Array(Type.String()),
});
export type OverridePart = Static<typeof OverridePart>;

export const FabricPart = Type.Object({
  version: Type.Literal(1),
  node: NodeIdentity,
  /** Addresses on `lo`, with prefix length. */
  loopbackAddresses: Type.Array(Type.String()),
  interfaces: Type.Array(InterfacePart),
  sids: Type.Array(SidPart),
  /** Prefixes that must never follow a default route out: blackholed here with a bad metric. */
  blackholes: Type.Array(Type.String()),
  overrides: Type.Array(OverridePart),
  /** Smallest MTU of a link between routers of this node's plane or from one to an External Edge, octets; plane routers only. */
  planeMtu: Type.Optional(Type.Integer({ minimum: 1280, maximum: 65535 })),
  /** The SRv6 SID block of the whole AS; filtered at every `edge` and `upstream` port (RFC 8754 section 5.1). */
  sidBlock: Type.String(),
});
export type FabricPart = Static<typeof FabricPart>;
