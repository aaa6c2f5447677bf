import { type Static, Type } from "@sinclair/typebox";

/**
 * Part `steering`: for a plane router, how much each of its Edges is wanted on this plane. Lower wins. The number is
 * the MED towards the Edge, and travels with the Edge's prefixes as large community AS:90:MED, from which every
 * confederation-eBGP export sets its own MED (GoBGP strips MED there). For an Edge, which plane it should use: BGP moves its
 * routes without that too, but one by one, and its agent can lead them all there at once until BGP has followed.
 */
export const SteeringPart = Type.Object({
  version: Type.Literal(1),
  edges: Type.Array(
    Type.Object({ name: Type.String(), med: Type.Integer({ minimum: 0, maximum: 4294967295 }) }),
  ),
  /** Only for Edges: name of the plane that this Edge should use now. */
  wanted: Type.Optional(Type.String()),
});
export type SteeringPart = Static<typeof SteeringPart>;
