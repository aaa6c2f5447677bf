import type { EpeNumbers, EpeObjective } from "@vsix/shared/fabric/epe-model.ts";
import { clustered } from "../release/stats/blocks.ts";
import { type Share, scoreTest } from "../release/stats/proportions.ts";
import { pairedShift, signedRank } from "../release/stats/signed-rank.ts";
import type { GainArithmetic } from "./decision.ts";
import { type CycleTime, type CycleView, FLAG } from "./evidence/view.ts";
import type { Figures } from "./figures.ts";

/** One side of a comparison: a peer with what is known of it here. */
export interface Side {
  readonly name: string;
  readonly figures: Figures;
  /** AS numbers in its route; undefined where it announces none. */
  readonly length: number | undefined;
  readonly cost: number;
}

export interface CompareOptions {
  readonly objective: EpeObjective;
  readonly numbers: EpeNumbers;
  /** Cycles that began later only: held out from what the move was decided by. */
  readonly afterMs?: number;
  /** The gain that p is about. */
  readonly overMs: number;
  /** To move, a gain must be there in all cycles, in the last third and just now; to stay, in the last third. */
  readonly to: "move" | "stay";
}

/** Cycles that are just now. */
const LATEST = 3;
/** Probes lost more by which harm is believed without a test. */
const HARM_LOST = 2;
/** P below which a candidate is taken to lose more: harm is believed sooner than good. */
const SUSPICION = 0.2;

/**
 * How much better `to` is than `from`, in milliseconds of the objective. Both were asked in the same cycles, so round trips are
 * compared within each: what befalls the destination, or the way to the exits, befalls both and falls out. A cycle is one witness,
 * whatever the number of its probes (OPERATING-CURVE.md: probes are not). Of losses, which are rare, a longer time is
 * compared, cycles being clusters; they count as a gain only where proven, and as harm already where suspected.
 */
export function compareGain(
  view: CycleView,
  times: readonly CycleTime[],
  from: Side,
  to: Side,
  options: CompareOptions,
): GainArithmetic {
  const { objective, numbers, afterMs = Number.NEGATIVE_INFINITY, overMs } = options;
  const { weights } = objective;
  const held =
    afterMs === Number.NEGATIVE_INFINITY ? times : times.filter(({ beganMs }) => beganMs > afterMs);
  const differences = pairs(view, held, from.figures.base, to.figures.base, weights, numbers.cycles);
  const recent = pairedShift(differences.slice(0, Math.ceil(differences.length / 3))) ?? 0;
  const asPathMs =
    from.length === undefined || to.length === undefined
      ? 0
      : weights.asPathHop * (from.length - to.length) + 0;
  const costMs = weights.cost * (from.cost - to.cost) + 0;
  const loss = lossGain(view, held, from.figures.base, to.figures.base, numbers, options.to === "move");
  const lossMs = weights.lossPercent * 100 * loss.difference;
  const latest = Math.min(...differences.slice(0, LATEST));
  // What was a gain once and is none of late is not worth a move.
  const latencyMs =
    options.to === "stay"
      ? recent
      : Math.min(recent, pairedShift(differences) ?? 0, Number.isFinite(latest) ? latest : 0);
  const besides = lossMs + asPathMs + costMs;
  const enough = differences.length >= witnesses(numbers);
  const p = enough ? signedRank(differences, overMs - besides).pGreater : 1;
  const ahead = differences.filter((difference) => difference + besides > overMs).length;
  // With nothing coming back by one of them there are no pairs, and the loss says it all.
  const alone = differences.length < witnesses(numbers) && lossMs > overMs ? loss.p : 1;
  return {
    from: from.name,
    cycles: differences.length,
    latencyMs,
    lossMs,
    asPathMs,
    costMs,
    gainMs: latencyMs + besides,
    neededMs: neededGain(from.figures, objective, numbers),
    p: Math.min(p, alone),
    share: alone < 1 ? 1 : ahead / Math.max(1, differences.length),
    overMs,
  };
}

/** Cycles without which nothing is said: two thirds of those judged, and so many that they could be sure at all. */
export function witnesses({ cycles, error }: EpeNumbers): number {
  return Math.max(Math.ceil((cycles * 2) / 3), Math.ceil(-Math.log2(error)));
}

export function neededGain(
  from: Figures,
  { weights }: EpeObjective,
  { minimumGainMs, minimumGainPercent }: EpeNumbers,
): number {
  return Math.max(minimumGainMs, (minimumGainPercent / 100) * weights.rtt * (from.rttMs ?? 0));
}

