import type { EpeNumbers, EpeObjective } from "@vsix/shared/fabric/epe-model.ts";
import { copied, selectMiddle } from "../release/stats/order.ts";
import { pairedShift, shiftUpTo, signedRank } from "../release/stats/signed-rank.ts";
import type { GainArithmetic } from "./decision.ts";
import { msOf, NO_TIME } from "./evidence/time-code.ts";
import type { CycleView } from "./evidence/view.ts";
import { type Figures, type FigureTable, jitterIn } from "./figures.ts";
import { lossGain } from "./loss.ts";
import { chanceOfMore, type LossPrior } from "./loss-prior.ts";
import { begunAfter, type CycleOrder } from "./reading.ts";
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
  /** How often ways lose here; undefined: too few are known to say. */
  readonly prior: LossPrior | undefined;
  /** To move, a gain must be there in all cycles, in the last third and just now; to stay, in the last third. */
  readonly to: "move" | "stay";
}

/** Milliseconds that may be given up for a loss that only seems to be less, and the chance above which it does. */
const GIVEN_UP_MS = 0.5;
const SEEMS = 0.02;
/** Chance that a way loses more than it gains, above which nothing is moved to it. */
const UNSEEN = 0.02;
/** Cycles that are just now. */
const LATEST = 3;

/**
 * How much better `to` is than `from`, in milliseconds of the objective. Both were asked in the same cycles, so round trips are
 * compared within each: what befalls the destination, or the way to the exits, befalls both and falls out. A cycle is one witness,
 * whatever the number of its probes (OPERATING-CURVE.md: probes are not). Of losses, which are rare, a longer time is
 * compared (loss.ts): they count as a gain only where shown, and as harm already where suspected; and what a way may lose that nobody has
 * seen yet is held against what else it gains.
 */
export function compareGain(
  view: CycleView,
  order: CycleOrder,
  from: Side,
  to: Side,
  options: CompareOptions,
): GainArithmetic {
  const { objective, numbers, afterMs = Number.NEGATIVE_INFINITY, overMs } = options;
  const { weights } = objective;
  const moving = options.to === "move";
  const held = begunAfter(order, afterMs);
  const calm = begunAfter(order, Math.max(afterMs, options.calmMs));
  const most = moving ? numbers.lossCycles : numbers.cycles;
  const all = findPairs(view, order.slots, calm, from.figures.base, to.figures.base, weights, most);
  const judged = Math.min(all, numbers.cycles);
  const asPathMs =
    from.length === undefined || to.length === undefined
      ? 0
      : weights.asPathHop * (from.length - to.length) + 0;
  const costMs = weights.cost * (from.cost - to.cost) + 0;
  const loss = lossGain({
    view,
    order,
    held,
    from: from.figures.base,
    to: to.figures.base,
    numbers,
    shown: moving,
    prior: options.prior,
  });
  const least = witnesses(numbers);
  // What is given up is known to the tenth of a millisecond: it is not given up for what only seems to be lost.
  const seems = loss.p > SEEMS && loss.difference > 0 && moving;
  // Of what is to be moved hardly ever asked.
  const recent = moving && !seems ? 0 : (pairedShift(differences, Math.ceil(judged / 3)) ?? 0);
  const lossMs = seems && recent < -GIVEN_UP_MS ? 0 : weights.lossPercent * 100 * loss.difference;
  const besides = lossMs + asPathMs + costMs;
  const steady = moving ? lasted(judged, overMs - besides) : judged;
  const latencyMs = moving ? gainOf(steady) : Math.min(recent, harmNow(all, numbers.minimumGainMs));
  const neededMs = neededGain(from.figures.rttMs, objective, numbers);
  const gainMs = latencyMs + besides;
  // Nothing else but cycles tell a small gain from chance; a great one shows sooner.
  const wanted = Math.max(leastSure(numbers), Math.ceil((least * neededMs) / Math.max(gainMs, neededMs)));
  const enough = judged >= least && (!moving || steady >= wanted);
  const ranks = enough ? signedRank(differences, overMs - besides, steady).pGreater : 1;
  const p = enough && moving ? Math.max(ranks, serialP(differences, overMs - besides, steady)) : ranks;
  let ahead = 0;
  for (let at = 0; at < steady; at++) if ((differences[at] ?? 0) + besides > overMs) ahead++;
  // With nothing coming back by one of them there are no pairs, and the loss says it all.
  const alone = judged < least && lossMs > overMs ? loss.p : 1;
  const risky = alone === 1 && moving && !worthRisk(all, steady, besides, gainMs);
  // What else there is to gain may be lost by losses that nobody has seen yet, or too few of; and so may what may be given up.
  const spareMs = latencyMs + asPathMs + costMs - Math.min(0, overMs);
  const unseen =
    moving && alone === 1 && loss.known !== undefined && weights.lossPercent > 0
      ? chanceOfMore(loss.known.to, loss.known.from, spareMs / (100 * weights.lossPercent))
      : undefined;
  return {
    from: from.name,
    cycles: steady,
    latencyMs,
    lossMs,
    asPathMs,
    costMs,
    gainMs,
    neededMs,
    p: risky || (unseen ?? 0) > UNSEEN ? 1 : Math.min(p, alone),
    ...(unseen === undefined ? {} : { unseen }),
    share: alone < 1 ? 1 : ahead / Math.max(1, steady),
    overMs,
  };
}

