import { bgpChoice } from "./bgp-choice.ts";
import { type Side, witnesses } from "./compare.ts";
import type { Context, CoveringRoutes, Sight, Vantage } from "./context.ts";
import type { DecisionRule, PeerCode, PeerVerdict } from "./decision.ts";
import type { PlannedDestination } from "./destinations.ts";
import type { Figures } from "./figures.ts";
import { beyondLimit } from "./limits.ts";
import { type RowMemory, rowKey } from "./memory.ts";
import type { Headend, TrafficClass } from "./policy.ts";
import { tooNear } from "./too-near.ts";

/** One headend, class and destination: what is known of it. Peers by their positions in the policy. */
export interface Row {
  readonly key: string;
  readonly headend: Headend;
  readonly traffic: TrafficClass;
  readonly destination: PlannedDestination;
  readonly vantage: Vantage | undefined;
  readonly routes: CoveringRoutes;
  readonly before: RowMemory | undefined;
  /** What BGP chooses, and what traffic leaves by now. */
  readonly bgp: number | undefined;
  readonly current: number | undefined;
  readonly sides: readonly Side[];
  /** Comparisons are put in as they are made. */
  readonly verdicts: PeerVerdict[];
  /** Peers that it might be moved to, whatever it would gain. */
  readonly eligible: readonly number[];
  /** What forbids any decision by this destination. */
  readonly blocked: DecisionRule | undefined;
}

const NOTHING: Figures = {
  base: 0,
  rttMs: undefined,
  jitterMs: undefined,
  recentMs: undefined,
  answered: 0,
  cycles: 0,
  sent: 0,
  lost: 0,
  asked: -1,
  newest: -1,
  silent: false,
  full: "unknown",
  hopLimit: 0,
  strayIn: 0,
};

/** Below this part of what it was at the move a round trip is another one. */
const NEARER = 0.5;

/** Gathers what one row's decision needs. */
export function rowOf(
  context: Context,
  headend: Headend,
  traffic: TrafficClass,
  destination: PlannedDestination,
  vantage: Vantage | undefined,
): Row {
  const { policy, memory } = context.input;
  const { address, prefix } = destination;
  const key = rowKey(headend.node, traffic.name, prefix);
  const before = memory.rows.get(key);
  const sight = vantage === undefined ? undefined : context.sight(vantage, address);
  const routes = context.routes(address);
  const chosen = bgpChoice(headend, routes, context.usable);
  const bgp = chosen === undefined ? undefined : context.positions.get(chosen.peer);
  const current = before?.override === undefined ? bgp : context.positions.get(before.override.peer);
  const sides: Side[] = [];
  const verdicts: PeerVerdict[] = [];
  const eligible: number[] = [];
  for (let at = 0; at < policy.peers.length; at++) {
    const { name = "", cost = 0 } = policy.peers[at] ?? {};
    const figures = sight?.figures[at] ?? NOTHING;
    sides.push({ name, cost, length: routes.byPeer[at]?.length, figures });
  }
  const near = standing(tooNear(sides, vantage), sides, current, before);
  const asked = { routes, traffic, vantage, sight, before, near };
  for (let at = 0; at < sides.length; at++) {
    const side = sides[at];
    if (side === undefined) continue;
    const code = at === current ? "current" : unfit(context, asked, side, at);
    if (code === undefined && at !== bgp) eligible.push(at);
    verdicts.push(verdictOf(context, side, code ?? "no-gain", at, before?.failures[side.name]));
  }
  return {
    key,
    headend,
    traffic,
    destination,
    vantage,
    routes,
    before,
    bgp,
    current,
    sides,
    verdicts,
    eligible,
    blocked: blockedBy(context, routes, current, sight, near),
  };
}

/** What was moved to when it was not too near is so only if it has come nearer itself: else the others have gone further away. */
function standing(
  near: number | undefined,
  sides: readonly Side[],
  current: number | undefined,
  before: RowMemory | undefined,
): number | undefined {
  const movedMs = before?.override?.rttMs;
  if (near === undefined || near !== current || movedMs === undefined) return near;
  return (sides[near]?.figures.rttMs ?? 0) < NEARER * movedMs ? near : undefined;
}

function blockedBy(
  context: Context,
  { told }: CoveringRoutes,
  current: number | undefined,
  sight: Sight | undefined,
  near: number | undefined,
): DecisionRule | undefined {
  const { neverAs } = context.input.policy;
  if (neverAs.size > 0)
    for (const routes of told)
      if (routes?.some(({ originAs }) => originAs !== undefined && neverAs.has(originAs))) return "excluded";
  if (sight === undefined || sight.figures.every((one) => one === undefined || one.cycles === 0))
    return "no-data";
  if (sight.state.rule !== undefined) return sight.state.rule;
  // Somebody else answers for the path that the others would be compared with.
  return current !== undefined && (sight.state.odd[current] === true || near === current)
    ? "inconsistent"
    : undefined;
}

interface Asked {
  readonly routes: CoveringRoutes;
  readonly traffic: TrafficClass;
  readonly vantage: Vantage | undefined;
  readonly sight: Sight | undefined;
  readonly before: RowMemory | undefined;
  readonly near: number | undefined;
}

/** Why nothing is moved to a peer, whatever it would gain; undefined: it may be. */
function unfit(
  context: Context,
  { routes, traffic, vantage, sight, before, near }: Asked,
  side: Side,
  at: number,
): PeerCode | undefined {
  const { policy, nowMs } = context.input;
  const code = context.states[at]?.code;
  if (code !== undefined) return code;
  const route = routes.byPeer[at];
  if (route === null) return "state-unknown";
  if (route === undefined && policy.unannounced === "never") return "unannounced";
  if (route?.filtered === true) return "filtered";
  if (traffic.ranks[at] === 2) return "avoided";
  if (sight?.figures[at] === undefined || vantage?.columns[at] === undefined) return "not-measured";
  const { figures } = side;
  if (figures.cycles < witnesses(policy.numbers)) return "no-data";
  if (figures.silent || figures.answered === 0) return "silent";
  if (sight.state.odd[at] === true) return "somebody-else";
  if (at === near) return "too-near";
  if (policy.fullSize > 0 && figures.full !== "arrives") return "full-size";
  if ((before?.failures[side.name]?.untilMs ?? nowMs) > nowMs) return "remembered";
  return beyondLimit(traffic.objective, side, false) === undefined ? undefined : "limit";
}

function verdictOf(
  context: Context,
  { name, figures, length }: Side,
  code: PeerCode,
  at: number,
  remembered: { readonly untilMs: number } | undefined,
): PeerVerdict {
  const { rttMs, jitterMs, lost, sent } = figures;
  const verdict = { peer: name, code, rttMs, jitterMs, lost, sent, asPathLength: length };
  if (code === "remembered" && remembered !== undefined)
    return { ...verdict, forMs: remembered.untilMs - context.input.nowMs };
  if (code === "unstable") return { ...verdict, forMs: context.states[at]?.forMs ?? 0 };
  return verdict;
}
