import assert from "node:assert/strict";
import { test } from "node:test";
import type { Verdict } from "./question.ts";
import {
  ALL_EVENTS,
  boundDetail,
  boundReasons,
  MAX_EVENTS,
  placeVerdict,
  type VerdictBody,
} from "./record.ts";

/** Places verdicts one after another, as the store does. */
function keep(said: readonly (readonly [Verdict, string])[], events = 0): readonly VerdictBody[] {
  const kept: VerdictBody[] = [];
  said.forEach(([verdict, reason], ageMs) => {
    const body = { verdict, reasons: [reason], stage: "step" as const, step: 1, ageMs, detail: null };
    const placed = placeVerdict(body, kept.at(-1), kept.at(-2), events + kept.length);
    if (placed.replace) kept.pop();
    kept.push(placed.body);
  });
  return kept;
}

test("once there are many, of verdicts that say the same the first and the last are kept, and how many were left out", () => {
  const said: readonly (readonly [Verdict, string])[] = [
    ["pass", ""],
    ["pass", ""],
    ["pass", ""],
    ["pass", ""],
    ["hold", "17 of 20 samples"],
    ["hold", "18 of 20 samples"],
    ["hold", "19 of 20 samples"],
    ["pass", ""],
  ];
  assert.equal(keep(said).length, said.length, "before that, all of them");
  const kept = keep(said, ALL_EVENTS);
  assert.deepEqual(
    kept.map(({ verdict, ageMs, leftOut }) => [verdict, ageMs, leftOut]),
    [
      ["pass", 0, 0],
      ["pass", 3, 2],
      ["hold", 4, 0],
      ["hold", 6, 1],
      ["pass", 7, 0],
    ],
  );
});

test("a judge that never says the same twice does not fill the disk", () => {
  const said = Array.from({ length: 50 }, (_, i): [Verdict, string] => [i % 2 === 0 ? "pass" : "hold", "x"]);
  assert.equal(keep(said).length, 50);
  const kept = keep(said, MAX_EVENTS);
  assert.equal(kept.length, 1);
  assert.equal(kept[0]?.leftOut, 49);
});

test("details and reasons are bounded, and say so", () => {
  assert.deepEqual(boundDetail({ a: 1 }), { a: 1 });
  assert.equal(boundDetail(undefined), null);
  assert.match(JSON.stringify(boundDetail("x".repeat(600_000))), /"tooLarge":600002/);
  const reasons = boundReasons(Array.from({ length: 30 }, () => "y".repeat(600)));
  assert.equal(reasons.length, 21);
  assert.equal(reasons[0]?.length, 500);
  assert.equal(reasons.at(-1), "and 10 more");
});
