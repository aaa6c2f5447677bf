import assert from "node:assert/strict";
import { test } from "node:test";
import type { PathEvidence, PathLook } from "./evidence.ts";
import { judge } from "./judge.ts";
import { DEFAULT_JUDGE } from "./settings.ts";
import { type MetricVerdict, NO_HISTORY, type Verdict } from "./verdict.ts";

/** The judge of paths alone. */
function look(paths: readonly PathEvidence[] = []): Verdict {
  const metrics = DEFAULT_JUDGE.metrics.filter(({ kind }) => kind === "path");
  assert.equal(metrics.length, 1);
  const evidence = { fromMs: 0, toMs: 60_000, targets: [], users: [], facts: [], counts: [], paths };
  return judge(evidence, { ...DEFAULT_JUDGE, metrics }, NO_HISTORY);
}

function only({ metrics }: Verdict): MetricVerdict {
  const [metric] = metrics;
  assert.ok(metric !== undefined);
  return metric;
}

const green = (kind: PathLook["kind"], words = "", planes = ["green"]): PathLook => ({
  ...{ atMs: 0, kind, planes, words },
});

const lookAtPaths = (looks: readonly PathLook[], others = { asked: 0, unreachable: 0 }): Verdict =>
  look([{ subject: "edge-1 to wide", plane: "green", looks, others }]);

test("no expected path is absent and no reason to hold; one that was not seen holds", () => {
  assert.equal(only(look()).result, "absent");
  assert.equal(look().result, "pass");
  for (const looks of [[], [green("not-measured", "not measured: no route")]]) {
    const verdict = lookAtPaths(looks);
    assert.equal(verdict.result, "hold");
    assert.match(verdict.why[0] ?? "", /^expected-path of edge-1 to wide: (no trace of it|not measured)/);
  }
});

test("an expected path fails when two traces in a row are wrong, and the newest decides that it is well", () => {
  const [well, wrong] = [green("as-expected"), green("path-changed", "at hop 2 x answers")];
  assert.equal(lookAtPaths([well, wrong]).result, "hold");
  assert.equal(lookAtPaths([wrong, wrong, well]).result, "pass");
  assert.equal(lookAtPaths([wrong, green("not-measured"), well]).result, "pass");
  // One that could not be made neither adds to a row nor ends it.
  const verdict = lookAtPaths([well, wrong, green("not-measured"), green("destination-unreachable")]);
  assert.equal(verdict.result, "fail");
  const [subject] = only(verdict).subjects;
  assert.ok(subject?.arithmetic?.test === "path");
  assert.deepEqual([subject.arithmetic.wrongInARow, subject.arithmetic.needed], [2, 2]);
  assert.equal(subject.arithmetic.looks.length, 4);
});

test("a path that leaves the new plane is wrong although the file allows it; what is silent, slow or lossy is not", () => {
  const strayed = green("as-expected", "as expected", ["blue", "green"]);
  const verdict = lookAtPaths([strayed, strayed]);
  assert.equal(verdict.result, "fail");
  assert.match(verdict.why[0] ?? "", /it leaves green for blue/);
  for (const kind of ["lossy-or-slow", "hop-silent", "hop-rate-limiting"] as const)
    assert.equal(lookAtPaths([green(kind), green(kind)]).result, "pass", kind);
});

test("a target that nobody reaches by the old plane either holds; one that somebody reaches fails", () => {
  const gone = green("destination-unreachable", "nothing answers from hop 2 on", []);
  assert.equal(lookAtPaths([gone, gone], { asked: 2, unreachable: 2 }).result, "hold");
  assert.equal(lookAtPaths([gone, gone], { asked: 2, unreachable: 1 }).result, "fail");
  assert.equal(lookAtPaths([gone, gone]).result, "fail");
});
