import { planesOf } from "@vsix/shared/fabric/query.ts";
import { drainPlane, type Intent, releaseEdge, steerEdge, undrainPlane } from "../core/intent.ts";
import { effectiveSteering } from "../core/steering.ts";
import type { InForce } from "../desired/in-force.ts";
import { ControllerError } from "../errors.ts";
import { brokenPlanes } from "../status/attachment.ts";
import { type Context, requireEdge, requireInForce, requirePlane } from "./context.ts";
import { MoveWatch, type ObservedMove, observersOf } from "./observe.ts";
import { publishedInTime } from "./published.ts";

/** What a command that moves Edges did and what was then observed. */
export interface MoveResult extends ObservedMove {
  /** Edges whose wanted plane this command changed, or, for a steer, the Edge named. */
  readonly edges: readonly { readonly edge: string; readonly plane: string; readonly reason: string }[];
  /** False when the intent was already so. */
  readonly changed: boolean;
  readonly published: boolean;
}

/** Wants an Edge on a plane and waits for what is observed. Refuses what cannot be. */
export async function steer(
  context: Context,
  request: { readonly who: string; readonly edge: string; readonly plane: string; readonly waitMs: number },
): Promise<MoveResult> {
  const { edge, plane } = request;
  return move(context, { ...request, what: "steer", detail: { edge, plane }, edge }, (inForce) => {
    requireEdge(inForce, edge);
    requirePlane(inForce, plane);
    const attached = planesOf(inForce.fabric, edge);
    if (!attached.includes(plane)) {
      throw new ControllerError(
        "not-attached",
        `${edge} has no link to ${plane}; it has: ${attached.join(", ")}`,
      );
    }
    if (inForce.intent.drained.includes(plane)) {
      throw new ControllerError(
        "plane-drained",
        `${plane} is drained; \`vsixctl plane undrain ${plane}\` first`,
      );
    }
    return steerEdge(inForce.intent, edge, plane);
  });
}

/** Lets an Edge go back to the plane its fabric file prefers. */
export async function release(
  context: Context,
  request: { readonly who: string; readonly edge: string; readonly waitMs: number },
): Promise<MoveResult> {
  const { edge } = request;
  return move(context, { ...request, what: "release", detail: { edge }, edge }, (inForce) => {
    requireEdge(inForce, edge);
    return releaseEdge(inForce.intent, edge);
  });
}

/** Leads everybody off a plane. Refused (`no-working-plane`) where that strands an Edge, unless forced. */
export async function drain(
  context: Context,
  request: { readonly who: string; readonly plane: string; readonly force: boolean; readonly waitMs: number },
): Promise<MoveResult> {
  const { plane, force } = request;
  return move(context, { ...request, what: "drain", detail: { plane, force } }, (inForce) => {
    requirePlane(inForce, plane);
    const intent = drainPlane(inForce.intent, plane);
    const broken = brokenPlanes(inForce, context.fleet, context.clock.monotonicMs());
    const judged = effectiveSteering(inForce.fabric, intent, { force, broken });
    if (!judged.ok) {
      throw new ControllerError(
        "no-working-plane",
        `draining ${plane} would leave no working plane to ${judged.edges.join(", ")}; --force does it all the same`,
      );
    }
    return intent;
  });
}

export async function undrain(
  context: Context,
  request: { readonly who: string; readonly plane: string; readonly waitMs: number },
): Promise<MoveResult> {
  const { plane } = request;
  return move(context, { ...request, what: "undrain", detail: { plane } }, (inForce) => {
    requirePlane(inForce, plane);
    return undrainPlane(inForce.intent, plane);
  });
}

interface MoveRequest {
  readonly who: string;
  readonly what: "steer" | "release" | "drain" | "undrain";
  readonly detail: Readonly<Record<string, unknown>>;
  readonly waitMs: number;
  /** Watched even when nothing changes for it. */
  readonly edge?: string;
}

async function move(
  context: Context,
  request: MoveRequest,
  decide: (inForce: InForce) => Intent,
): Promise<MoveResult> {
  const { desired } = context;
  using watch = new MoveWatch(context, requireInForce(desired.inForce).fabric);
  let changed = false;
  const { who, what } = request;
  const commit = await desired.commit({ who, what }, async (tx, current) => {
    const inForce = requireInForce(current);
    const { fabric, revision } = inForce;
    const intent = decide(inForce);
    for (const edge of Object.keys(inForce.intent.steer)) {
      if (!Object.hasOwn(intent.steer, edge)) await tx.clearSteer(edge);
    }
    for (const [edge, plane] of Object.entries(intent.steer)) {
      if (inForce.intent.steer[edge] !== plane) await tx.setSteer(edge, plane);
    }
    for (const plane of inForce.intent.drained) {
      if (!intent.drained.includes(plane)) await tx.removeDrained(plane);
    }
    for (const plane of intent.drained) {
      if (!inForce.intent.drained.includes(plane)) await tx.addDrained(plane);
    }
    changed = JSON.stringify(intent) !== JSON.stringify(inForce.intent);
    return { revision, fabric, intent, detail: { ...request.detail, changed } };
  });
  const { before, after } = commit;
  const edges = [...after.steering.values()]
    .filter(({ edge, plane }) => edge === request.edge || before?.steering.get(edge)?.plane !== plane)
    .map(({ edge, plane, reason }) => ({ edge, plane, reason }));
  const wanted = new Map(edges.map(({ edge, plane }) => [edge, plane]));
  const externalEdges = observersOf(after.fabric);
  const observed =
    wanted.size === 0
      ? { observed: true, sightings: [], missing: [] }
      : await watch.wait({ externalEdges, wanted }, request.waitMs);
  return { ...observed, edges, changed, published: await publishedInTime(context, commit) };
}
