import type { EpeNumbers, EpeObjective } from "@vsix/shared/fabric/epe-model.ts";
import { median } from "../release/stats/order.ts";
import { pairedShift, signedRank } from "../release/stats/signed-rank.ts";
import type { GainArithmetic } from "./decision.ts";
import { msOf, NO_TIME } from "./evidence/time-code.ts";
import type { CycleTime, CycleView } from "./evidence/view.ts";
import type { Figures, FigureTable } from "./figures.ts";
import { lossGain } from "./loss.ts";
import { serialP } from "./serial.ts";

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
  /** Round trips of cycles that began later only: before, a link was full. */
  readonly calmMs: number;
  /** The gain that p is about. */
  readonly overMs: number;
  /** Bouts of loss a cycle of most ways here; undefined: too few to say. */
  readonly usual: number | undefined;
  /** To move, a gain must be there in all cycles, in the last third and just now; to stay, in the last third. */
  readonly to: "move" | "stay";
}

/** Milliseconds that may be given up for a loss that only seems to be less, and the chance above which it does. */
const GIVEN_UP_MS = 0.5;
const SEEMS = 0.02;
/** Cycles that are just now. */
const LATEST = 3;

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
  const calm = held.filter(({ beganMs }) => beganMs > options.calmMs);
  const most = options.to === "move" ? numbers.lossCycles : numbers.cycles;
  const all = pairs(view, calm, from.figures.base, to.figures.base, weights, most);
  const differences = all.slice(0, numbers.cycles);
  const recent = pairedShift(differences.slice(0, Math.ceil(differences.length / 3))) ?? 0;
  const asPathMs =
    from.length === undefined || to.length === undefined
      ? 0
      : weights.asPathHop * (from.length - to.length) + 0;
  const costMs = weights.cost * (from.cost - to.cost) + 0;
  const loss = lossGain({
    view,
    times,
    held,
    from: from.figures.base,
    to: to.figures.base,
    numbers,
    shown: options.to === "move",
    usual: options.usual,
  });
  const least = witnesses(numbers);
  const stands = Math.min(recent, harmNow(all, numbers.minimumGainMs));
  // What is given up is known to the tenth of a millisecond: it is not given up for what only seems to be lost.
  const seems = loss.p > SEEMS && loss.difference > 0 && options.to === "move";
  const lossMs = seems && recent < -GIVEN_UP_MS ? 0 : weights.lossPercent * 100 * loss.difference;
  const besides = lossMs + asPathMs + costMs;
  const steady = options.to === "stay" ? differences.length : lasted(differences, overMs - besides);
  const present = differences.slice(0, steady);
  const move = options.to === "move" ? gainOf(present) : stands;
  const neededMs = neededGain(from.figures.rttMs, objective, numbers);
  const gainMs = move + besides;
  // Nothing else but cycles tell a small gain from chance; a great one shows sooner.
  const wanted = Math.max(leastSure(numbers), Math.ceil((least * neededMs) / Math.max(gainMs, neededMs)));
  const enough = differences.length >= least && (options.to === "stay" || steady >= wanted);
  const ranks = enough ? signedRank(present, overMs - besides).pGreater : 1;
  const p = enough && options.to === "move" ? Math.max(ranks, serialP(present, overMs - besides)) : ranks;
  const ahead = present.filter((difference) => difference + besides > overMs).length;
  // With nothing coming back by one of them there are no pairs, and the loss says it all.
  const alone = differences.length < least && lossMs > overMs ? loss.p : 1;
  const risky =
    alone === 1 && options.to === "move" && !worthRisk(all.slice(steady), steady, besides, gainMs);
  return {
    from: from.name,
    cycles: steady,
    latencyMs: move,
    lossMs,
    asPathMs,
    costMs,
    gainMs,
    neededMs,
    p: risky ? 1 : Math.min(p, alone),
    share: alone < 1 ? 1 : ahead / Math.max(1, steady),
    overMs,
  };
}

/** Of the cycles that a gain lasts so many show it. */
const STEADY_SHARE = 0.8;
/** Cycles after which a gain that ended is taken back, or so. */
const BACK_CYCLES = 5;
/** What has lasted for some time may be trusted to last for another tenth of it. */
const LASTS = 10;

