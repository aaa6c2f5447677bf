import assert from "node:assert/strict";
import { test } from "node:test";
import { PlaneWatch } from "./plane-watch.ts";

const target = { name: "edge-1", address: "2001:db8:1::1" };
const only = (watch: PlaneWatch) => {
  const [first] = watch.watched();
  assert.ok(first);
  return first;
};

test("each direction shows the plane of the last answer and since when", () => {
  const watch = new PlaneWatch([target], 1000);
  watch.sent("edge-1", "away", 1, 0);
  watch.sent("edge-1", "back", 2, 0);
  assert.equal(watch.answered(1, "away", "blue", 5_000), true);
  assert.equal(watch.answered(2, "back", "green", 7_000), true);
  assert.deepEqual(only(watch), {
    name: "edge-1",
    away: { plane: "blue", sinceMs: 5 },
    back: { plane: "green", sinceMs: 7 },
    rttUs: 7_000,
    lost: 0,
  });
  watch.sent("edge-1", "away", 3, 10_000);
  assert.equal(watch.answered(3, "away", "blue", 12_000), false);
  assert.equal(only(watch).away.sinceMs, 5);
});

test("three silent probes in a row make a plane unknown, and losses are counted", () => {
  const watch = new PlaneWatch([target], 100);
  watch.sent("edge-1", "back", 1, 0);
  watch.answered(1, "back", "blue", 1);
  for (const [i, expected] of [false, false, true].entries()) {
    watch.sent("edge-1", "back", 10 + i, 1_000);
    assert.equal(watch.expire(200_000 * (i + 1)), expected);
  }
  assert.equal(only(watch).back.plane, null);
  assert.equal(only(watch).lost, 3);
});

test("answers to nothing that was asked change nothing", () => {
  const watch = new PlaneWatch([target], 100);
  assert.equal(watch.answered(99, "back", "blue", 0), false);
  watch.sent("edge-1", "away", 1, 0);
  assert.equal(watch.answered(1, "back", "blue", 0), false);
  assert.equal(only(watch).away.plane, null);
});
