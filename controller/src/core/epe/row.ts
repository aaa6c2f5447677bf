import type { GuessPair, Side } from "./compare.ts";
import type { Context, Sight, Vantage } from "./context.ts";
import type { DecisionRule, GainArithmetic, PeerCode } from "./decision.ts";
import type { PlannedDestination } from "./destinations.ts";
import { ARRIVES, figuresAt, newTable } from "./figures.ts";
import { beyondLimit } from "./limits.ts";
import { type RowMemory, rowKey } from "./memory.ts";
import type { Headend, TrafficClass } from "./policy.ts";
import type { CoveringRoutes } from "./routes.ts";
import { tooNear } from "./too-near.ts";

/** One headend, class and destination: what is known of it. Peers by their positions in the policy. */
export interface Row {
  readonly headend: Headend;
  readonly traffic: TrafficClass;
  readonly destination: PlannedDestination;
  readonly vantage: Vantage | undefined;
  readonly sight: Sight | undefined;
  readonly routes: CoveringRoutes;
  readonly before: RowMemory | undefined;
  /** What BGP chooses, and what traffic leaves by now. */
  readonly bgp: number | undefined;
  readonly current: number | undefined;
  /** By peer; changed as comparisons are made. What else there is to say of a peer: verdicts.ts. */
  readonly codes: PeerCode[];
  /** By peer, where it was compared. */
  readonly comparisons: (GainArithmetic | undefined)[];
  /** Peers that it might be moved to, whatever it would gain. */
  readonly eligible: readonly number[];
  /** What forbids any decision by this destination. */
  readonly blocked: DecisionRule | undefined;
}

/** What is known of a peer that nobody measures. */
export const NOTHING = newTable(1);

/** Below this part of what it was at the move a round trip is another one. */
const NEARER = 0.5;

/** What it is remembered by (memory.ts). Most rows are never asked. */
export function keyOf({ headend, traffic, destination }: Row): string {
  return rowKey(headend.node, traffic.name, destination.prefix);
}

/** Peers of the row that is gathered which nothing forbids. */
const fit: number[] = [];
const NOBODY: readonly number[] = [];

/** Rows of one headend and class. */
export interface Rows {
  readonly headend: Headend;
  readonly traffic: TrafficClass;
  readonly vantage: Vantage | undefined;
  /** By prefix. */
  readonly remembered: ReadonlyMap<string, RowMemory>;
}

/** Gathers what one row's decision needs. @param at place of the destination among all */
export function rowOf(
  context: Context,
  { headend, traffic, vantage, remembered }: Rows,
  at: number,
  destination: PlannedDestination,
): Row {
  const { policy } = context.input;
  const before = remembered.get(destination.prefix);
  const sight = vantage === undefined ? undefined : context.sight(vantage, at);
  const routes = context.routes(at);
  const bgp = context.bgp(headend, at);
  const current = before?.override === undefined ? bgp : context.positions.get(before.override.peer);
  const count = policy.peers.length;
  const codes = new Array<PeerCode>(count);
  const row: Begun = {
    headend,
    traffic,
    destination,
    vantage,
    sight,
    routes,
    before,
    bgp,
    current,
    codes,
    comparisons: [],
    eligible: NOBODY,
    blocked: undefined,
  };
  const near =
    vantage === undefined || sight === undefined
      ? undefined
      : standing(tooNear(sight.table, sight.first, routes.byPeer, vantage), row);
  fit.length = 0;
  for (let peer = 0; peer < count; peer++) {
    const code = peer === current ? "current" : unfit(context, row, peer, near);
    if (code === undefined && peer !== bgp) fit.push(peer);
    codes[peer] = code ?? "no-gain";
  }
  row.eligible = fit.slice();
  row.blocked = blockedBy(context, row, near);
  return row;
}

/** One side of a comparison. */
export function sideOf(
  { input }: Context,
  { sight, routes }: Pick<Row, "sight" | "routes">,
  peer: number | undefined,
): Side | undefined {
  const policy = input.policy.peers[peer ?? -1];
  if (policy === undefined || peer === undefined) return undefined;
  const { name, cost } = policy;
  const figures = sight === undefined ? figuresAt(NOTHING, 0) : figuresAt(sight.table, sight.first + peer);
  return { name, cost, length: routes.byPeer[peer]?.length, figures };
}

