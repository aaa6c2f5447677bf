import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { mannWhitney } from "./mann-whitney.ts";
import { shiftBetween } from "./shift.ts";

const near = (actual: number, expected: number, within: number, what = ""): void =>
  assert.ok(Math.abs(actual - expected) <= within, `${what} ${actual}, expected ${expected}`);

interface Case {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly confidence?: number;
  readonly interval?: readonly [number, number];
  readonly estimate?: number;
  readonly z?: readonly { readonly mu: number; readonly z: number }[];
}

const KAYENTA = JSON.parse(readFileSync(join(import.meta.dirname, "vectors/kayenta.json"), "utf8")) as {
  readonly cases: readonly Case[];
};

for (const one of KAYENTA.cases) {
  test(`Kayenta's value: ${one.name}`, () => {
    for (const { mu, z } of one.z ?? []) near(mannWhitney(one.x, one.y, mu).z ?? 0, z, 1e-5, "z");
    if (one.interval === undefined || one.confidence === undefined) return;
    const shift = shiftBetween(one.x, one.y, (1 - one.confidence) / 2);
    // R and Kayenta find the limits by following z to a root, which is exact to 1e-4 only; ours are differences x - y.
    near(shift.lower, one.interval[0], 1e-4, "lower");
    near(shift.upper, one.interval[1], 1e-4, "upper");
    near(shift.estimate, one.estimate ?? Number.NaN, 1e-4, "estimate");
  });
}

test("SciPy's example (scipy.stats.mannwhitneyu, ages of diagnosis): U, exact and approximate p", () => {
  const males = [19, 22, 16, 29, 24];
  const females = [20, 11, 17, 12];
  const result = mannWhitney(males, females);
  assert.equal(result.u, 17);
  assert.equal(result.method, "exact");
  near(result.pTwoSided, 0.1111111111111111, 1e-14);
  near(mannWhitney(females, males).pLess, 0.05555555555555555, 1e-14);
});

test("R's example (wilcox.test, permeability after Hollander and Wolfe 1973): W = 35, p = 0.1272", () => {
  const x = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
  const y = [1.15, 0.88, 0.9, 0.74, 1.21];
  const result = mannWhitney(x, y);
  assert.equal(result.u, 35);
  near(result.pGreater, 0.1272, 5e-5);
});

test("ClickHouse's example with ties (01560_mann_whitney): U = 223, p = 0.5426959774289482", () => {
  const x = [
    310, 195, 530, 155, 530, 245, 385, 450, 465, 545, 170, 180, 125, 180, 230, 75, 430, 480, 495, 295,
  ];
  const y = [
    116, 171, 176, 421, 111, 326, 481, 111, 346, 441, 261, 411, 206, 521, 456, 446, 296, 51, 426, 261,
  ];
  const result = mannWhitney(x, y);
  assert.equal(result.u, 223);
  assert.equal(result.method, "normal");
  near(result.pTwoSided, 0.5426959774289482, 1e-12);
});

test("of all arrangements of few values exactly those are counted that are as extreme", () => {
  for (const [n, m] of [
    [1, 1],
    [2, 3],
    [4, 4],
    [3, 6],
  ] as const) {
    const us: number[] = [];
    for (let mask = 0; mask < 1 << (n + m); mask++) {
      const x: number[] = [];
      const y: number[] = [];
      for (let at = 0; at < n + m; at++) (mask & (1 << at) ? x : y).push(at);
      if (x.length === n)
        us.push(x.reduce((sum, value) => sum + y.filter((other) => other < value).length, 0));
    }
    for (let mask = 0; mask < 1 << (n + m); mask++) {
      const x: number[] = [];
      const y: number[] = [];
      for (let at = 0; at < n + m; at++) (mask & (1 << at) ? x : y).push(at);
      if (x.length !== n) continue;
      const { u, pGreater, pLess } = mannWhitney(x, y);
      near(pGreater, us.filter((other) => other >= u).length / us.length, 1e-12);
      near(pLess, us.filter((other) => other <= u).length / us.length, 1e-12);
    }
  }
});

const sample = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 12 });

test("swapping the samples swaps the sides", () => {
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      const [one, other] = [mannWhitney(x, y), mannWhitney(y, x)];
      assert.equal(one.u + other.u, x.length * y.length);
      near(one.pGreater, other.pLess, 1e-12);
      near(one.delta, -other.delta, 1e-12);
    }),
  );
});

test("U counts pairs, ties half, and delta follows from it", () => {
  fc.assert(
    fc.property(sample, sample, fc.integer({ min: -5, max: 5 }), (x, y, shift) => {
      let [u, delta] = [0, 0];
      for (const a of x) {
        for (const b of y) {
          u += a - shift > b ? 1 : a - shift === b ? 0.5 : 0;
          delta += Math.sign(a - shift - b) / (x.length * y.length);
        }
      }
      const result = mannWhitney(x, y, shift);
      assert.equal(result.u, u);
      near(result.delta, delta, 1e-12);
    }),
  );
});

test("the exact p and the approximation agree for forty values", () => {
  const x = Array.from({ length: 40 }, (_, at) => at * 1.37);
  const y = Array.from({ length: 40 }, (_, at) => at * 1.31 - 4.05);
  const exact = mannWhitney(x, y);
  const normal = mannWhitney([...x, 5], [...y, 5]); // one tie more
  assert.deepEqual([exact.method, normal.method], ["exact", "normal"]);
  near(exact.pGreater, normal.pGreater, 0.01);
});

test("nothing can be said of equal values, and an empty or impossible sample is an error", () => {
  assert.deepEqual(
    (({ pGreater, pLess, delta }) => ({ pGreater, pLess, delta }))(mannWhitney([1, 1, 1], [1, 1])),
    { pGreater: 1, pLess: 1, delta: 0 },
  );
  for (const [x, y] of [
    [[], [1]],
    [[1], []],
    [[Number.NaN], [1]],
    [[1], [Infinity]],
  ] as const)
    assert.throws(() => mannWhitney(x, y), RangeError);
});

test("a shift that was added is found again, and the interval holds the estimate", () => {
  fc.assert(
    fc.property(sample, fc.integer({ min: -50, max: 50 }), (x, added) => {
      const shift = shiftBetween(
        x.map((value) => value + added),
        x,
        0.05,
      );
      near(shift.estimate, added, 1e-9);
      assert.ok(shift.lower <= shift.estimate && shift.estimate <= shift.upper);
    }),
  );
});
