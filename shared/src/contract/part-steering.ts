import { type Static, Type } from "@sinclair/typebox";

/**
 * Part `steering`: for a plane router, how much each of its Edges is wanted on this plane. Lower wins. The number is
 * the MED towards the Edge, and travels with the Edge's prefixes as large community AS:90:MED, from which every
 * confederation-eBGP export sets its own MED (GoBGP strips MED there).
 */
export const SteeringPart = Type.Object({
  version: Type.Literal(1),
  edges: Type.Array(
    Type.Object({ name: Type.String(), med: Type.Integer({ minimum: 0, maximum: 4294967295 }) }),
  ),
});
export type SteeringPart = Static<typeof SteeringPart>;
