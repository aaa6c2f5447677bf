import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { afterAsked, afterSent, type Pace, tellAnew } from "./pace.ts";

test("the first three come early, then each between a third of the interval and the interval", () => {
  let pace = tellAnew(1000, undefined);
  assert.equal(pace.nextMs, 1000);
  const gaps: number[] = [];
  for (let i = 0; i < 5; i++) {
    const at = pace.nextMs;
    pace = afterSent(pace, at, 600, 0.5);
    gaps.push(pace.nextMs - at);
  }
  assert.deepEqual(gaps, [16_000, 16_000, 399_000, 399_000, 399_000]);
  assert.equal(afterSent(pace, 0, 600, 0).nextMs, 198_000);
  assert.equal(afterSent(pace, 0, 600, 1).nextMs, 600_000);
  assert.equal(afterSent(pace, 0, 4, 0).nextMs, 3000);
});

test("who asks is answered within half a second, but three seconds after the last word, and many by one answer", () => {
  const quiet: Pace = { nextMs: 500_000, early: 0, lastMs: 10_000, asked: false };
  assert.equal(afterAsked(quiet, 60_000, 0.5).nextMs, 60_250);
  const soon = afterAsked(quiet, 11_000, 0.5);
  assert.equal(soon.nextMs, 13_250);
  assert.equal(afterAsked(soon, 12_000, 0), soon);
  const due = afterAsked({ ...quiet, nextMs: 60_010 }, 60_000, 1);
  assert.equal(due.nextMs, 60_010);
});

test("whatever happens, and however often, two words are three seconds apart", () => {
  const event = fc.record({
    what: fc.constantFrom("ask", "anew", "pass"),
    waitMs: fc.integer({ min: 0, max: 5000 }),
    random: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 200 }),
      fc.integer({ min: 4, max: 1800 }),
      (events, intervalS) => {
        let pace = tellAnew(0, undefined);
        let nowMs = 0;
        let lastMs: number | undefined;
        for (const { what, waitMs, random } of events) {
          const until = nowMs + waitMs;
          while (pace.nextMs <= until) {
            const at = Math.max(nowMs, pace.nextMs);
            if (lastMs !== undefined) assert.ok(at - lastMs > 2999.999, `${at} after ${lastMs}`);
            lastMs = at;
            pace = afterSent(pace, at, intervalS, random);
          }
          nowMs = until;
          if (what === "ask") pace = afterAsked(pace, nowMs, random);
          if (what === "anew") pace = tellAnew(nowMs, pace);
        }
      },
    ),
  );
});
