import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { pairedShift, shiftUpTo, signedRank } from "./signed-rank.ts";

/** All signs, one by one: what the exact tail is by definition. */
function byHand(differences: readonly number[]): number {
  const magnitudes = differences.filter((value) => value !== 0).map(Math.abs);
  const ranks = magnitudes.map((one) => {
    const below = magnitudes.filter((other) => other < one).length;
    const equal = magnitudes.filter((other) => other === one).length;
    return below + (equal + 1) / 2;
  });
  const kept = differences.filter((value) => value !== 0);
  const seen = ranks.reduce((sum, rank, at) => sum + ((kept[at] ?? 0) > 0 ? rank : 0), 0);
  let count = 0;
  for (let signs = 0; signs < 2 ** ranks.length; signs++) {
    const sum = ranks.reduce((all, rank, at) => all + ((signs >> at) & 1 ? rank : 0), 0);
    if (sum >= seen) count++;
  }
  return count / 2 ** ranks.length;
}

test("the exact tail is that of all signs counted by hand, with ties and zeros too", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 10 }), (differences) => {
      assert.ok(Math.abs(signedRank(differences).pGreater - byHand(differences)) < 1e-12);
    }),
    { numRuns: 200 },
  );
});

test("Darwin's maize gives the p that is known of it", () => {
  // Differences in height of Darwin's maize (Fisher 1935): V = 96, one-sided p = 0.0206, of all 2^15 signs.
  const differences = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
  const { w, pGreater, method } = signedRank(differences);
  assert.deepEqual([w, method], [96, "exact"]);
  assert.ok(Math.abs(pGreater - 0.0206) < 0.0005, `${pGreater}`);
});

test("n differences that all are positive have chance 2^-n", () => {
  for (const n of [5, 12, 25]) {
    const { pGreater } = signedRank(Array.from({ length: n }, (_, at) => at + 1));
    assert.ok(Math.abs(pGreater / 2 ** -n - 1) < 1e-9);
  }
});

test("beyond 25 the normal tail takes over, near the exact one", () => {
  const differences = Array.from({ length: 30 }, (_, at) => (at % 3 === 0 ? -1 : 1) * (at + 1.5));
  const { method, pGreater } = signedRank(differences);
  assert.equal(method, "normal");
  assert.ok(pGreater > 0.01 && pGreater < 0.2, `${pGreater}`);
});

test("nothing is shown by no differences, nor by zeros", () => {
  assert.equal(signedRank([]).pGreater, 1);
  assert.equal(signedRank([0, 0]).pGreater, 1);
  assert.equal(pairedShift([]), undefined);
});

test("the estimate is the median of pairwise means, which a few wild values cannot move", () => {
  assert.equal(pairedShift([1, 2, 3]), 2);
  assert.ok(Math.abs((pairedShift([5, 5.1, 4.9, 5, 5.2, 400]) ?? 0) - 5.05) < 0.1);
});

test("an estimate that is wanted up to a bound only is the same, or the bound", () => {
  const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ min: -5, max: 5, noNaN: true }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), value, (differences, most) => {
      const expected = Math.min(most, pairedShift(differences) ?? 0);
      assert.ok(shiftUpTo(most, differences, differences.length) === expected);
    }),
  );
});
