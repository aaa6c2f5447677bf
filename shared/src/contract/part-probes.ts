import { type Static, Type } from "@sinclair/typebox";
import { EgressPart } from "./part-egress.ts";
import { MeasurePart } from "./part-measure.ts";
import { TracesPart } from "./part-traces.ts";

/**
 * Part `probes`: what a node looks at all the time. An External Edge looks at every Edge in both directions: a probe
 * with hop limit 1 shows the plane router that the External Edge uses towards it; the interface by which the echo reply
 * comes back shows the plane that the Edge uses. A plane router looks at nobody, and only measures.
 */
export const ProbesPart = Type.Object({
  version: Type.Literal(1),
  intervalMs: Type.Integer({ minimum: 10 }),
  /** Interval for a while after something changed. */
  burstIntervalMs: Type.Integer({ minimum: 10 }),
  targets: Type.Array(
    Type.Object({
      /** The Edge watched (from an External Edge), or the name of a target (from an Edge). */
      name: Type.String(),
      address: Type.String(),
      kind: Type.Union([Type.Literal("edge"), Type.Literal("outside")]),
    }),
  ),
  /** Which plane answers from which address: every address of every plane router that can be a hop. */
  hops: Type.Array(
    Type.Object({ address: Type.String(), node: Type.String(), plane: Type.Optional(Type.String()) }),
  ),
  /** How well packets are carried; agents of before it do not know the field. */
  measure: Type.Optional(MeasurePart),
  /** Paths to look at; agents of before it do not know the field. */
  traces: Type.Optional(TracesPart),
  /** Egress peers to measure and to ask; agents of before it do not know the field. */
  egress: Type.Optional(EgressPart),
});
export type ProbesPart = Static<typeof ProbesPart>;
