import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeBystander, judgeChanged, type TrialNodeView } from "./trial.ts";

const trial = { epoch: 3, generation: 7, leftMs: 1000, connection: "0123456789abcdef" };
const view = (report: TrialNodeView["report"], converged = true): TrialNodeView => ({
  name: "edge-1",
  generation: 7,
  converged,
  report,
  heardMs: 5,
});
const said = { epoch: 3, generation: 7, converged: true };
const stateOf = (report: TrialNodeView["report"], converged?: boolean): string => {
  const { state, why } = judgeChanged(view(report, converged), 3);
  return why === "" ? state : `${state}: ${why}`;
};

test("only a report on a connection opened after the change counts, and only once it has converged", () => {
  const { connection: _old, ...onTheOld } = trial;
  assert.match(stateOf(undefined), /^waiting: has not reported/);
  assert.match(stateOf({ ...said, generation: 6 }), /^waiting: has not taken/);
  assert.match(stateOf({ ...said, epoch: 2 }), /^waiting: has not taken/);
  assert.match(stateOf({ ...said, trial: onTheOld }), /^waiting: was not heard on a new connection/);
  assert.match(stateOf({ ...said, converged: false, trial }), /^waiting: has not converged/);
  assert.equal(stateOf({ ...said, converged: false, trial }, false), "ready");
  assert.equal(stateOf({ ...said, trial }), "ready");
  assert.equal(stateOf(said), "kept");
});

test("a node that went back from this very generation has lost it, from another one not", () => {
  const takenBack = { at: "", epoch: 3, generation: 7, reason: "no confirm came" };
  assert.equal(stateOf({ ...said, generation: 6, takenBack }), "lost: no confirm came");
  assert.equal(stateOf({ ...said, trial, takenBack: { ...takenBack, generation: 5 } }), "ready");
});

test("a node whose document stays must be heard after the others", () => {
  assert.equal(judgeBystander(view(undefined), undefined).state, "waiting");
  assert.equal(judgeBystander(view(undefined), 5).state, "waiting");
  assert.equal(judgeBystander(view(undefined), 4).state, "ready");
});
