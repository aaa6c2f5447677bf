import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { middleOf } from "../release/stats/order.ts";
import { msOf } from "./evidence/time-code.ts";
import { medianIn, medianOf } from "./medians.ts";

const code = fc.integer({ min: 1, max: 0xffff });
/** Anything, and many that are equal or nearly so. */
const codes = fc.oneof(
  fc.array(code, { minLength: 1, maxLength: 64 }),
  fc
    .tuple(fc.integer({ min: 1, max: 0xfff0 }), fc.array(fc.nat(4), { minLength: 1, maxLength: 64 }))
    .map(([least, more]) => more.map((one) => least + one)),
);

test("a median is that of the sorted values, wherever it was looked for first", () => {
  fc.assert(
    fc.property(codes, fc.nat(0xffff), fc.nat(63), (values, anywhere, near) => {
      const expected = middleOf(Float64Array.from(values, msOf).sort());
      const given = Uint16Array.from(values);
      const marks = Uint16Array.of(0, anywhere, values[near % values.length] ?? 0);
      // Twice: then from where it was found.
      for (const mark of [0, 1, 2, 0, 1, 2])
        assert.equal(medianOf(given, values.length, marks, mark), expected);
      assert.deepEqual([...given], values);
    }),
    { numRuns: 500 },
  );
});

test("in a ring the newest codes count, wherever its end is among them", () => {
  const one = fc.tuple(
    fc.array(code, { minLength: 70, maxLength: 70 }),
    fc.nat(69),
    fc.integer({ min: 1, max: 64 }),
  );
  fc.assert(
    fc.property(one, ([values, newest, count]) => {
      const ring = { base: 1, slots: values.length, newest };
      const given = Uint16Array.of(7, ...values, 9);
      const counted = Array.from({ length: count }, (_, ago) => values[(newest - ago + 70) % 70] ?? 0);
      const expected = middleOf(Float64Array.from(counted, msOf).sort());
      const marks = new Uint16Array(1);
      for (let again = 0; again < 3; again++) assert.equal(medianIn(given, ring, count, marks, 0), expected);
    }),
  );
});
