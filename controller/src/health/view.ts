import type { Health, HealthState, HealthVerdict } from "@vsix/shared/contract/up-health.ts";
import { timestamp } from "../clock.ts";
import {
  comparePlanes,
  compareSites,
  type PlaneHealth,
  type SiteHealth,
  type WorstLayer,
  worstLayers,
} from "../core/health/compare.ts";
import { type LayerStates, layerStates, statesOf } from "../core/health/layers.ts";
import type { ShortRun } from "../core/health/short-run.ts";
import { ControllerError } from "../errors.ts";
import { type Context, requireInForce } from "../operations/context.ts";
import type { Store } from "../store/store.ts";

/** A node that has said nothing for so many intervals is not known any more. */
const STALE_INTERVALS = 3;

export interface NodeHealth {
  readonly node: string;
  readonly site: string;
  /** Null: nothing has been told yet. */
  readonly at: string | null;
  /** Told so long ago that it says nothing of now. */
  readonly stale: boolean;
  readonly state: HealthState;
  readonly layers: LayerStates;
  readonly verdicts: readonly HealthVerdict[];
}

export interface HealthOverview {
  readonly intervalS: number;
  readonly nodes: readonly NodeHealth[];
  readonly sites: readonly SiteHealth[];
  readonly planes: readonly PlaneHealth[];
}

export interface NodeHealthWhole extends NodeHealth {
  readonly latest: Health | null;
}

export interface HealthRunView {
  readonly at: string;
  readonly state: string;
  readonly layers: LayerStates;
  readonly tookMs: number;
  readonly verdicts: readonly HealthVerdict[];
  readonly us: ShortRun["us"];
  readonly planeUs: ShortRun["planeUs"];
}

/** Every node that looks; stale ones are in no comparison. Throws ControllerError `no-fabric`, `no-health`. */
export function healthOverview(context: Context): HealthOverview {
  const { nodes, part } = requireHealth(context);
  const all = nodes.map((node) => viewOf(context, node, part.intervalS));
  const told = all.flatMap(({ node, site, stale }) => {
    const latest = context.health.latest.get(node);
    return latest === undefined || stale ? [] : [{ site, health: latest.health }];
  });
  return {
    intervalS: part.intervalS,
    nodes: all,
    sites: compareSites(told),
    planes: comparePlanes(told),
  };
}

/** One node, its newest run whole. Throws ControllerError `no-fabric`, `no-health`, `unknown-node`. */
export function healthOf(context: Context, node: string): NodeHealthWhole {
  const { part } = requireNode(context, node);
  return {
    ...viewOf(context, node, part.intervalS),
    latest: context.health.latest.get(node)?.health ?? null,
  };
}

/** Runs of one node, newest first. Throws as {@link healthOf}. */
export async function healthHistory(
  context: Context,
  node: string,
  limit: number,
): Promise<readonly HealthRunView[]> {
  requireNode(context, node);
  await context.health.flush();
  return (await context.store.read.health.runs(node, limit)).map(({ at, state, layers, body }) => {
    const { tookMs, verdicts, us, planeUs } = JSON.parse(body) as ShortRun;
    return { at, state, layers: statesOf(layers), tookMs, verdicts, us, planeUs };
  });
}

export interface HealthTroubles {
  /** How often nodes looked, all together. */
  readonly runs: number;
  readonly worst: readonly WorstLayer[];
}

/** What went wrong at each site from one time until another (wall clock, milliseconds), the worst first. For the event report. */
export async function healthTroubles(
  store: Pick<Store, "read">,
  siteOf: (node: string) => string | undefined,
  fromMs: number,
  toMs: number,
): Promise<HealthTroubles> {
  const seen = await store.read.health.layersBetween(timestamp(fromMs), timestamp(toMs));
  return { runs: seen.reduce((sum, { runs }) => sum + runs, 0), worst: worstLayers(seen, siteOf) };
}

function viewOf({ health, clock }: Context, node: string, intervalS: number): NodeHealth {
  const latest = health.latest.get(node);
  const about = { node, site: health.siteOf(node) ?? "" };
  if (latest === undefined)
    return { ...about, at: null, stale: true, state: "unknown", layers: layerStates([]), verdicts: [] };
  const { state, layers, verdicts } = latest.health;
  return {
    ...about,
    at: timestamp(latest.atMs),
    stale: clock.wallMs() - latest.atMs > STALE_INTERVALS * intervalS * 1000,
    state,
    layers: layerStates(layers),
    verdicts,
  };
}

/** One node whoever asks, a user's own device among them; undefined: nobody looks. */
export function nodeHealth(context: Context, node: string): NodeHealth | undefined {
  const health = context.desired.inForce?.fabric.health;
  return health === undefined ? undefined : viewOf(context, node, health.part.intervalS);
}

function requireHealth({ desired }: Context) {
  const { health } = requireInForce(desired.inForce).fabric;
  if (health === undefined)
    throw new ControllerError("no-health", "nobody looks: write a section `health` into the fabric file");
  return health;
}

function requireNode(context: Context, node: string) {
  const health = requireHealth(context);
  if (health.nodes.includes(node)) return health;
  const known = health.nodes.slice(0, 20).join(", ");
  throw new ControllerError(
    "unknown-node",
    `${JSON.stringify(node)} does not look; those who do: ${known || "nobody"}`,
  );
}
