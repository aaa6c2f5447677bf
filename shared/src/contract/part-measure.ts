import { type Static, Type } from "@sinclair/typebox";

/**
 * What a node measures all the time by ICMPv6 echoes: loss and round trip times, for whoever judges a plane. A plane router
 * measures the fabric's targets from its own loopback, which its own plane carries both ways; an External Edge
 * measures every Edge, by whichever plane that is on. It travels inside part `probes`, not as a part of its own: an agent that
 * does not know it lets an unknown field through, but would refuse a manifest that names an unknown part.
 */
export const MeasurePart = Type.Object({
  /** Between echoes to one target, when the budget allows. */
  intervalMs: Type.Integer({ minimum: 20, maximum: 60_000 }),
  /** Octets of the whole IPv6 packet, never fragmented. */
  size: Type.Integer({ minimum: 48, maximum: 9000 }),
  /** Echoes a second, over all targets; with many targets the interval is stretched. */
  maxPacketsPerS: Type.Integer({ minimum: 1, maximum: 1000 }),
  targets: Type.Array(
    Type.Object({
      /** Name of the target, or of the Edge. */
      name: Type.String({ maxLength: 63 }),
      address: Type.String({ maxLength: 64 }),
    }),
    { maxItems: 4096 },
  ),
});
export type MeasurePart = Static<typeof MeasurePart>;
