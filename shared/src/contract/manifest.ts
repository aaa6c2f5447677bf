import { type Static, Type } from "@sinclair/typebox";

/** The parts a manifest may name. Each is whole, published apart under its SHA-256. */
export const PartName = Type.Union([
  Type.Literal("fabric"),
  Type.Literal("bgp"),
  Type.Literal("steering"),
  Type.Literal("probes"),
]);
export type PartName = Static<typeof PartName>;

export const PartReference = Type.Object({
  name: PartName,
  /** Lower-case hex of the SHA-256 of the exact bytes. */
  sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  /** Counts the contents of this part on this node; grows only when the bytes change. */
  generation: Type.Integer({ minimum: 1 }),
  /** Octets of the part. */
  size: Type.Integer({ minimum: 2, maximum: 8 * 1024 * 1024 }),
});
export type PartReference = Static<typeof PartReference>;

/**
 * What a node should be, signed and retained. `epoch` tells controller incarnations apart, `generation` the manifests
 * of one node within an epoch; an agent refuses (epoch, generation) older than what it holds.
 */
export const Manifest = Type.Object({
  version: Type.Literal(1),
  node: Type.String(),
  epoch: Type.Integer({ minimum: 1 }),
  generation: Type.Integer({ minimum: 1 }),
  /** Fabric revision it was compiled from; for people. */
  revision: Type.Integer({ minimum: 0 }),
  issuedAt: Type.String(),
  /** Limits accepting this manifest, never keeping it. RFC 3339. */
  acceptUntil: Type.String(),
  parts: Type.Array(PartReference, { maxItems: 32 }),
});
export type Manifest = Static<typeof Manifest>;
