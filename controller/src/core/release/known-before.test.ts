import assert from "node:assert/strict";
import { test } from "node:test";
import { tooShortBefore } from "./known-before.ts";
import { DEFAULT_JUDGE, withChanges } from "./settings.ts";
import type { Series } from "./stats/blocks.ts";

/** Ten probes a second for so long; `answered` says at which second. */
function measured(seconds: number, answered: (second: number) => boolean = () => true): Series {
  const count = Math.round(seconds * 10);
  return {
    atMs: Array.from({ length: count }, (_, at) => 500 + at * 100),
    rttMs: Array.from({ length: count }, (_, at) => (answered(Math.floor(at / 10)) ? 20 : null)),
  };
}

const of = (series: Series, settings = DEFAULT_JUDGE): readonly string[] =>
  tooShortBefore([{ target: "edge-1 from xe-sfc", series }], settings);

test("an Edge that was measured for seven blocks of time is not moved yet, after eight it may be", () => {
  assert.deepEqual(of(measured(23.9)), [
    "user-loss of edge-1 from xe-sfc: 7 blocks of time before its move, of 8 needed",
  ]);
  assert.deepEqual(of(measured(24)), []);
  assert.equal(
    of(measured(2)).length,
    1,
    "no block is whole yet: nothing is known of its round trips at all",
  );
});

test("an Edge that nobody measures, or that never answers, will not be compared and is not waited for", () => {
  assert.deepEqual(of(measured(0)), []);
  assert.deepEqual(of(measured(60, () => false)), []);
});

test("an Edge that began to answer a moment ago is waited for, so that its round trips can be compared", () => {
  assert.deepEqual(of(measured(60, (second) => second >= 48)), [
    "user-rtt of edge-1 from xe-sfc: 4 blocks of time before its move, of 8 needed",
  ]);
});

test("what this rollout does not look at is not waited for", () => {
  const metrics = withChanges(DEFAULT_JUDGE.metrics, {
    "user-loss": { off: true },
    "user-rtt": { off: true },
  });
  assert.deepEqual(of(measured(3), { ...DEFAULT_JUDGE, metrics }), []);
});

test("of a crowd not everybody is listed", () => {
  const crowd = Array.from({ length: 20 }, (_, i) => ({
    target: `edge-${i} from xe-sfc`,
    series: measured(9),
  }));
  const said = tooShortBefore(crowd, DEFAULT_JUDGE);
  assert.equal(said.length, 4);
  assert.equal(said.at(-1), "and 17 more that move next");
});
