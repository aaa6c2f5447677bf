import { type Static, Type } from "@sinclair/typebox";
import type { Fabric } from "@vsix/shared/fabric/model.ts";

/** What operators want beyond the fabric file. JSON, stored as it is. */
export const Intent = Type.Object({
  /** Edge name to the plane it should use; an Edge not named here uses what it prefers. */
  steer: Type.Record(Type.String(), Type.String()),
  /** Planes that carry nothing while another works. */
  drained: Type.Readonly(Type.Array(Type.String())),
});
export type Intent = Static<typeof Intent>;

export const NO_INTENT: Intent = { steer: {}, drained: [] };

/** Wants `edge` on `plane`. */
export function steerEdge(intent: Intent, edge: string, plane: string): Intent {
  return { ...intent, steer: { ...intent.steer, [edge]: plane } };
}

/** Lets an Edge go back to what it prefers. */
export function releaseEdge(intent: Intent, edge: string): Intent {
  return {
    ...intent,
    steer: Object.fromEntries(Object.entries(intent.steer).filter(([name]) => name !== edge)),
  };
}

export function drainPlane(intent: Intent, plane: string): Intent {
  return { ...intent, drained: [...new Set([...intent.drained, plane])].sort() };
}

export function undrainPlane(intent: Intent, plane: string): Intent {
  return { ...intent, drained: intent.drained.filter((name) => name !== plane) };
}

export interface IntentFault {
  readonly code: "unknown-edge" | "unknown-plane";
  readonly message: string;
}

/** Names in an intent that the fabric does not have (any more). Empty means it fits. */
export function intentFaults(fabric: Fabric, intent: Intent): readonly IntentFault[] {
  const edges = new Set(fabric.nodes.filter((node) => node.role === "edge").map((node) => node.name));
  const planes = new Set(fabric.planes.map((plane) => plane.name));
  const unknownPlane = (plane: string): IntentFault => ({
    code: "unknown-plane",
    message: `there is no plane ${JSON.stringify(plane)}; planes: ${[...planes].join(", ")}`,
  });
  return [
    ...Object.keys(intent.steer)
      .filter((edge) => !edges.has(edge))
      .map(
        (edge): IntentFault => ({
          code: "unknown-edge",
          message: `there is no Edge ${JSON.stringify(edge)}`,
        }),
      ),
    ...Object.values(intent.steer)
      .filter((plane) => !planes.has(plane))
      .map(unknownPlane),
    ...intent.drained.filter((plane) => !planes.has(plane)).map(unknownPlane),
  ];
}
