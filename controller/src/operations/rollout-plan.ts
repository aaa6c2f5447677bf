import { edgesOf, planesOf } from "@vsix/shared/fabric/query.ts";
import { orderCohort, parseSteps, type Selection, selects, sizeSteps } from "../core/release/cohort.ts";
import { beginRollout, leastMs } from "../core/release/rollout.ts";
import { membersOf, type RolloutState } from "../core/release/rollout-state.ts";
import type { MetricChange } from "../core/release/settings.ts";
import type { InForce } from "../desired/in-force.ts";
import { ControllerError } from "../errors.ts";
import { barredPaths, type PathsAsked, withoutPaths } from "../evidence/path-evidence.ts";
import { attachmentsOf } from "../status/attachment.ts";
import { type Context, requireEdge, requirePlane } from "./context.ts";
import { METRICS } from "./measured-judge.ts";
import { observersOf } from "./observe.ts";

export interface RolloutRequest extends Selection {
  readonly to: string;
  /** The other one, where the fabric has two planes. */
  readonly from?: string;
  /** `1,10%,50%,100%` (core/release/cohort.ts). */
  readonly steps: string;
  readonly canaries: readonly string[];
  readonly intervalMs: number;
  /** The interval, at most 15 s, unless told. */
  readonly rehearsalMs?: number;
  readonly moveMs: number;
  readonly deadlineMs: number;
  readonly failureLimit: number;
  readonly baselineNow: boolean;
  /** By name. */
  readonly metrics: Readonly<Record<string, MetricChange>>;
  readonly note: string;
}

const REHEARSAL_AT_MOST_MS = 15_000;

/**
 * A rollout as it would begin now. Throws ControllerError: bad-rollout, unknown-plane, unknown-edge, plane-drained,
 * plane-not-ready, not-attached, nothing-to-move, paths-not-allowed, rollout-running.
 */
export function planRollout(
  context: Context,
  inForce: InForce,
  request: RolloutRequest,
  running: readonly RolloutState[],
  id: number,
): RolloutState {
  const { to } = request;
  requirePlane(inForce, to);
  const from = leftPlane(inForce, request);
  if (from === to)
    throw new ControllerError(
      "bad-rollout",
      `a rollout leads from one plane to another, not from ${to} to ${to}`,
    );
  requireFree(running, from, to);
  for (const plane of [from, to]) {
    if (inForce.intent.drained.includes(plane))
      throw new ControllerError(
        "plane-drained",
        `${plane} is drained; \`vsixctl plane undrain ${plane}\` first`,
      );
  }
  requireReady(context, inForce, to);
  const edges = chooseEdges(inForce, request, from, to);
  requireApart(running, edges);
  requireSessions(context, inForce, edges, to);
  const paths = { from, to, moved: edges };
  const pathsOff = request.metrics["expected-path"]?.off === true;
  if (!pathsOff) requireAllowed(inForce, paths);
  for (const canary of request.canaries) {
    requireEdge(inForce, canary);
    if (!edges.includes(canary))
      throw new ControllerError(
        "bad-rollout",
        `${canary} cannot be a canary: it is not among the Edges to be moved`,
      );
  }
  const parsed = parseSteps(request.steps);
  if (!parsed.ok) throw new ControllerError("bad-rollout", `steps: ${parsed.message}`);
  const noc = inForce.fabric.nodes.find((node) => node.controller)?.name;
  const order = orderCohort(edges, request.canaries, `${from}>${to}#${id}`, noc);
  const steps = sizeSteps(parsed.steps, order.length, new Set(request.canaries).size);
  const { intervalMs, moveMs, deadlineMs, failureLimit, baselineNow, metrics } = request;
  requireMetrics(metrics);
  const rehearsalMs = request.rehearsalMs ?? Math.min(intervalMs, REHEARSAL_AT_MOST_MS);
  const settings = {
    intervalMs,
    rehearsalMs,
    moveMs,
    deadlineMs,
    failureLimit,
    baselineNow,
    metrics: { ...metrics },
  };
  const least = leastMs(settings, steps.length);
  if (least > deadlineMs) {
    const text = `${steps.length} steps take ${Math.ceil(least / 1000)} s at least, longer than the deadline of ${deadlineMs / 1000} s`;
    throw new ControllerError("bad-rollout", text);
  }
  const { steer } = inForce.intent;
  const members = order.map((edge) => ({ edge, before: steer[edge] ?? null }));
  const blind = pathsOff ? "left out by whoever began the rollout" : withoutPaths(inForce, paths);
  const unjudged = blind === "" ? [] : [`expected-path: ${blind}`];
  const { revision } = inForce;
  return beginRollout({ id, from, to, settings, members, steps, unjudged, revision });
}

function requireMetrics(changes: Readonly<Record<string, MetricChange>>): void {
  const known = METRICS.map(({ name }) => name);
  const unknown = Object.keys(changes).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new ControllerError(
    "bad-rollout",
    `no metric is called ${JSON.stringify(unknown)}; there are: ${known.join(", ")}`,
  );
}

