import assert from "node:assert/strict";
import { test } from "node:test";
import { signedRank } from "../release/stats/signed-rank.ts";
import { serialP } from "./serial.ts";

test("a series that wanders slowly proves less than one as high whose values are their own", () => {
  const slow = Array.from({ length: 24 }, (_, at) => 4 + 2 * Math.sin(at / 4));
  const quick = Array.from({ length: 24 }, (_, at) => slow[(at * 7) % 24] ?? 0);
  assert.ok(serialP(quick, 2.4) < 0.002, `${serialP(quick, 2.4)}`);
  assert.ok(serialP(slow, 2.4) > 0.01, `${serialP(slow, 2.4)}`);
  assert.equal(signedRank(slow, 2.4).pGreater, signedRank(quick, 2.4).pGreater);
});

test("one wild value does not hide a gain that all others show", () => {
  const values = Array.from({ length: 20 }, (_, at) => 10 + (at % 3) / 10);
  values[4] = -300;
  assert.ok(serialP(values, 3) < 0.001);
});

test("equal values are above or they are not, and of two nothing is said", () => {
  assert.deepEqual([serialP([5, 5, 5], 4), serialP([5, 5, 5], 5), serialP([9, 9], 1)], [0, 1, 1]);
});
