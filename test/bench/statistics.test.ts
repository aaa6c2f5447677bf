import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { median, percentile, spread } from "./statistics.ts";

const oneTo = (n: number): number[] => Array.from({ length: n }, (_, i) => n - i);

test("percentiles are by nearest rank", () => {
  assert.equal(percentile([15, 20, 35, 40, 50], 30), 20);
  assert.equal(percentile([15, 20, 35, 40, 50], 100), 50);
  assert.equal(percentile(oneTo(100), 99), 99);
  assert.equal(percentile(oneTo(101), 99), 100);
  assert.equal(percentile(oneTo(50), 99), 50);
  assert.equal(percentile([7], 1), 7);
});

test("the median of an even number of samples is the lower of the middle two", () => {
  assert.equal(median([4, 1, 3, 2]), 2);
  assert.equal(median([10, 9, 2]), 9);
});

test("a percentile is a sample that enough others do not exceed, and no smaller sample is", () => {
  const samples = fc.array(fc.integer(), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(samples, fc.integer({ min: 1, max: 100 }), (values, percent) => {
      const value = percentile(values, percent);
      const upTo = (limit: number): number => values.filter((sample) => sample <= limit).length;
      assert.ok(values.includes(value));
      assert.ok(upTo(value) * 100 >= percent * values.length);
      for (const smaller of values.filter((sample) => sample < value))
        assert.ok(upTo(smaller) * 100 < percent * values.length);
    }),
  );
});

test("the spread is the smallest and the largest, and samples keep their order", () => {
  const samples = [3, 1, 2];
  assert.deepEqual(spread(samples), { min: 1, max: 3 });
  assert.deepEqual(samples, [3, 1, 2]);
});

test("no samples and no percentage are refused", () => {
  assert.throws(() => percentile([], 50), RangeError);
  for (const percent of [0, -1, 101, Number.NaN]) assert.throws(() => percentile([1], percent), RangeError);
});
