import assert from "node:assert/strict";
import { test } from "node:test";
import { isStep, monotonicUs, readClocks } from "./clock-pair.ts";

test("clocks that run on together are no step, one that is set is, either way", () => {
  const before = { monotonicUs: 1e9, realtimeNs: 1_767_225_600_000_000_000n };
  const later = (wallUs: number) => ({
    monotonicUs: before.monotonicUs + 200_000,
    realtimeNs: before.realtimeNs + BigInt(Math.round(wallUs * 1000)),
  });
  assert.equal(isStep(before, later(200_000)), false);
  assert.equal(isStep(before, later(200_100)), false, "slewed by 500 ppm");
  for (const wallUs of [-3.6e9, 0, 195_000, 205_000, 3.6e9])
    assert.equal(isStep(before, later(wallUs)), true);
});

test("both clocks are read at one moment, and the monotonic one is that of process.hrtime", () => {
  const [s, ns] = process.hrtime();
  const first = readClocks();
  const second = readClocks();
  assert.ok(first.monotonicUs >= s * 1e6 + ns / 1e3 - 1 && first.monotonicUs <= monotonicUs());
  assert.ok(second.monotonicUs > first.monotonicUs && second.realtimeNs > first.realtimeNs);
});
