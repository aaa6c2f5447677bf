import type { Context } from "./context.ts";
import type { BadPath } from "./decision.ts";
import type { PlannedDestination } from "./destinations.ts";
import type { RouteFact } from "./evidence/view.ts";
import type { BadMemory, EpeMemory } from "./memory.ts";
import { DEFAULT_CLASS } from "./policy.ts";
import type { Row } from "./row.ts";

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
 * paths in use that changed. Looks at each row as it is gathered.
 */
export class BadPathWatch {
  readonly #context: Context;
  readonly #bad = new Map<string, BadMemory>();
  readonly #paths: readonly PathsOfPeer[];
  readonly #events: BadPath[] = [];
  #untold = 0;

  constructor(context: Context) {
    const { memory, policy, destinations } = context.input;
    this.#context = context;
    this.#paths = policy.peers.map(({ name }) => new PathsOfPeer(name, memory.paths.get(name), destinations));
  }

  /** @param place of the row's destination among all */
  look(row: Row, place: number): void {
    if (row.traffic.name !== DEFAULT_CLASS || row.bgp === undefined) return;
    this.#begin(longerPath(this.#context, row));
    this.#begin(inflated(this.#context, row));
    this.#path(row, place, row.bgp);
    if (row.current !== undefined && row.current !== row.bgp) this.#path(row, place, row.current);
  }

  /** Once all rows have been looked at. */
  done(): BadPaths {
    const { memory, nowMs } = this.#context.input;
    for (const [key, { sinceMs }] of memory.bad) {
      if (this.#bad.has(key)) continue;
      const [kind = "", prefix = "", peer = ""] = key.split(" ");
      if (kind !== "longer-as-path" && kind !== "inflated-rtt") continue;
      const evidence = `over after ${Math.round((nowMs - sinceMs) / 1000)} s`;
      this.#tell({ kind, change: "ends", prefix, peer, than: undefined, node: undefined, evidence, key });
    }
    const used = this.#paths.flatMap((one) => {
      const paths = one.paths();
      return paths === undefined ? [] : [[one.name, paths] as const];
    });
    return { events: this.#events, untold: this.#untold, bad: this.#bad, paths: new Map(used) };
  }

  #begin(found: Found | undefined): void {
    if (found === undefined || this.#bad.has(found.key)) return;
    const { memory, nowMs } = this.#context.input;
    const before = memory.bad.get(found.key);
    // What could not be told is tried again.
    if (before !== undefined || this.#tell({ ...found, change: "begins" }))
      this.#bad.set(found.key, before ?? { sinceMs: nowMs });
  }

  #path({ routes }: Row, place: number, peer: number): void {
    const changed = this.#paths[peer]?.look(place, routes.byPeer[peer]);
    if (changed !== undefined) this.#tell(changed);
  }

  #tell(event: BadPath): boolean {
    if (this.#events.length >= MAX_EVENTS) {
      this.#untold++;
      return false;
    }
    this.#events.push(event);
    return true;
  }
}

type Found = Omit<BadPath, "change">;

function longerPath(context: Context, { bgp, destination, routes }: Row): Found | undefined {
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

function inflated(context: Context, row: Row): Found | undefined {
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

/** AS paths in use of one peer, by prefix. They hardly ever change: then what is remembered of them stays the same map. */
class PathsOfPeer {
  readonly name: string;
  readonly #before: ReadonlyMap<string, string>;
  readonly #destinations: readonly PlannedDestination[];
  /** 1: in use; by destination. */
  readonly #used: Uint8Array;
  /** What was not so before. */
  readonly #changed = new Map<string, string>();
  #count = 0;

  constructor(
    name: string,
    before: ReadonlyMap<string, string> | undefined,
    destinations: readonly PlannedDestination[],
  ) {
    this.name = name;
    this.#before = before ?? new Map();
    this.#destinations = destinations;
    this.#used = new Uint8Array(destinations.length);
  }

  /** The path to one destination is in use. @returns what it is to tell of it */
  look(place: number, route: RouteFact | undefined | null): BadPath | undefined {
    const prefix = this.#destinations[place]?.prefix;
    if (prefix === undefined || this.#used[place] === 1) return undefined;
    const old = this.#before.get(prefix);
    const path = route === null || route === undefined ? old : route.path;
    if (path === undefined) return undefined;
    this.#used[place] = 1;
    this.#count++;
    if (old === path) return undefined;
    this.#changed.set(prefix, path);
    if (old === undefined) return undefined;
    const { name } = this;
    return {
      ...{ kind: "path-changed", change: "once", prefix, peer: name },
      ...{ than: undefined, node: undefined },
      evidence: `${name}: ${old} before, ${path} now`,
      key: `path-changed ${prefix} ${name}`,
    };
  }

  /** All that are in use; undefined: none. */
  paths(): ReadonlyMap<string, string> | undefined {
    if (this.#count === 0) return undefined;
    if (this.#changed.size === 0 && this.#count === this.#before.size) return this.#before;
    const paths = new Map<string, string>();
    for (const [place, { prefix }] of this.#destinations.entries()) {
      if (this.#used[place] !== 1) continue;
      const path = this.#changed.get(prefix) ?? this.#before.get(prefix);
      if (path !== undefined) paths.set(prefix, path);
    }
    return paths;
  }
}
