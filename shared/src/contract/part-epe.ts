import { type Static, Type } from "@sinclair/typebox";

/**
 * Part `epe` of a plane router: traffic of Edges that leaves by another egress peer than BGP chose. Apart from part `fabric`,
 * for it changes with every cycle of measuring, and taking it away must be small and quick. Agents of before refuse a manifest that
 * names it, so it is only published where the node says that it can (ability `epe`).
 */

/** Which packets an override is for, beyond their destination. Absent fields match everything. */
export const EpeMatch = Type.Object({
  /** Source prefixes, RFC 5952 text with length; any of them. */
  sources: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 64 })),
  /** Differentiated services code point, RFC 2474. 0 is told from "any" by Linux 6.12 and later only. */
  dscp: Type.Optional(Type.Integer({ minimum: 0, maximum: 63 })),
  /** Next header number; 0 is what the kernel takes for "any". */
  protocol: Type.Optional(Type.Integer({ minimum: 1, maximum: 255 })),
  /**
   * Destination ports, both ends included; only with protocol 6 or 17. The kernel compares 1 to 65534 (net/fib_rules.h). A fragment
   * that is not the first has none, and matches no rule about ports.
   */
  ports: Type.Optional(
    Type.Object({
      from: Type.Integer({ minimum: 1, maximum: 65_534 }),
      to: Type.Integer({ minimum: 1, maximum: 65_534 }),
    }),
  ),
});
export type EpeMatch = Static<typeof EpeMatch>;

/** One kind of traffic. The first class that matches a packet and has an override for its destination decides. */
export const EpeClass = Type.Object({
  /** The operator's name of the rule; `default` for what no rule is about. */
  name: Type.String({ minLength: 1, maxLength: 63 }),
  match: EpeMatch,
  /** Edge-facing ports of this router that it is for. Never inside the plane, or a fallback loops (measured). */
  interfaces: Type.Array(Type.String({ maxLength: 15 }), { maxItems: 4096 }),
  overrides: Type.Array(
    Type.Object({
      prefix: Type.String({ maxLength: 64 }),
      /** Name of the egress peer (fabric/egress-peers.ts); for people and conditions. */
      peer: Type.String({ maxLength: 127 }),
      /** The peer's SID in this plane's own locator, last. Reduced encapsulation. */
      segments: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 8 }),
    }),
    { maxItems: 65_536 },
  ),
});
export type EpeClass = Static<typeof EpeClass>;

export const EpePart = Type.Object({
  version: Type.Literal(1),
  /** In order of precedence. */
  classes: Type.Array(EpeClass, { maxItems: 256 }),
  /**
   * Seconds for which overrides stay after this node last heard its controller; then they are taken away and BGP decides. 0: for
   * as long as their peer and their External Edge are alive.
   */
  keepS: Type.Integer({ minimum: 0, maximum: 31_536_000 }),
});
export type EpePart = Static<typeof EpePart>;