/** An upper guess of the gain from medians alone, to leave out what is clearly none. */
export function guessGain(from: Side, to: Side, { weights }: EpeObjective): number {
  if (from.figures.lost - to.figures.lost >= 3) return Number.POSITIVE_INFINITY;
  const [a, b] = [from.figures, to.figures];
  if (a.rttMs === undefined || b.rttMs === undefined) return Number.POSITIVE_INFINITY;
  const hops = from.length === undefined || to.length === undefined ? 0 : from.length - to.length;
  return (
    weights.rtt * (a.rttMs - b.rttMs) +
    weights.jitter * ((a.jitterMs ?? 0) - (b.jitterMs ?? 0)) +
    weights.asPathHop * hops +
    weights.cost * (from.cost - to.cost)
  );
}

/** Newest first. */
function pairs(
  view: CycleView,
  times: readonly CycleTime[],
  from: number,
  to: number,
  { rtt, jitter }: EpeObjective["weights"],
  most: number,
): number[] {
  const differences: number[] = [];
  for (const { slot } of times) {
    if (differences.length >= most) break;
    const [a, b] = [view.medianMs[from + slot] ?? Number.NaN, view.medianMs[to + slot] ?? Number.NaN];
    if (Number.isNaN(a) || Number.isNaN(b)) continue;
    const variation = (view.jitterMs[from + slot] ?? 0) - (view.jitterMs[to + slot] ?? 0);
    differences.push(rtt * (a - b) + jitter * variation);
  }
  return differences;
}

/** Share lost by `from` less that of `to`, and how sure it is; 0 where it is neither suspected nor, if it must be, proven. */
function lossGain(
  view: CycleView,
  times: readonly CycleTime[],
  from: number,
  to: number,
  { cycles, lossCycles, error }: EpeNumbers,
  proven: boolean,
): { readonly difference: number; readonly p: number } {
  const both = times.filter(
    ({ slot }) => (view.sent[from + slot] ?? 0) > 0 && (view.sent[to + slot] ?? 0) > 0,
  );
  const long = both.slice(0, lossCycles);
  const [a, b] = [lostIn(view, long, from), lostIn(view, long, to)];
  const clean = long.length === 0 ? 0 : a.events / a.trials - b.events / b.trials;
  const judged = both.slice(0, cycles);
  const harm = Math.min(harmIn(view, long, from, to), harmIn(view, judged, from, to));
  if (harm < 0) return { difference: harm, p: 1 };
  if (clean <= 0) return NO_LOSS;
  // It was proven before the move; the few cycles since could not prove it again.
  if (!proven) return { difference: clean, p: 1 };
  if (a.events - b.events < 3) return NO_LOSS;
  // A host that limits its answers loses by every way; which one more is chance, or the order of asking.
  const limited = long.some(({ slot }) => ((view.flags[from + slot] ?? 0) & FLAG.backedOff) !== 0);
  if (limited) return NO_LOSS;
  const [now, other] = [lostIn(view, judged, from), lostIn(view, judged, to)];
  // What was lost long ago and is not any more is no reason to move now.
  const difference = now.events / now.trials - other.events / other.trials;
  if (difference <= 0) return NO_LOSS;
  const p = Math.min(
    test(view, long, from, to),
    test(view, judged, from, to),
    test(view, both.slice(0, Math.ceil(cycles / 2.4)), from, to),
  );
  // Three looks, at what hangs together.
  return p * 3 <= error ? { difference, p: p * 3 } : NO_LOSS;
}

/** By how much less `from` lost than `to`, at most 0; 0 where that may well be chance. */
function harmIn(view: CycleView, times: readonly CycleTime[], from: number, to: number): number {
  const [a, b] = [lostIn(view, times, from), lostIn(view, times, to)];
  if (b.events <= a.events || a.trials === 0 || b.trials === 0) return 0;
  const believed = b.events - a.events >= HARM_LOST || test(view, times, to, from) <= SUSPICION;
  return believed ? Math.min(0, a.events / a.trials - b.events / b.trials) : 0;
}

const NO_LOSS = { difference: 0, p: 1 } as const;

/** P that `worse` does not lose more than `better`. Both are taken to lose in clusters as great as those of either. */
function test(view: CycleView, times: readonly CycleTime[], worse: number, better: number): number {
  if (times.length < 3) return 1;
  const [a, b] = [worse, better].map((base) =>
    clustered(times.map(({ slot }) => shareAt(view, base + slot))),
  );
  if (a === undefined || b === undefined) return 1;
  const effect = Math.max(a.designEffect, b.designEffect);
  const effective = ({ counted }: { readonly counted: Share }): Share => ({
    events: counted.events / effect,
    trials: counted.trials / effect,
  });
  return scoreTest(effective(a), effective(b), 0).pGreater;
}

function lostIn(view: CycleView, times: readonly CycleTime[], base: number): Share {
  let [events, trials] = [0, 0];
  for (const { slot } of times) {
    events += view.lost[base + slot] ?? 0;
    trials += view.sent[base + slot] ?? 0;
  }
  return { events, trials };
}

function shareAt(view: CycleView, at: number): Share {
  return { events: view.lost[at] ?? 0, trials: view.sent[at] ?? 0 };
}
