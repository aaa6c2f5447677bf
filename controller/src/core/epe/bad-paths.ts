import type { Context } from "./context.ts";
import type { BadPath } from "./decision.ts";
import type { PlannedDestination } from "./destinations.ts";
import type { Draft } from "./draft.ts";
import type { RouteFact } from "./evidence/view.ts";
import type { BadMemory, EpeMemory } from "./memory.ts";
import { DEFAULT_CLASS } from "./policy.ts";

/** Events of one decision; beyond, they are only counted. */
const MAX_EVENTS = 500;
/** A round trip is inflated that is longer than the best peer's by both; and it is over at half of that. */
const INFLATED_MS = 20;
const INFLATED_SHARE = 0.25;

export interface BadPaths {
  readonly events: readonly BadPath[];
  readonly untold: number;
  readonly bad: EpeMemory["bad"];
  readonly paths: EpeMemory["paths"];
}

/**
 * What BGP chose badly, whether or not anything can be done about it: a longer AS path than another peer announces, a round trip
 * far above the best peer's. Told once when it begins and once when it ends, by prefix and peer, not by headend. And AS
 * paths in use that changed.
 */
export function badPaths(context: Context, drafts: readonly Draft[]): BadPaths {
  const { memory, nowMs } = context.input;
  const bad = new Map<string, BadMemory>();
  const paths = context.input.policy.peers.map(
    ({ name }): PathsOfPeer => ({ name, before: memory.paths.get(name), now: new Map() }),
  );
  const events: BadPath[] = [];
  let untold = 0;
  const tell = (event: BadPath): boolean => {
    if (events.length >= MAX_EVENTS) {
      untold++;
      return false;
    }
    events.push(event);
    return true;
  };
  const begin = (found: Found | undefined): void => {
    if (found === undefined || bad.has(found.key)) return;
    const before = memory.bad.get(found.key);
    // What could not be told is tried again.
    if (before !== undefined || tell({ ...found, change: "begins" }))
      bad.set(found.key, before ?? { sinceMs: nowMs });
  };
  const seen = ({ destination, routes }: Draft["row"], at: number | undefined): void => {
    const own = paths[at ?? -1];
    if (own === undefined) return;
    const changed = changedPath(own, destination, routes.byPeer[at ?? -1]);
    if (changed !== undefined) tell(changed);
  };
  for (const { row } of drafts) {
    if (row.traffic.name !== DEFAULT_CLASS || row.bgp === undefined) continue;
    begin(longerPath(context, row));
    begin(inflated(context, row));
    seen(row, row.bgp);
    if (row.current !== row.bgp) seen(row, row.current);
  }
  for (const [key, { sinceMs }] of memory.bad) {
    if (bad.has(key)) continue;
    const [kind = "", prefix = "", peer = ""] = key.split(" ");
    if (kind !== "longer-as-path" && kind !== "inflated-rtt") continue;
    const evidence = `over after ${Math.round((nowMs - sinceMs) / 1000)} s`;
    tell({ kind, change: "ends", prefix, peer, than: undefined, node: undefined, evidence, key });
  }
  const used = paths.filter(({ now }) => now.size > 0);
  return { events, untold, bad, paths: new Map(used.map(({ name, now }) => [name, now])) };
}

type Found = Omit<BadPath, "change">;

function longerPath(context: Context, { bgp, destination, routes }: Draft["row"]): Found | undefined {
  const { byPeer } = routes;
  const taken = byPeer[bgp ?? -1];
  if (taken === null || taken === undefined) return undefined;
  let best = taken;
  for (let at = 0; at < byPeer.length; at++) {
    const route = byPeer[at];
    if (route === null || route === undefined || route.length >= best.length) continue;
    if (context.states[at]?.gone === undefined) best = route;
  }
  if (best === taken) return undefined;
  const { prefix } = destination;
  return {
    kind: "longer-as-path",
    prefix,
    peer: taken.peer,
    than: best.peer,
    node: undefined,
    evidence: `${taken.peer} over ${taken.length} AS (${taken.path}), ${best.peer} over ${best.length} (${best.path})`,
    key: `longer-as-path ${prefix} ${taken.peer}`,
  };
}

function inflated(context: Context, row: Draft["row"]): Found | undefined {
  const { bgp = -1, destination, vantage, sight, routes, blocked } = row;
  const { policy, memory } = context.input;
  if (vantage === undefined || sight === undefined || blocked !== undefined) return undefined;
  const { first } = sight;
  const { rttMs: rtts, answered } = sight.table;
  const taken = policy.peers[bgp];
  if (taken === undefined || answered[first + bgp] === 0) return undefined;
  let best = bgp;
  for (let at = 0; at < routes.byPeer.length; at++)
    if (
      routes.byPeer[at]?.length !== undefined &&
      answered[first + at] !== 0 &&
      (rtts[first + at] ?? 0) < (rtts[first + best] ?? 0)
    )
      best = at;
  if (best === bgp) return undefined;
  const [rttMs, bestMs] = [rtts[first + bgp] ?? 0, rtts[first + best] ?? 0];
  const [cycles, others] = [answered[first + bgp] ?? 0, answered[first + best] ?? 0];
  const muchMs = Math.max(INFLATED_MS, INFLATED_SHARE * bestMs);
  if (cycles < 6 || others < 6 || rttMs - bestMs <= 0.5 * muchMs) return undefined;
  const { prefix } = destination;
  const { name } = taken;
  const key = `inflated-rtt ${prefix} ${name}`;
  if (!memory.bad.has(key) && rttMs - bestMs <= muchMs) return undefined;
  const than = policy.peers[best]?.name ?? "";
  return {
    kind: "inflated-rtt",
    prefix,
    peer: name,
    than,
    node: vantage.node,
    evidence: `${name} ${rttMs.toFixed(1)} ms, ${than} ${bestMs.toFixed(1)} ms, medians of ${cycles} and ${others} cycles from ${vantage.node}`,
    key,
  };
}

/** AS paths in use of one peer, by prefix. */
interface PathsOfPeer {
  readonly name: string;
  readonly before: ReadonlyMap<string, string> | undefined;
  readonly now: Map<string, string>;
}

function changedPath(
  { name, before, now }: PathsOfPeer,
  { prefix }: PlannedDestination,
  route: RouteFact | undefined | null,
): BadPath | undefined {
  if (now.has(prefix)) return undefined;
  const old = before?.get(prefix);
  const path = route === null || route === undefined ? old : route.path;
  if (path === undefined) return undefined;
  now.set(prefix, path);
  if (old === undefined || old === path) return undefined;
  return {
    ...{ kind: "path-changed", change: "once", prefix, peer: name },
    ...{ than: undefined, node: undefined },
    evidence: `${name}: ${old} before, ${path} now`,
    key: `path-changed ${prefix} ${name}`,
  };
}
