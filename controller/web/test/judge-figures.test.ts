import assert from "node:assert/strict";
import { test } from "node:test";
import type { RolloutEvents } from "../src/api/types.ts";
import { cumulative } from "../src/model/distribution.ts";
import { coursesOf, looksOf, turnsOf } from "../src/model/judge-figures.ts";

const RTT = {
  ...{ test: "mann-whitney", mediansMs: [3, 2], shiftMs: 1, lowerMs: 0.5, upperMs: 1.5, failAboveMs: 2 },
};
const LOSS = {
  ...{ test: "score", candidate: { lost: 2, sent: 100 }, reference: { lost: 0, sent: 0 } },
  ...{ difference: 0.02, lower: 0.01, upper: 0.03, failAbove: 0.005 },
};

function verdict(number: number, ageMs: number, metrics: unknown): RolloutEvents[number] {
  const body = {
    verdict: "fail",
    reasons: ["loss"],
    stage: "step",
    step: 1,
    ageMs,
    leftOut: 0,
    detail: { metrics },
  };
  return { number, at: "2026-01-01T00:00:00Z", kind: "verdict", who: "judge", body };
}

const metric = (name: string, arithmetic: unknown) => ({
  ...{ metric: name, critical: true, result: "fail", why: "", subjects: [] },
  whole: { subject: "all targets", result: "fail", why: "too much", pAdjusted: 0.01, arithmetic },
});

test("what the judge compared is read out of its evidence, new plane before old", () => {
  const [look] = looksOf([verdict(1, 2000, [metric("rtt", RTT), metric("loss", LOSS)])]);
  assert.deepEqual(look?.metrics[0]?.compared, {
    ...{ unit: "ms", candidate: 3, reference: 2, difference: 1, lower: 0.5, upper: 1.5, limit: 2 },
  });
  assert.equal(look?.metrics[1]?.compared?.candidate, 0.02);
  assert.ok(Number.isNaN(look?.metrics[1]?.compared?.reference), "of nothing sent there is no share");
  assert.equal(look?.metrics[0]?.why, "too much");
});

test("evidence of another shape, or cut short, leaves nothing out but itself", () => {
  const odd = [
    verdict(1, 1000, "x"),
    verdict(2, 2000, [null, 3, metric("path", null), metric("rtt", { test: "new" })]),
    { ...verdict(3, 3000, []), body: { tooLarge: 1 } },
    { ...verdict(4, 4000, []), body: null },
  ];
  const looks = looksOf(odd);
  assert.deepEqual(
    looks.map(({ number }) => number),
    [1, 2, 3],
  );
  assert.deepEqual(coursesOf(looks), []);
});

test("a metric's course has a point for each look that compared it", () => {
  const looks = looksOf([
    verdict(1, 1000, [metric("rtt", RTT)]),
    verdict(2, 2000, []),
    verdict(3, 3000, [metric("rtt", { ...RTT, shiftMs: 7 })]),
  ]);
  const [course] = coursesOf(looks);
  assert.deepEqual(
    [course?.ageS, course?.difference],
    [
      [1, 3],
      [1, 7],
    ],
  );
});

test("what was done is told with who did it", () => {
  const body = { told: "aborted: too slow", stage: "aborted", step: 1, ageMs: 1, moved: [] };
  const turn = { number: 9, at: "2026-01-01T00:00:00Z", kind: "change", who: "user:ada", body };
  assert.deepEqual(turnsOf([turn]), [{ number: 9, at: turn.at, who: "user:ada", told: "aborted: too slow" }]);
});

test("distributions of two planes share an axis; before a plane's fastest answer it has no value", () => {
  const { x, lines } = cumulative(
    [0, 0.5, 1],
    [
      { plane: "blue", quantilesUs: [1000, 2000, 3000] },
      { plane: "green", quantilesUs: [2000, 2000, 4000] },
      { plane: "silent", quantilesUs: [] },
    ],
  );
  assert.deepEqual(x, [1, 2, 3, 4]);
  assert.deepEqual(lines[0]?.values, [0, 50, 100, 100]);
  assert.deepEqual(lines[1]?.values, [null, 50, 50, 100]);
  assert.deepEqual(lines[2]?.values, [null, null, null, null]);
});
