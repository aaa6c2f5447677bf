import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { dueSlots, paceOf } from "./pacing.ts";

test("the interval is kept while the budget lasts, and stretched beyond", () => {
  assert.deepEqual(paceOf(10, 100, 200), {
    targets: 10,
    intervalUs: 100_000,
    stepUs: 10_000,
    perSlot: 1,
  });
  assert.deepEqual(paceOf(1000, 100, 200), {
    targets: 1000,
    intervalUs: 5_000_000,
    stepUs: 5_000,
    perSlot: 1,
  });
});

test("targets are asked one after the other, in groups of half an interval at most", () => {
  const pacing = paceOf(8, 100, 200);
  let next = 0;
  const asked: (readonly number[])[] = [];
  for (let sinceUs = 0; sinceUs < 150_000; ) {
    const due = dueSlots(pacing, next, sinceUs);
    asked.push(due.targets);
    next = due.next;
    sinceUs += due.waitUs;
  }
  assert.deepEqual(asked, [[0], [1, 2, 3, 4], [5, 6, 7, 0]]);
});

test("few targets are asked together, once an interval", () => {
  const pacing = paceOf(3, 100, 200);
  assert.deepEqual(dueSlots(pacing, 0, 0), { targets: [0, 1, 2], next: 1, waitUs: 100_000 });
  assert.deepEqual(dueSlots(pacing, 1, 60_000), { targets: [], next: 1, waitUs: 40_000 });
  assert.deepEqual(dueSlots(pacing, 1, 101_000), { targets: [0, 1, 2], next: 2, waitUs: 99_000 });
  assert.equal(paceOf(3, 10, 200).intervalUs, 15_000);
});

test("what a stopped process has missed is not made up for", () => {
  const pacing = paceOf(2, 100, 200);
  assert.deepEqual(dueSlots(pacing, 1, 10_003_000), { targets: [0, 1], next: 101, waitUs: 97_000 });
  const five = paceOf(5, 100, 200);
  assert.deepEqual(dueSlots(five, 1, 10_003_000), { targets: [2, 3, 4, 0], next: 501, waitUs: 47_000 });
  assert.deepEqual(dueSlots(paceOf(1, 100, 200), 1, 10_080_000), { targets: [], next: 101, waitUs: 20_000 });
  assert.equal(dueSlots(paceOf(100, 100, 1000), 1, 10_003_000).targets.length, 32);
});

test("however late a timer is, no target is asked twice at once, and the budget holds", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 20, max: 1000 }),
      fc.array(fc.integer({ min: 0, max: 3_000_000 }), { maxLength: 50 }),
      (targets, intervalMs, pauses) => {
        const pacing = paceOf(targets, intervalMs, 200);
        let [next, sinceUs, asked] = [0, 0, 0];
        for (const pause of pauses) {
          const due = dueSlots(pacing, next, sinceUs);
          assert.equal(new Set(due.targets).size, due.targets.length);
          assert.ok(
            due.next >= next && due.waitUs > 0 && due.waitUs <= pacing.stepUs + pacing.intervalUs / 2,
          );
          assert.ok(due.targets.every((target) => target < targets));
          asked += due.targets.length;
          next = due.next;
          sinceUs += pause;
        }
        assert.ok(asked <= 4 + (sinceUs / 1_000_000) * 200 + 1);
      },
    ),
  );
});