/** For how many of the newest cycles the difference has been more than `overMs`, but for one in five. */
function lasted(differences: readonly number[], overMs: number): number {
  let [longest, ahead] = [0, 0];
  for (const [at, difference] of differences.entries()) {
    if (difference > overMs) ahead++;
    if (ahead >= STEADY_SHARE * (at + 1)) longest = at + 1;
  }
  return longest;
}

/** What was a gain once and is none of late is not worth a move. */
function gainOf(present: readonly number[]): number {
  const recent = pairedShift(present.slice(0, Math.max(LATEST, Math.ceil(present.length / 3)))) ?? 0;
  const latest = Math.min(...present.slice(0, LATEST));
  return Math.min(recent, pairedShift(present) ?? 0, Number.isFinite(latest) ? latest : 0);
}

/** The best of the newest cycles where all of them show harm, two of them great harm or three of them some; else Infinity. */
function harmNow(differences: readonly number[], byMs: number): number {
  const [first = 0, second = 0, third = 0] = differences;
  const two = Math.max(first, second);
  if (two < -2 * byMs) return two;
  return Math.max(two, third) < -byMs ? Math.max(two, third) : Number.POSITIVE_INFINITY;
}

/** A gain that came lately may go again, and then until it is taken back costs what there was before; it must have lasted for that. */
function worthRisk(before: readonly number[], steady: number, besides: number, gainMs: number): boolean {
  if (before.length < LATEST || gainMs <= 0) return true;
  const lostMs = -((median(before) ?? 0) + besides);
  return lostMs <= 0 || steady >= (LASTS * BACK_CYCLES * lostMs) / gainMs;
}

/** So few signs that agree are sure at all. */
function leastSure({ error }: EpeNumbers): number {
  return Math.ceil(-Math.log2(error));
}

/** Cycles without which nothing is said: two thirds of those judged, and so many that they could be sure at all. */
export function witnesses({ cycles, error }: EpeNumbers): number {
  return Math.max(Math.ceil((cycles * 2) / 3), Math.ceil(-Math.log2(error)));
}

/** @param rttMs by what traffic leaves by now; undefined: nothing answers */
export function neededGain(
  rttMs: number | undefined,
  { weights }: EpeObjective,
  { minimumGainMs, minimumGainPercent }: EpeNumbers,
): number {
  return Math.max(minimumGainMs, (minimumGainPercent / 100) * weights.rtt * (rttMs ?? 0));
}

/** Two peers of one destination, as far as a guess needs them. */
export interface GuessPair {
  readonly table: FigureTable;
  /** Places in the table. */
  readonly from: number;
  readonly to: number;
  /** So many AS, and so much cost, less by `to`. */
  readonly hops: number;
  readonly cost: number;
}

/** A guess of the gain from medians alone. */
export function guessGain(pair: GuessPair, objective: EpeObjective): number {
  return guess(pair, objective, lessBy(pair.table.rttMs, pair));
}

/** The same of what may have come lately: to leave out what is clearly no gain. */
export function upperGuess(pair: GuessPair, objective: EpeObjective): number {
  const { rttMs, recentMs } = pair.table;
  return guess(pair, objective, Math.max(lessBy(rttMs, pair), lessBy(recentMs, pair)));
}

/** Infinite where medians cannot say it: one of them has none, or it may be a matter of loss. */
function guess(pair: GuessPair, { weights }: EpeObjective, rttMs: number): number {
  const { lost, answered, jitterMs } = pair.table;
  if ((lost[pair.from] ?? 0) - (lost[pair.to] ?? 0) >= 3) return Number.POSITIVE_INFINITY;
  if (answered[pair.from] === 0 || answered[pair.to] === 0) return Number.POSITIVE_INFINITY;
  return (
    weights.rtt * rttMs +
    weights.jitter * lessBy(jitterMs, pair) +
    weights.asPathHop * pair.hops +
    weights.cost * pair.cost
  );
}

function lessBy(list: Float64Array, { from, to }: GuessPair): number {
  return (list[from] ?? 0) - (list[to] ?? 0);
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
    const [a, b] = [view.rtts[from + slot] ?? NO_TIME, view.rtts[to + slot] ?? NO_TIME];
    if (a === NO_TIME || b === NO_TIME) continue;
    const variation = msOf(view.jitters[from + slot] ?? NO_TIME) - msOf(view.jitters[to + slot] ?? NO_TIME);
    differences.push(rtt * (msOf(a) - msOf(b)) + jitter * variation);
  }
  return differences;
}
