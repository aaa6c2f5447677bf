import { type Static, Type } from "@sinclair/typebox";

/** The parts that this program knows. Each is whole, published apart under its SHA-256. */
export const PartName = Type.Union([
  Type.Literal("fabric"),
  Type.Literal("bgp"),
  Type.Literal("steering"),
  Type.Literal("probes"),
  Type.Literal("epe"),
  Type.Literal("services"),
  Type.Literal("health"),
  Type.Literal("capture"),
  Type.Literal("access"),
  Type.Literal("advertise"),
  Type.Literal("home"),
  Type.Literal("gate"),
]);
export type PartName = Static<typeof PartName>;

/** Any name: a node keeps a part that it does not know beside the others, and does nothing about it. */
const AnyPartName = Type.String({ pattern: "^[a-z][a-z0-9-]{0,31}$" });

export const PartReference = Type.Object({
  name: AnyPartName,
  /** Lower-case hex of the SHA-256 of the exact bytes. */
  sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  /** Counts the contents of this part on this node; grows only when the bytes change. */
  generation: Type.Integer({ minimum: 1 }),
  /** Octets of the part. */
  size: Type.Integer({ minimum: 2, maximum: 8 * 1024 * 1024 }),
});
export type PartReference = Static<typeof PartReference>;

/** 128 random bits in lower-case hex. */
export const Nonce = Type.String({ pattern: "^[0-9a-f]{32}$" });
/** Tells the databases of controllers apart; 48 random bits. */
export const Lineage = Type.Integer({ minimum: 1, maximum: 2 ** 48 });
/** Random for each connection that an agent opens. */
export const ConnectionId = Type.String({ pattern: "^[0-9a-f]{16}$" });

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
  /** Which database it comes from: random once, the same in every copy of it. */
  lineage: Type.Optional(Lineage),
  /** The number of the node's newest `hello`: proves that this was signed after the node asked. */
  nonce: Type.Optional(Nonce),
  /**
   * Kinds of messages that the controller hears beyond those that parts ask for: `machine`. A broker of ours cuts off who sends one that
   * its controller does not know, so a node waits to be told.
   */
  hears: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 32 })),
  /** This generation lasts only if it is confirmed; agents that do not know the field take it for good. */
  confirm: Type.Optional(
    Type.Object({
      /** Seconds from taking it; then the node goes back to what it held before. */
      withinS: Type.Integer({ minimum: 5, maximum: 3600 }),
      /** Given once the controller has heard the node: the connection, opened after the change, that it was heard on. */
      connection: Type.Optional(ConnectionId),
    }),
  ),
});
export type Manifest = Static<typeof Manifest>;

/** What two manifests with the same content have in common, however often they were signed. */
export function contentText(parts: readonly Pick<PartReference, "name" | "sha256" | "generation">[]): string {
  return parts
    .map(({ name, sha256, generation }) => `${name} ${sha256} ${generation}`)
    .sort()
    .join("\n");
}
