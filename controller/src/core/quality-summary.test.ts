import assert from "node:assert/strict";
import { test } from "node:test";
import { summarize } from "./quality-summary.ts";

test("loss, nearest-rank percentiles and jitter are those worked out by hand", () => {
  assert.deepEqual(summarize([[100, -1, 300, 200]]), {
    sent: 4,
    lost: 1,
    lossPercent: 25,
    p50Us: 200,
    p95Us: 300,
    jitterUs: 150,
  });
});

test("the end of one series and the beginning of the next are no jitter", () => {
  assert.equal(summarize([[100, 110], [900]]).jitterUs, 10);
});

test("what was not measured has no figures instead of good ones", () => {
  assert.deepEqual(summarize([[], []]), {
    sent: 0,
    lost: 0,
    lossPercent: null,
    p50Us: null,
    p95Us: null,
    jitterUs: null,
  });
  const { lossPercent, p50Us } = summarize([[-1, -1]]);
  assert.deepEqual([lossPercent, p50Us], [100, null]);
});
