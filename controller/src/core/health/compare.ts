import {
  HEALTH_LAYERS,
  type Health,
  type HealthLayer,
  type HealthState,
} from "@vsix/shared/contract/up-health.ts";
import { layerStates, statesOf } from "./layers.ts";
import { median } from "./short-run.ts";

/** How many looked and how many of them found it so. */
export interface Share {
  readonly looked: number;
  readonly poor: number;
  readonly bad: number;
}

export interface SiteHealth {
  readonly site: string;
  readonly nodes: number;
  readonly layers: Readonly<Record<HealthLayer, Share>>;
  /** Microseconds, median over nodes and checks; layers without a time are absent. */
  readonly us: Readonly<Partial<Record<HealthLayer, number>>>;
}

export interface PlaneHealth extends Share {
  readonly plane: string;
  /** Microseconds, median over checks that were answered; null where none was. */
  readonly us: number | null;
  /** Of echoes, over all checks. */
  readonly lossPercent: number | null;
}

export interface Told {
  readonly site: string;
  readonly health: Health;
}

/** Sites side by side, by the newest run of each of their nodes. */
export function compareSites(told: readonly Told[]): readonly SiteHealth[] {
  const sites = [...new Set(told.map(({ site }) => site))].sort();
  return sites.map((site) => {
    const own = told.filter((one) => one.site === site).map(({ health }) => health);
    const states = own.map(({ layers }) => layerStates(layers));
    const times = HEALTH_LAYERS.flatMap((layer) => {
      const found = own.flatMap(({ checks }) =>
        checks.flatMap((check) => (check.layer === layer && check.us !== undefined ? [check.us] : [])),
      );
      return found.length === 0 ? [] : [[layer, median(found)] as const];
    });
    return {
      site,
      nodes: own.length,
      layers: byLayer((layer) => shareOf(states.map((one) => one[layer]))),
      us: Object.fromEntries(times),
    };
  });
}

/** Planes side by side: what every node that sees more than one found of each. */
export function comparePlanes(told: readonly Told[]): readonly PlaneHealth[] {
  const checks = told.flatMap(({ health }) => health.checks);
  const planes = [...new Set(checks.flatMap(({ plane }) => plane ?? []))].sort();
  return planes.map((plane) => {
    const own = checks.filter((check) => check.plane === plane);
    const times = own.flatMap(({ us }) => us ?? []);
    const losses = own.flatMap(({ lossPercent }) => lossPercent ?? []);
    const loss = losses.reduce((sum, one) => sum + one, 0) / losses.length;
    return {
      plane,
      ...shareOf(own.map(({ state }) => state)),
      us: times.length === 0 ? null : median(times),
      lossPercent: losses.length === 0 ? null : Math.round(loss * 10) / 10,
    };
  });
}

/** A layer of a site, over a time. */
export interface WorstLayer extends Share {
  readonly site: string;
  readonly layer: HealthLayer;
}

/**
 * What went wrong at each site within a time, the worst first: layers that were bad or poor in some run. For reports.
 * @param seen runs by node and states of layers, as {@link lettersOf} writes them.
 */
export function worstLayers(
  seen: readonly { readonly node: string; readonly layers: string; readonly runs: number }[],
  siteOf: (node: string) => string | undefined,
): readonly WorstLayer[] {
  const found = new Map<
    string,
    { site: string; layer: HealthLayer; looked: number; poor: number; bad: number }
  >();
  for (const { node, layers, runs } of seen) {
    const site = siteOf(node);
    if (site === undefined) continue;
    for (const [layer, state] of Object.entries(statesOf(layers)) as [HealthLayer, HealthState][]) {
      if (state === "unknown") continue;
      const key = `${site} ${layer}`;
      const sum = found.get(key) ?? { site, layer, looked: 0, poor: 0, bad: 0 };
      found.set(key, sum);
      sum.looked += runs;
      if (state !== "good") sum[state] += runs;
    }
  }
  return [...found.values()]
    .filter(({ bad, poor }) => bad + poor > 0)
    .sort((a, b) => b.bad / b.looked - a.bad / a.looked || b.poor / b.looked - a.poor / a.looked);
}

function byLayer<T>(of: (layer: HealthLayer) => T): Readonly<Record<HealthLayer, T>> {
  return Object.fromEntries(HEALTH_LAYERS.map((layer) => [layer, of(layer)])) as Record<HealthLayer, T>;
}

function shareOf(states: readonly HealthState[]): Share {
  const count = (state: HealthState): number => states.filter((one) => one === state).length;
  return { looked: states.length - count("unknown"), poor: count("poor"), bad: count("bad") };
}