/** A path that is expected by the old plane only would be found wrong at the first step, and be an alarm in the path watch. */
function requireAllowed(inForce: InForce, paths: PathsAsked): void {
  const barred = barredPaths(inForce, paths);
  if (barred.length === 0) return;
  const shown = barred.slice(0, 5).join(", ");
  const more = barred.length > 5 ? `, and ${barred.length - 5} more` : "";
  throw new ControllerError(
    "paths-not-allowed",
    `the file of expected paths does not allow ${paths.to} for ${shown}${more}: say there what is right by ${paths.to}, or leave expected-path out (--metric expected-path=off) (\`vsixctl path expected\`, \`vsixctl path apply\`)`,
  );
}

function leftPlane(inForce: InForce, { from, to }: RolloutRequest): string {
  if (from !== undefined) {
    requirePlane(inForce, from);
    return from;
  }
  const others = inForce.fabric.planes.map(({ name }) => name).filter((name) => name !== to);
  const [only] = others;
  if (only !== undefined && others.length === 1) return only;
  throw new ControllerError("bad-rollout", `which plane is to be left? --from one of: ${others.join(", ")}`);
}

/** One rollout a pair of planes, whichever way. */
function requireFree(running: readonly RolloutState[], from: string, to: string): void {
  const pair = new Set([from, to]);
  const other = running.find((one) => pair.has(one.from) && pair.has(one.to));
  if (other === undefined) return;
  throw new ControllerError(
    "rollout-running",
    `rollout ${other.id} from ${other.from} to ${other.to} is still running (${other.stage})`,
  );
}

function requireApart(running: readonly RolloutState[], edges: readonly string[]): void {
  for (const other of running) {
    const shared = membersOf(other).find(({ edge }) => edges.includes(edge));
    if (shared !== undefined)
      throw new ControllerError("rollout-running", `${shared.edge} is being moved by rollout ${other.id}`);
  }
}

/** Every router of the plane holds what is published and has converged, and somebody is there to observe. */
function requireReady({ fleet, clock, lineage }: Context, inForce: InForce, plane: string): void {
  const nowMs = clock.monotonicMs();
  const faults: string[] = [];
  const routers = inForce.fabric.nodes.filter((node) => node.plane === plane);
  for (const { name } of routers) {
    const report = fleet.node(name).report?.value;
    const wanted = inForce.nodes.get(name)?.generation;
    if (!fleet.isOnline(name, nowMs)) faults.push(`${name} is offline`);
    else if (report === undefined) faults.push(`${name} has not reported`);
    else if (report.epoch !== lineage.epoch || report.generation !== wanted)
      faults.push(`${name} holds manifest ${report.generation}, ${wanted} is published`);
    else if (!report.converged) faults.push(`${name} has not converged`);
  }
  const observers = observersOf(inForce.fabric);
  if (routers.length === 0) faults.push(`${plane} has no router`);
  if (observers.length === 0) faults.push("the fabric has no External Edge of ours to observe with");
  for (const name of observers)
    if (!fleet.isOnline(name, nowMs)) faults.push(`${name} is offline, and observes`);
  if (faults.length > 0)
    throw new ControllerError("plane-not-ready", `${plane} is not ready: ${faults.join("; ")}`);
}

function chooseEdges(inForce: InForce, request: RolloutRequest, from: string, to: string): readonly string[] {
  const { fabric, steering } = inForce;
  for (const edge of request.edges) {
    requireEdge(inForce, edge);
    const plane = steering.get(edge)?.plane;
    if (plane !== from)
      throw new ControllerError("bad-rollout", `${edge} is wanted on ${plane}, not on ${from}`);
  }
  const edges = edgesOf(fabric)
    .filter((node) => steering.get(node.name)?.plane === from && selects(request, node))
    .map(({ name }) => name);
  if (edges.length === 0)
    throw new ControllerError("nothing-to-move", `no Edge that is chosen is wanted on ${from}`);
  const apart = edges.filter((edge) => !planesOf(fabric, edge).includes(to));
  if (apart.length > 0)
    throw new ControllerError(
      "not-attached",
      `no link to ${to}: ${apart.join(", ")}; --select chooses others`,
    );
  return edges;
}

function requireSessions(
  { fleet, clock }: Context,
  inForce: InForce,
  edges: readonly string[],
  plane: string,
): void {
  const nowMs = clock.monotonicMs();
  const faults = edges.flatMap((edge) =>
    attachmentsOf(inForce, fleet, edge, nowMs)
      .filter((one) => one.plane === plane && !one.up)
      .map(({ why }) => why),
  );
  if (faults.length > 0)
    throw new ControllerError(
      "plane-not-ready",
      `${plane} cannot carry everybody: ${faults.slice(0, 10).join("; ")}`,
    );
}
