import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_JUDGE } from "../../controller/src/core/release/settings.ts";
import { FAULTS, HEALTHY } from "./faults.ts";
import { Plane } from "./network.ts";
import { drawWeather, GilbertElliott } from "./noise.ts";
import { Random } from "./random.ts";
import { type Plan, simulate } from "./rollout.ts";

const PLAN: Plan = {
  targets: 5,
  users: 1,
  steps: 1,
  stepMs: 60_000,
  lookMs: 20_000,
  deadlineMs: 120_000,
  windowMs: 180_000,
  baselineMs: 60_000,
  settings: DEFAULT_JUDGE,
};

test("the generator is even, and its normal numbers have mean 0 and deviation 1", () => {
  const random = new Random(1);
  const tens = new Array<number>(10).fill(0);
  let [sum, squares] = [0, 0];
  for (let at = 0; at < 100_000; at++) {
    const tenth = random.below(10);
    tens[tenth] = (tens[tenth] ?? 0) + 1;
    const value = random.normal();
    sum += value;
    squares += value * value;
  }
  for (const count of tens) assert.ok(Math.abs(count - 10_000) < 500, `${tens}`);
  assert.ok(Math.abs(sum / 100_000) < 0.02 && Math.abs(squares / 100_000 - 1) < 0.03);
});

test("bursty loss has the share and the length of bursts that were asked for", () => {
  for (const [loss, burst] of [
    [0.01, 1],
    [0.02, 4],
    [0.1, 10],
  ] as const) {
    const model = new GilbertElliott(new Random(7), loss, burst);
    let [lost, bursts, before] = [0, 0, false];
    for (let at = 0; at < 1_000_000; at++) {
      const now = model.lost();
      if (now) lost++;
      if (now && !before) bursts++;
      before = now;
    }
    assert.ok(Math.abs(lost / 1_000_000 / loss - 1) < 0.1, `${lost}`);
    assert.ok(Math.abs(lost / bursts / burst - 1) < 0.1, `${lost / bursts}`);
  }
});

test("a fault is in the probes that it concerns, from its time on, and in no others", () => {
  const random = new Random(3);
  const fault = { name: "x", targets: "one", dead: true, aim: false } as const;
  const plane = new Plane(random, { ...drawWeather(random), loss: 0, outagesPerProbe: 0 }, [20, 20], fault);
  plane.run(0, 60_000, 30_000);
  const answered = (at: number): number[] => {
    const series = plane.series[at];
    assert.ok(series !== undefined);
    return series.atMs.filter((_, probe) => series.rttMs[probe] !== null);
  };
  assert.deepEqual([answered(0).length, answered(1).length], [300, 600]);
  assert.ok(answered(0).every((atMs) => atMs < 30_000));
});

test("the same seed gives the same rollout", () => {
  assert.deepEqual(simulate(new Random(11), HEALTHY, PLAN), simulate(new Random(11), HEALTHY, PLAN));
});

for (const name of ["loss 5 %", "+15 ms", "one target: black hole", "wrong path", "prefix withdrawn"])
  test(`a rollout onto a plane with "${name}" is aborted in its first step`, () => {
    const fault = FAULTS.find((one) => one.name === name);
    assert.ok(fault !== undefined);
    for (let seed = 1; seed <= 3; seed++) {
      const { end, step } = simulate(new Random(seed), fault, PLAN);
      assert.deepEqual({ end, step }, { end: "aborted", step: 1 });
    }
  });
