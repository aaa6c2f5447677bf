import { guessGain } from "./compare.ts";
import type { Context } from "./context.ts";
import type { DecisionRule } from "./decision.ts";
import type { Draft } from "./draft.ts";
import type { Loads } from "./loads.ts";
import { keyOf, pairOf } from "./row.ts";
import { say } from "./verdicts.ts";

/** What may still move in this cycle. What is taken back for a reason of its own is not counted: it is the safe way. */
interface Caps {
  moves: number;
  mbps: number;
}

/**
 * Lets capacity and caps have their say, in this order: what is taken back goes; what was led away from a full link comes back where
 * there is room again; links that are too full give traffic away, what it harms least first; then gains, the greatest first.
 * Equal ones go by their key, so that the same evidence gives the same moves.
 */
export function settle(context: Context, drafts: readonly Draft[], loads: Loads): void {
  const { maxMovesPerCycle, maxMbpsPerCycle } = context.input.policy.numbers;
  const caps: Caps = { moves: maxMovesPerCycle, mbps: maxMbpsPerCycle };
  for (const { row, action } of drafts) if (action === "revert") loads.move(keyOf(row), row.current, row.bgp);
  restore(context, drafts, loads, caps);
  detour(context, drafts, loads, caps);
  gain(drafts, loads, caps);
}

function restore(context: Context, drafts: readonly Draft[], loads: Loads, caps: Caps): void {
  const away = drafts.filter(
    ({ action, row }) => action === "keep" && row.before?.override?.reason === "detour",
  );
  // Who pays most for being away comes back first.
  for (const draft of sorted(away, ({ comparison }) => comparison?.gainMs ?? 0)) {
    const { row } = draft;
    const { bgp } = row;
    if (bgp === undefined) continue;
    const load = context.states[bgp]?.fact?.load;
    // A load that was counted before the move, if only in part, knows too little of it.
    const known = load === undefined || load.fromMs >= (row.before?.override?.sinceMs ?? 0);
    if (!known || !loads.restores(bgp, keyOf(row))) continue;
    const rule = spend(caps, loads, draft);
    if (rule !== undefined) continue;
    loads.move(keyOf(row), row.current, bgp);
    Object.assign(draft, { action: "revert", rule: "restored", peer: undefined });
  }
}

function detour(context: Context, drafts: readonly Draft[], loads: Loads, caps: Caps): void {
  for (const full of context.input.policy.peers.keys()) {
    if (!loads.over(full)) continue;
    const on = drafts.filter(
      ({ action, peer, row }) =>
        (action === "bgp" || action === "keep") && (peer ?? row.bgp) === full && row.blocked === undefined,
    );
    const ways = on.flatMap((draft) => {
      const to = leastHarm(context, draft, full, loads);
      return to === undefined ? [] : [{ draft, ...to }];
    });
    ways.sort(
      (a, b) =>
        a.harmMs - b.harmMs ||
        loads.demandOf(keyOf(b.draft.row)) - loads.demandOf(keyOf(a.draft.row)) ||
        compareText(keyOf(a.draft.row), keyOf(b.draft.row)),
    );
    for (const { draft, to } of ways) {
      if (!loads.over(full)) break;
      const { row } = draft;
      const back = to === row.bgp;
      if (!loads.room(to, keyOf(row))) continue;
      const rule = spend(caps, loads, draft);
      if (rule !== undefined) continue;
      loads.move(keyOf(row), full, to);
      const comparison = row.comparisons[to];
      if (back) Object.assign(draft, { action: "revert", rule: "no-room", peer: undefined });
      else Object.assign(draft, { action: "move", rule: "detour", reason: "detour", peer: to, comparison });
    }
  }
}

/** The peer to which one row's traffic would go with the least harm; of an override back to BGP's own choice. */
function leastHarm(
  context: Context,
  { row, peer }: Draft,
  full: number,
  loads: Loads,
): { readonly to: number; readonly harmMs: number } | undefined {
  const { sight, routes, traffic } = row;
  const targets = peer !== undefined && row.bgp !== undefined && row.bgp !== full ? [row.bgp] : row.eligible;
  let best: { readonly to: number; readonly harmMs: number } | undefined;
  for (const to of targets) {
    const lossy = row.codes[to] === "loss";
    if (to === full || lossy || !loads.room(to, keyOf(row))) continue;
    const harmMs =
      sight === undefined
        ? Number.NEGATIVE_INFINITY
        : -guessGain(pairOf(context, sight, routes, full, to), traffic.objective);
    if (best === undefined || harmMs < best.harmMs) best = { to, harmMs };
  }
  return best;
}

function gain(drafts: readonly Draft[], loads: Loads, caps: Caps): void {
  const wishes = drafts.filter(
    ({ action, options }) => (action === "bgp" || action === "keep") && options.length > 0,
  );
  for (const draft of sorted(wishes, ({ options }) => -(options[0]?.comparison.gainMs ?? 0))) {
    const { row, options } = draft;
    const option = options.find(({ peer }) => loads.room(peer, keyOf(row)));
    for (const { peer } of options) {
      if (peer === option?.peer) break;
      say(row, peer, "no-room");
    }
    const rule: DecisionRule | undefined = option === undefined ? "no-room" : spend(caps, loads, draft);
    if (option === undefined || rule !== undefined) {
      if (draft.action === "bgp") draft.rule = rule ?? "no-room";
      continue;
    }
    const { peer, reason, comparison } = option;
    loads.move(keyOf(row), row.current, peer);
    say(row, peer, "chosen");
    Object.assign(draft, { action: "move", rule: reason, reason, peer, comparison });
  }
}

/** Takes one move out of what is left; the cap that forbids it otherwise. */
function spend(caps: Caps, loads: Loads, { row }: Draft): "cap-prefixes" | "cap-traffic" | undefined {
  if (caps.moves < 1) return "cap-prefixes";
  const mbps = loads.demandOf(keyOf(row));
  if (mbps > caps.mbps) return "cap-traffic";
  caps.moves -= 1;
  caps.mbps -= mbps;
  return undefined;
}

function sorted(drafts: readonly Draft[], by: (draft: Draft) => number): Draft[] {
  return [...drafts].sort((a, b) => by(a) - by(b) || compareText(keyOf(a.row), keyOf(b.row)));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
