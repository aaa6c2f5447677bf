import assert from "node:assert/strict";
import { test } from "node:test";
import type { RolloutView } from "../status/rollout-model.ts";
import { lineOf, showEvidence, showPlan, showRollout, showRollouts } from "./show-rollout.ts";

const VIEW: RolloutView = {
  id: 3,
  dryRun: false,
  from: "blue",
  to: "green",
  stage: "step",
  step: 2,
  steps: [
    { text: "1", size: 1 },
    { text: "50%", size: 2 },
    { text: "100%", size: 4 },
  ],
  cohort: ["a", "b", "c", "d"].map((edge, i) => ({ edge, before: null, left: edge === "d", moved: i < 2 })),
  seen: true,
  ageMs: 95_000,
  stageMs: 20_000,
  leastMs: 225_000,
  paused: "ann",
  failures: 1,
  verdict: { verdict: "hold", reasons: ["b: too few samples"], ageMs: 92_000 },
  unjudged: ["expected-path: no file"],
  why: "",
  settings: {
    intervalMs: 60_000,
    rehearsalMs: 15_000,
    moveMs: 10_000,
    deadlineMs: 3_600_000,
    failureLimit: 2,
    baselineNow: false,
  },
  author: "bob",
  note: "new routers",
  createdAt: "2026-01-01T00:00:00.000Z",
  endedAt: null,
};

test("a rollout is shown with its steps, bars, the judge's word and who holds it up", () => {
  assert.deepEqual(showRollout(VIEW).split("\n"), [
    "rollout 3 from blue to green: step 2 of 3, observing",
    "  by bob: new routers; 95 s old, deadline 60 min",
    `  2 of 4 Edges on green  [${"#".repeat(15)}${".".repeat(15)}]`,
    `  1  1         1  [${"#".repeat(30)}]  done`,
    `  2  50%       2  [${"#".repeat(30)}]  step 2 of 3, observing`,
    `  3  100%      4  [${"#".repeat(15)}${".".repeat(15)}]`,
    "  paused by ann",
    "  steered by hand, no longer in it: d",
    "  judge: hold, 3 s ago",
    "    b: too few samples",
    "  not looked at: expected-path: no file",
  ]);
});

test("one line holds all that can change, and no times: the same line is no news", () => {
  const line = lineOf(VIEW);
  assert.equal(
    line,
    "step 2 of 3, observing, 2/4 on green, judge: hold (b: too few samples), failed verdicts: 1, paused by ann, 1 steered by hand",
  );
  assert.equal(lineOf({ ...VIEW, ageMs: 99_000, stageMs: 24_000 }), line);
  assert.match(
    lineOf({ ...VIEW, stage: "aborted", verdict: null, why: "aborted by ann" }),
    /^aborted, .*aborted by ann$/,
  );
});

test("a plan says who joins with which step, how long it takes, and when it goes back", () => {
  const plan = showPlan({ ...VIEW, dryRun: true });
  assert.match(plan, /^dry run: rollout 3 of 4 Edges from blue to green$/m);
  assert.match(plan, /^3 {5}100% {3}4 {6}c, d$/m);
  assert.match(plan, /takes 4 min at least: 15 s before anybody moves/);
  assert.match(plan, /goes back after 2 failed verdicts, or when it is not done in 60 min/);
  assert.match(plan, /nothing is stored/);
});

test("the list and the evidence are for people, one line each", () => {
  assert.match(showRollouts([]), /there has been no rollout yet/);
  assert.match(showRollouts([VIEW]), /^3 +blue +green +step 2 of 3, observing +2\/4 +bob/m);
  const body = { verdict: "pass", reasons: [], stage: "step", leftOut: 4 };
  const events = [
    { number: 1, at: "T1", kind: "change", who: "bob", body: { told: "created", stage: "baseline" } },
    { number: 2, at: "T2", kind: "verdict", who: "judge", body },
  ];
  const shown = showEvidence({ version: 1, rollout: VIEW, events });
  assert.match(shown, /^T1 {2}bob {2}baseline {2}created$/m);
  assert.match(shown, /^T2 {2}judge {2}step {2}pass, 4 more like it$/m);
});
