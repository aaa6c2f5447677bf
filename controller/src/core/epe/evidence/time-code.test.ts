import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { codeOf, msOf, NO_TIME } from "./time-code.ts";

const times = fc.double({ min: 0.001, max: 1_000_000, noNaN: true });

test("a time is known to one part in 4096", () => {
  fc.assert(fc.property(times, (ms) => Math.abs(msOf(codeOf(ms)) - ms) <= ms / 4096));
});

test("codes are in the order of their times, and what was once coded stays what it is", () => {
  fc.assert(
    fc.property(times, times, (a, b) => {
      assert.equal(Math.sign(codeOf(a) - codeOf(b)) * Math.sign(a - b) >= 0, true);
      assert.equal(codeOf(msOf(codeOf(a))), codeOf(a));
    }),
  );
});

test("no time is no time, nothing is nearly nothing, and what is too long is as long as can be", () => {
  assert.equal(codeOf(Number.NaN), NO_TIME);
  assert.ok(Number.isNaN(msOf(NO_TIME)));
  assert.ok(msOf(codeOf(0)) < 0.001 && codeOf(0) !== NO_TIME);
  assert.equal(codeOf(1e9), 0xffff);
});
