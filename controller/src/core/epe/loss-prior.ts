import { boutsOf } from "./bouts.ts";
import { type CycleView, FLAG, sentIn } from "./evidence/view.ts";
import type { CycleOrder } from "./reading.ts";

/**
 * How often ways lose here, from all ways that a node measures: the prior of empirical Bayes. A mixture of Poisson rates, whose
 * weights are fitted to how many bouts each way had (Laird 1978: maximum likelihood without a form, by EM). Of one way it says
 * what so many bouts mean: two are chance where every tenth way has two, and a bad way where hardly any has one.
 */
export interface LossPrior {
  /** One for each number of newest cycles that are looked at, the longest first: what comes and goes is seen in short ones. */
  readonly windows: readonly LossWindow[];
  /** Probes that a bout takes, in the mean of all ways. */
  readonly lostPerBout: number;
}

export interface LossWindow {
  readonly cycles: number;
  /** Part of the ways that lose at each of RATES. */
  readonly weights: Float64Array;
}

/** Bouts a cycle, from one in twenty thousand to one in three: as fine as counts of bouts can tell them apart. */
const RATES = Float64Array.from({ length: 16 }, (_, at) =>
  at === 0 ? 0.00005 : 0.0005 * 2 ** (0.68 * (at - 1)),
);
const LOGS = RATES.map(Math.log);
const ROUNDS = 40;
/** So many ways of each rate are taken for granted, so that none is ever held to be impossible. */
const GRANTED = 0.5;
/** A host that limits its answers in more than this part of the cycles says nothing of ways. */
const LIMITED_SHARE = 0.05;

/** @param bases of the cells whose ways are looked at; @param windows cycles of each window, the longest first */
export function priorOf(
  view: CycleView,
  order: CycleOrder,
  bases: readonly number[],
  windows: readonly number[],
): LossPrior {
  const ways = bases.filter((base) => !isLimited(view, order, base));
  let [lost, bouts] = [0, 0];
  const fitted = windows.map((most, at): LossWindow => {
    const cycles = Math.min(most, order.slots.length);
    const counts = new Map<number, number>();
    for (const base of ways) {
      const seen = boutsOf(view, order, cycles, base);
      // Who answers nothing is no way.
      if (seen.lost >= seen.sent) continue;
      counts.set(seen.bouts, (counts.get(seen.bouts) ?? 0) + 1);
      if (at > 0) continue;
      lost += seen.lost;
      bouts += seen.bouts;
    }
    return { cycles: most, weights: fit(counts, cycles) };
  });
  return { windows: fitted, lostPerBout: bouts > 0 ? lost / bouts : 1 };
}

function isLimited(view: CycleView, { slots }: CycleOrder, base: number): boolean {
  let [cycles, limits] = [0, 0];
  for (const slot of slots) {
    const told = view.told[base + slot] ?? 0;
    if (sentIn(told) === 0) continue;
    cycles++;
    if ((told & FLAG.backedOff) !== 0) limits++;
  }
  return limits > LIMITED_SHARE * cycles;
}

/** @param counts bouts to the number of ways that had so many */
function fit(counts: ReadonlyMap<number, number>, cycles: number): Float64Array {
  const seen = [...counts].sort((a, b) => a[0] - b[0]);
  const likely = seen.map(([bouts]) => likelihood(bouts, cycles));
  const total = seen.reduce((sum, [, ways]) => sum + ways, 0);
  let weights = new Float64Array(RATES.length).fill(1 / RATES.length);
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(RATES.length).fill(GRANTED);
    for (const [at, [, ways]] of seen.entries()) {
      const of = likely[at];
      if (of === undefined) continue;
      let sum = 0;
      for (let rate = 0; rate < of.length; rate++) sum += (weights[rate] ?? 0) * (of[rate] ?? 0);
      for (let rate = 0; rate < of.length; rate++)
        next[rate] = (next[rate] ?? 0) + (ways * (weights[rate] ?? 0) * (of[rate] ?? 0)) / sum;
    }
    weights = next.map((one) => one / (total + GRANTED * RATES.length));
  }
  return weights;
}

/** Of so many bouts in so many cycles, by rate; the greatest is 1. */
function likelihood(bouts: number, cycles: number): Float64Array {
  const logs = RATES.map((rate, at) => bouts * (LOGS[at] ?? 0) - rate * cycles);
  const most = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return logs.map((log) => Math.exp(log - most));
}

/** What was worked out of some weights already: most ways lost nothing, in as many cycles as all others. */
const knownOf = new WeakMap<Float64Array, Map<number, Float64Array>>();
/** More than there are cycles. */
const KEY = 4096;

/** Chances of RATES for a way that had so many bouts in so many cycles. */
export function posteriorOf(weights: Float64Array, bouts: number, cycles: number): Float64Array {
  let known = knownOf.get(weights);
  if (known === undefined) {
    known = new Map();
    knownOf.set(weights, known);
  }
  const key = bouts * KEY + cycles;
  let of = known.get(key);
  if (of === undefined) {
    const joint = likelihood(bouts, cycles).map((one, at) => one * (weights[at] ?? 0));
    const sum = joint.reduce((a, b) => a + b, 0);
    of = joint.map((one) => one / sum);
    known.set(key, of);
  }
  return of;
}

/** What a way loses, as far as it is known: chances of RATES, and the share of packets lost for one bout a cycle. */
export interface LossPosterior {
  readonly chances: Float64Array;
  readonly size: number;
}

/** Share of packets that it loses, in the mean. */
export function meanShare({ chances, size }: LossPosterior): number {
  let sum = 0;
  for (let at = 0; at < chances.length; at++) sum += (chances[at] ?? 0) * (RATES[at] ?? 0);
  return size * sum;
}

/** Chance that one loses more than another, by more than a share of all packets. */
export function chanceOfMore(one: LossPosterior, other: LossPosterior, share: number): number {
  let sum = 0;
  for (let i = 0; i < one.chances.length; i++) {
    const most = one.size * (RATES[i] ?? 0) - share;
    const chance = one.chances[i] ?? 0;
    for (let j = 0; j < other.chances.length && other.size * (RATES[j] ?? 0) < most; j++)
      sum += chance * (other.chances[j] ?? 0);
  }
  return sum;
}