/** Two peers of a row that somebody measures, to be guessed about. @param pair what to put them into */
export function pairOf(
  { input: { policy } }: Context,
  { table, first }: Sight,
  { byPeer }: CoveringRoutes,
  from: number,
  to: number,
  pair: GuessPair = { table, from: 0, to: 0, hops: 0, cost: 0 },
): GuessPair {
  const a = byPeer[from]?.length;
  const b = byPeer[to]?.length;
  pair.table = table;
  pair.from = first + from;
  pair.to = first + to;
  pair.hops = a === undefined || b === undefined ? 0 : a - b;
  pair.cost = (policy.peers[from]?.cost ?? 0) - (policy.peers[to]?.cost ?? 0);
  return pair;
}

/** A row in the making. */
type Begun = { -readonly [Field in keyof Row]: Row[Field] };

/** What was moved to when it was not too near is so only if it has come nearer itself: else the others have gone further away. */
function standing(near: number | undefined, { sight, current, before }: Begun): number | undefined {
  const movedMs = before?.override?.rttMs;
  if (near === undefined || near !== current || movedMs === undefined) return near;
  return (sight?.table.rttMs[sight.first + near] ?? 0) < NEARER * movedMs ? near : undefined;
}

function blockedBy(
  context: Context,
  { routes: { told, byPeer }, current, sight }: Begun,
  near: number | undefined,
): DecisionRule | undefined {
  const { neverAs } = context.input.policy;
  if (neverAs.size > 0)
    for (const routes of told)
      if (routes?.some(({ originAs }) => originAs !== undefined && neverAs.has(originAs))) return "excluded";
  if (sight === undefined || isEmpty(sight, byPeer.length)) return "no-data";
  if (sight.state.rule !== undefined) return sight.state.rule;
  // Somebody else answers for the path that the others would be compared with.
  return current !== undefined && (sight.state.odd[current] === true || near === current)
    ? "inconsistent"
    : undefined;
}

/** Nothing was ever sent by any peer. */
function isEmpty({ table, first }: Sight, peers: number): boolean {
  for (let peer = 0; peer < peers; peer++) if (table.cycles[first + peer] !== 0) return false;
  return true;
}

/** Why nothing is moved to a peer, whatever it would gain; undefined: it may be. */
function unfit(context: Context, row: Begun, peer: number, near: number | undefined): PeerCode | undefined {
  const { routes, traffic, vantage, sight, before } = row;
  const { policy, nowMs } = context.input;
  const code = context.states[peer]?.code;
  if (code !== undefined) return code;
  const route = routes.byPeer[peer];
  if (route === null) return "state-unknown";
  if (route === undefined && policy.unannounced === "never") return "unannounced";
  if (route?.filtered === true) return "filtered";
  if (traffic.ranks[peer] === 2) return "avoided";
  if (sight?.planned !== true || vantage?.columns[peer] === undefined) return "not-measured";
  const { table } = sight;
  const at = sight.first + peer;
  if ((table.cycles[at] ?? 0) < context.witnesses) return "no-data";
  if (table.silent[at] === 1 || table.answered[at] === 0) return "silent";
  if (sight.state.odd[peer] === true) return "somebody-else";
  if (peer === near) return "too-near";
  if (policy.fullSize > 0 && table.full[at] !== ARRIVES) return "full-size";
  if (before !== undefined && untilMs(before, nameOf(context, peer), nowMs) > nowMs) return "remembered";
  if (!context.limited.has(traffic)) return undefined;
  const side = sideOf(context, row, peer);
  return side === undefined || beyondLimit(traffic.objective, side, false) === undefined
    ? undefined
    : "limit";
}

export function nameOf({ input }: Context, peer: number): string {
  return input.policy.peers[peer]?.name ?? "";
}

/** Until when a peer is remembered to have been no gain. */
export function untilMs({ failures }: RowMemory, name: string, nowMs: number): number {
  return failures[name]?.untilMs ?? nowMs;
}
