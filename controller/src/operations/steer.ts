import { planesOf } from "@vsix/shared/fabric/query.ts";
import { drainPlane, type Intent, releaseEdge, steerEdge, undrainPlane } from "../core/intent.ts";
import { type EdgeSteering, effectiveSteering } from "../core/steering.ts";
import type { InForce } from "../desired/in-force.ts";
import { ControllerError } from "../errors.ts";
import { brokenPlanes } from "../status/attachment.ts";
import { type Context, requireEdge, requireInForce, requirePlane } from "./context.ts";
import { MoveWatch, type ObservedMove, observersOf } from "./observe.ts";
import { publishedInTime } from "./published.ts";
import { meetRollouts } from "./rollout-guard.ts";
import { writeIntent } from "./rollout-record.ts";

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
  request: Request & { readonly edge: string; readonly plane: string },
): Promise<MoveResult> {
  const { edge, plane } = request;
  return move(context, { ...request, what: "steer", detail: { edge, plane } }, (inForce) => {
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
  request: Request & { readonly edge: string },
): Promise<MoveResult> {
  const { edge } = request;
  return move(context, { ...request, what: "release", detail: { edge } }, (inForce) => {
    requireEdge(inForce, edge);
    return releaseEdge(inForce.intent, edge);
  });
}

/** Leads everybody off a plane. Refused (`no-working-plane`) where that strands an Edge, unless forced. */
export async function drain(
  context: Context,
  request: Request & { readonly plane: string; readonly force: boolean },
): Promise<MoveResult> {
  const { plane, force, ...rest } = request;
  const asked = { ...rest, what: "drain", detail: { plane, force }, drained: plane } as const;
  return move(context, asked, (inForce) => {
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
  request: Omit<Request, "exception"> & { readonly plane: string },
): Promise<MoveResult> {
  const { plane, ...rest } = request;
  const asked = { ...rest, exception: false, what: "undrain", detail: { plane } } as const;
  return move(context, asked, (inForce) => {
    requirePlane(inForce, plane);
    return undrainPlane(inForce.intent, plane);
  });
}

interface Request {
  readonly who: string;
  readonly waitMs: number;
  /** Even where a rollout is concerned (rollout-guard.ts). */
  readonly exception: boolean;
  /** Only say who would move; whether a rollout stands against it is not asked. */
  readonly dryRun: boolean;
}

interface MoveRequest extends Request {
  readonly what: "steer" | "release" | "drain" | "undrain";
  readonly detail: Readonly<Record<string, unknown>>;
  /** Watched even when nothing changes for it. */
  readonly edge?: string;
  /** Plane to be drained. */
  readonly drained?: string;
}

async function move(
  context: Context,
  request: MoveRequest,
  decide: (inForce: InForce) => Intent,
): Promise<MoveResult> {
  const { desired } = context;
  if (request.dryRun) return preview(requireInForce(desired.inForce), request, decide);
  using watch = new MoveWatch(context, requireInForce(desired.inForce).fabric);
  let changed = false;
  let rollouts: readonly number[] = [];
  const { who, what } = request;
  const commit = await desired.commit({ who, what }, async (tx, current) => {
    const inForce = requireInForce(current);
    const { fabric, revision } = inForce;
    const met = await meetRollouts(context, tx, inForce.intent, request);
    rollouts = met.touched;
    const intent = decide({ ...inForce, intent: met.intent });
    await writeIntent(tx, inForce.intent, intent);
    changed = JSON.stringify(intent) !== JSON.stringify(inForce.intent);
    const exceptions = rollouts.length === 0 ? {} : { exceptionOf: rollouts };
    return { revision, fabric, intent, detail: { ...request.detail, changed, ...exceptions } };
  });
  await context.rollouts.settle(context, rollouts);
  const { before, after } = commit;
  const edges = movedEdges(before, after.steering.values(), request.edge);
  const wanted = new Map(edges.map(({ edge, plane }) => [edge, plane]));
  const externalEdges = observersOf(after.fabric);
  const observed =
    wanted.size === 0
      ? { observed: true, sightings: [], missing: [] }
      : await watch.wait({ externalEdges, wanted }, request.waitMs);
  return { ...observed, edges, changed, published: await publishedInTime(context, commit) };
}

function preview(inForce: InForce, request: MoveRequest, decide: (inForce: InForce) => Intent): MoveResult {
  const intent = decide(inForce);
  // Forced, it is never refused; what would be, `decide` has refused already.
  const judged = effectiveSteering(inForce.fabric, intent, { force: true });
  return {
    edges: movedEdges(inForce, judged.ok ? judged.edges : [], request.edge),
    changed: JSON.stringify(intent) !== JSON.stringify(inForce.intent),
    published: false,
    observed: false,
    sightings: [],
    missing: [],
  };
}

/** Edges whose wanted plane is another than before, and the one named. */
function movedEdges(
  before: InForce | undefined,
  after: Iterable<EdgeSteering>,
  named: string | undefined,
): MoveResult["edges"] {
  return [...after]
    .filter(({ edge, plane }) => edge === named || before?.steering.get(edge)?.plane !== plane)
    .map(({ edge, plane, reason }) => ({ edge, plane, reason }));
}