/** Differences of the pair at hand, newest first. What follows looks at its first ones only. */
let differences = new Float64Array(128);

/** Of the cycles that a gain lasts so many show it. */
const STEADY_SHARE = 0.8;
/** Cycles after which a gain that ended is taken back, or so. */
const BACK_CYCLES = 5;
/** What has lasted for some time may be trusted to last for another tenth of it. */
const LASTS = 10;

/** For how many of the newest cycles the difference has been more than `overMs`, but for one in five. */
function lasted(count: number, overMs: number): number {
  let [longest, ahead] = [0, 0];
  for (let at = 0; at < count; at++) {
    if ((differences[at] ?? 0) > overMs) ahead++;
    if (ahead >= STEADY_SHARE * (at + 1)) longest = at + 1;
  }
  return longest;
}

/** What was a gain once and is none of late is not worth a move. */
function gainOf(count: number): number {
  if (count === 0) return 0;
  let latest = Number.POSITIVE_INFINITY;
  for (let at = 0; at < Math.min(count, LATEST); at++) latest = Math.min(latest, differences[at] ?? 0);
  const third = Math.min(count, Math.max(LATEST, Math.ceil(count / 3)));
  return shiftUpTo(shiftUpTo(latest, differences, third), differences, count);
}

/** The best of the newest cycles where all of them show harm, two of them great harm or three of them some; else Infinity. */
function harmNow(count: number, byMs: number): number {
  const newest = (at: number): number => (at < count ? (differences[at] ?? 0) : 0);
  const two = Math.max(newest(0), newest(1));
  if (two < -2 * byMs) return two;
  return Math.max(two, newest(2)) < -byMs ? Math.max(two, newest(2)) : Number.POSITIVE_INFINITY;
}

/** A gain that came lately may go again, and then until it is taken back costs what there was before; it must have lasted for that. */
function worthRisk(count: number, steady: number, besides: number, gainMs: number): boolean {
  if (count - steady < LATEST || gainMs <= 0) return true;
  const before = selectMiddle(copied(differences, steady, count), count - steady) ?? 0;
  const lostMs = -(before + besides);
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

/** Two peers of one destination, as far as a guess needs them; may be used again for the next two. */
export interface GuessPair {
  table: FigureTable;
  /** Places in the table. */
  from: number;
  to: number;
  /** So many AS, and so much cost, less by `to`. */
  hops: number;
  cost: number;
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

/**
 * No less than the upper guess, as if round trips by `to` did not vary at all; it leaves most peers out without looking at what they
 * vary by. Each step rounds as those of the guess do, and so keeps the order.
 */
export function upperBound(pair: GuessPair, objective: EpeObjective): number {
  const { rttMs, recentMs } = pair.table;
  const lessMs = Math.max(lessBy(rttMs, pair), lessBy(recentMs, pair));
  return guess(pair, objective, lessMs, jitterIn(pair.table, pair.from));
}

/** Probes lost more from which on losses are looked at. */
const LEAST_LOST = 3;

/** Infinite where medians cannot say it: one of them has none, or it may be a matter of loss. */
function guess(
  pair: GuessPair,
  { weights }: EpeObjective,
  rttMs: number,
  jitterMs: number = jitterIn(pair.table, pair.from) - jitterIn(pair.table, pair.to),
): number {
  const { allLost, answered } = pair.table;
  if ((allLost[pair.from] ?? 0) - (allLost[pair.to] ?? 0) >= LEAST_LOST) return Number.POSITIVE_INFINITY;
  if (answered[pair.from] === 0 || answered[pair.to] === 0) return Number.POSITIVE_INFINITY;
  return (
    weights.rtt * rttMs + weights.jitter * jitterMs + weights.asPathHop * pair.hops + weights.cost * pair.cost
  );
}

function lessBy(list: Float64Array, { from, to }: GuessPair): number {
  return (list[from] ?? 0) - (list[to] ?? 0);
}

/**
 * Puts the differences of the cycles in which both answered, newest first, where they are looked at.
 * @param cycles of the newest so many are looked at, until `most` are found
 * @returns how many there are
 */
function findPairs(
  { rtts, jitters }: CycleView,
  slots: Int32Array,
  cycles: number,
  from: number,
  to: number,
  { rtt, jitter }: EpeObjective["weights"],
  most: number,
): number {
  if (differences.length < slots.length) differences = new Float64Array(slots.length);
  let count = 0;
  for (let place = 0; place < cycles && count < most; place++) {
    const slot = slots[place] ?? 0;
    const [a, b] = [rtts[from + slot] ?? NO_TIME, rtts[to + slot] ?? NO_TIME];
    if (a === NO_TIME || b === NO_TIME) continue;
    const variation = msOf(jitters[from + slot] ?? NO_TIME) - msOf(jitters[to + slot] ?? NO_TIME);
    differences[count++] = rtt * (msOf(a) - msOf(b)) + jitter * variation;
  }
  return count;
}
