import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { findNode } from "@vsix/shared/fabric/query.ts";
import type { TraceOrders } from "../core/compile-traces.ts";
import { type Intent, NO_INTENT } from "../core/intent.ts";
import { type EdgeSteering, effectiveSteering } from "../core/steering.ts";
import type { StoredIntent } from "../store/reader.ts";
import type { DesiredNode } from "./document.ts";
import type { StoredEpe } from "./epe-in-force.ts";
import type { ExpectedInForce } from "./expected-in-force.ts";
import type { MadeOf } from "./stored-fabric.ts";

/** What the whole fleet is asked to be right now. Replaced as a whole, never changed. */
export interface InForce {
  /** Fabric revision; at least 1. */
  readonly revision: number;
  readonly fabric: Fabric;
  /** Absent where all of it was applied together. */
  readonly madeOf?: MadeOf;
  readonly intent: Intent;
  /** By Edge name. */
  readonly steering: ReadonlyMap<string, EdgeSteering>;
  readonly nodes: ReadonlyMap<string, DesiredNode>;
  /** The file of expected paths; absent where there is none. */
  readonly expected?: ExpectedInForce;
  /** All that is traced: what that file asks for, and what is being learned. */
  readonly orders: TraceOrders;
  /** Absent while egress peer engineering is off, or the fabric has no policy for it. */
  readonly epe?: StoredEpe;
  /** These nodes have to confirm it within so many seconds; `decided`: they may. */
  readonly trial?: {
    readonly withinS: number;
    readonly nodes: ReadonlySet<string>;
    readonly decided: boolean;
  };
}

/** What is in force of egress peer engineering, to be compiled with another fabric or intent. */
export function epeOf(inForce: Pick<InForce, "epe"> | undefined): Pick<InForce, "epe"> {
  return inForce?.epe === undefined ? {} : { epe: inForce.epe };
}

/** The revision whose file a plane is of. */
export function revisionOf(
  { revision, madeOf }: Pick<InForce, "revision" | "madeOf">,
  plane: string,
): number {
  if (madeOf === undefined) return revision;
  return Object.hasOwn(madeOf.planes, plane) ? (madeOf.planes[plane] ?? madeOf.base) : madeOf.base;
}

/** Where every Edge should be, forced or not: the intent was judged when it was given. */
export function steeringOf(fabric: Fabric, intent: Intent): ReadonlyMap<string, EdgeSteering> {
  const steering = effectiveSteering(fabric, intent, { force: true });
  return new Map(steering.ok ? steering.edges.map((edge) => [edge.edge, edge]) : []);
}

/** Intent without what the fabric no longer has, and what was dropped. */
export function fitIntent(
  fabric: Fabric,
  stored: StoredIntent,
): { readonly intent: Intent; readonly dropped: readonly string[] } {
  const planes = new Set(fabric.planes.map((plane) => plane.name));
  const dropped: string[] = [];
  const steer: Record<string, string> = {};
  for (const [edge, plane] of Object.entries(stored.steer)) {
    if (findNode(fabric, edge)?.role === "edge" && planes.has(plane)) steer[edge] = plane;
    else dropped.push(`steer ${edge} ${plane}`);
  }
  const drained = stored.drained.filter((plane) => planes.has(plane));
  for (const plane of stored.drained) if (!planes.has(plane)) dropped.push(`drain ${plane}`);
  return { intent: { ...NO_INTENT, steer, drained }, dropped };
}
