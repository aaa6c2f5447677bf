import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_EPE } from "@vsix/shared/fabric/epe-defaults.ts";
import { viewOf } from "./evidence/test-view.ts";
import { FLAG } from "./evidence/view.ts";
import { lossGain } from "./loss.ts";
import { chanceOfMore, type LossPrior, meanShare, posteriorOf, priorOf } from "./loss-prior.ts";
import type { LossGain } from "./loss-question.ts";
import { orderOf } from "./reading.ts";

/** What ways lose, by what all ways lose. */

const CYCLES = 120;
type Lost = ReadonlyMap<number, number>;
const NONE: Lost = new Map();
const spread = (count: number, lost = 1, every = 12): Lost =>
  new Map(Array.from({ length: count }, (_, at) => [2 + at * every, lost]));

/** A network of ways by what each loses in which cycle, the newest being 0; the first two are those that are asked about. */
function network(ways: readonly Lost[], cycles = CYCLES) {
  const times = Array.from({ length: cycles }, (_, slot) => ({ slot, beganMs: -slot }));
  const view = viewOf({
    rttMs: ways.map(() => times.map(() => 10)),
    lost: ways.map((lost) => times.map((_, at) => lost.get(at) ?? 0)),
    flags: ways.map(() => times.map(() => FLAG.arrived)),
  });
  const order = orderOf(times);
  const bases = ways.map((_, cell) => cell * cycles);
  return { view, order, prior: priorOf(view, order, bases, [CYCLES, 30, 13]) };
}

function gain(
  from: Lost,
  to: Lost,
  others: readonly Lost[],
  more: { readonly shown?: boolean; readonly held?: number; readonly cycles?: number } = {},
): LossGain {
  const { shown = true, held = CYCLES, cycles = CYCLES } = more;
  const { view, order, prior } = network([from, to, ...others], cycles);
  return lossGain({ view, order, held, from: 0, to: cycles, numbers: DEFAULT_EPE.decide, shown, prior });
}

const CLEAN: readonly Lost[] = Array.from({ length: 400 }, () => NONE);
/** Where many ways lose now and then; where a few lose much. */
const NOISY: readonly Lost[] = Array.from({ length: 400 }, (_, way) => spread(way % 5, 2, 20));
const FEW_BAD: readonly Lost[] = Array.from({ length: 400 }, (_, way) =>
  way % 50 === 0 ? spread(6, 2, 18) : NONE,
);

const unseen = ({ known }: LossGain, share: number): number => {
  assert.ok(known !== undefined);
  return chanceOfMore(known.to, known.from, share);
};

test("the same bouts are a bad way where a few ways are bad, and chance where most lose now and then", () => {
  const bad = gain(spread(3, 2, 10), NONE, FEW_BAD);
  assert.ok(bad.difference > 0.003 && bad.p <= 0.02, `${bad.difference}, ${bad.p}`);
  assert.equal(gain(spread(3, 2, 10), NONE, NOISY).difference, 0);
});

test("what a way may lose that nobody has seen is less the longer it was looked at", () => {
  const [short, long] = [24, CYCLES].map((cycles) => unseen(gain(NONE, NONE, FEW_BAD, { cycles }), 0.005));
  assert.ok((short ?? 0) > 2 * (long ?? 0) && (short ?? 0) < 0.02, `${short}, ${long}`);
});

test("one bout makes a bad way likely where ways are bad or clean, and leaves it unlikely where most lose so much", () => {
  const one = new Map([[40, 2]]);
  assert.ok(unseen(gain(NONE, one, FEW_BAD), 0.003) > 0.02);
  assert.ok(unseen(gain(NONE, one, FEW_BAD), 0.003) > 5 * unseen(gain(NONE, NONE, FEW_BAD), 0.003));
  assert.ok(unseen(gain(NONE, one, CLEAN), 0.03) < 0.01);
});

test("what more was lost by the other way is harm before a move, whenever it was", () => {
  assert.ok(gain(NONE, new Map([[100, 2]]), FEW_BAD).difference < 0);
});

test("after a move only what was lost after it is harm, and what is older than ten cycles is left to the gain", () => {
  const stay = (lost: Lost, held: number): number =>
    gain(NONE, lost, FEW_BAD, { shown: false, held }).difference;
  assert.equal(stay(new Map([[8, 2]]), 6), 0);
  assert.ok(stay(new Map([[4, 2]]), 6) < 0);
  assert.equal(stay(new Map([[20, 2]]), CYCLES), 0);
});

test("what was left keeps a move worth it for as long as it is likely to lose still", () => {
  const bouts = (since: number): Lost => new Map(Array.from({ length: 6 }, (_, at) => [since + 2 * at, 3]));
  const [now, later, over] = [0, 4, 40].map(
    (since) => gain(bouts(since), NONE, FEW_BAD, { shown: false }).difference,
  );
  assert.ok((now ?? 0) > (later ?? 0) && (later ?? 0) > 0, `${now}, ${later}`);
  assert.equal(over, 0);
});

test("a fitted mixture has the mean of the ways that it was fitted to, and no rate in it is impossible", () => {
  const { prior }: { readonly prior: LossPrior } = network(NOISY);
  const weights = prior.windows[0]?.weights ?? new Float64Array();
  assert.ok(Math.abs(weights.reduce((a, b) => a + b, 0) - 1) < 1e-9);
  assert.ok(weights.every((one) => one > 0));
  // Two bouts a way in the mean; ways of each rate that are taken for granted add some.
  const bouts = meanShare({ chances: weights, size: CYCLES });
  assert.ok(bouts > 1.8 && bouts < 3, `${bouts}`);
  const posterior = posteriorOf(weights, 2, CYCLES);
  assert.ok(Math.abs(posterior.reduce((a, b) => a + b, 0) - 1) < 1e-9);
});
