import assert from "node:assert/strict";
import { test } from "node:test";
import { bound } from "./bound.ts";
import { type RunPlan, simulate } from "./run.ts";
import { queueing } from "./world.ts";

const PLAN: RunPlan = {
  destinations: 100,
  peers: 4,
  cycleS: 30,
  liars: 0.05,
  equal: false,
  flapping: false,
  clockSteps: false,
  naive: false,
  warmCycles: 40,
  countedCycles: 80,
  numbers: {},
};

test("an hour of two equal paths moves nothing", () => {
  for (const seed of [11, 12]) {
    const { moves } = simulate(seed, { ...PLAN, peers: 2, equal: true, liars: 0, countedCycles: 120 });
    assert.deepEqual(moves, []);
  }
});

test("the same seed gives the same run", () => {
  const plan = { ...PLAN, destinations: 30, countedCycles: 20 };
  assert.deepEqual(simulate(5, plan), simulate(5, plan));
});

test("what there is to win is mostly won, and never more than an oracle that knows the truth could win", () => {
  const outcomes = [21, 22, 23].map((seed) => simulate(seed, PLAN));
  const sum = (of: (one: (typeof outcomes)[number]) => number): number =>
    outcomes.reduce((all, one) => all + of(one), 0);
  const [possible, won] = [sum((one) => one.bgp - one.oracle), sum((one) => one.bgp - one.used)];
  assert.ok(won > 0.5 * possible && won <= possible, `${won} of ${possible}`);
  for (const { used, oracle, moves } of outcomes) {
    assert.ok(used >= oracle - 1e-6);
    assert.ok(moves.length > 0);
  }
});

test("a queue grows with the load, and beyond the capacity the rest is lost", () => {
  assert.ok(queueing(0.5).delayMs < queueing(0.9).delayMs && queueing(0.9).delayMs < queueing(0.99).delayMs);
  assert.deepEqual(queueing(0.9).loss, 0);
  assert.deepEqual(queueing(2), { delayMs: 40, loss: 0.5 });
});

test("whoever knows the truth and waits longer moves less and wins less, and is wrong now and then all the same", () => {
  const [atOnce, later] = [1, 20].map((patience) => bound(31, { ...PLAN, destinations: 400 }, patience));
  assert.ok(atOnce !== undefined && later !== undefined);
  assert.ok(later.moves.length < atOnce.moves.length);
  assert.ok(later.bgpAlone - later.ruled < atOnce.bgpAlone - atOnce.ruled);
  assert.ok(atOnce.moves.some(({ gainMs, stepMs }) => Math.min(gainMs, stepMs) < 0));
});

test("whoever knows of a loss only once a probe was lost wins less, in the same world", () => {
  const bounds = [31, 32, 33].map((seed) =>
    [false, true].map((probed) => bound(seed, { ...PLAN, destinations: 300 }, 1, probed)),
  );
  for (const [all, probed] of bounds) assert.equal(probed?.bgpAlone, all?.bgpAlone);
  const won = (which: number): number =>
    bounds.reduce((sum, of) => sum + (of[which]?.bgpAlone ?? 0) - (of[which]?.ruled ?? 0), 0);
  assert.ok(won(1) < won(0), `${won(1)} of ${won(0)}`);
});
