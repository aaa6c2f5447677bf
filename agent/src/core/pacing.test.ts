import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { paceOf } from "./pacing.ts";

test("the interval is kept while the budget lasts, and stretched beyond", () => {
  assert.deepEqual(paceOf(10, 100, 200), { targets: 10, intervalUs: 100_000, ticks: 2, tickUs: 50_000 });
  assert.deepEqual(paceOf(10, 20, 1000), { targets: 10, intervalUs: 20_000, ticks: 2, tickUs: 10_000 });
  assert.deepEqual(paceOf(1000, 100, 200), {
    targets: 1000,
    intervalUs: 5_000_000,
    ticks: 100,
    tickUs: 50_000,
  });
});

test("few targets are asked together, once an interval", () => {
  assert.deepEqual(paceOf(3, 100, 200), { targets: 3, intervalUs: 100_000, ticks: 1, tickUs: 100_000 });
  assert.equal(paceOf(3, 10, 200).intervalUs, 15_000);
});

test("whatever is asked for, the budget holds, and no tick is longer than half an interval or a twentieth of a second", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4096 }),
      fc.integer({ min: 20, max: 60_000 }),
      fc.integer({ min: 1, max: 1000 }),
      (targets, intervalMs, maxPacketsPerS) => {
        const { intervalUs, ticks, tickUs } = paceOf(targets, intervalMs, maxPacketsPerS);
        assert.ok(Number.isInteger(ticks) && Number.isInteger(tickUs) && tickUs >= 1000);
        assert.ok((targets * 1e6) / intervalUs <= maxPacketsPerS + 1e-6);
        assert.ok(intervalUs >= intervalMs * 1000);
        if (targets > 4) assert.ok(tickUs <= 50_000 && tickUs <= intervalUs / 2);
        else assert.equal(ticks, 1);
      },
    ),
  );
});
