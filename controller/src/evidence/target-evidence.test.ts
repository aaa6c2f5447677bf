import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Quality } from "@vsix/shared/contract/up-quality.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { DEFAULT_JUDGE } from "../core/release/settings.ts";
import { seriesOf } from "./series.ts";
import { baselinesOf, targetEvidence, unmovedEvidence, userEvidence } from "./target-evidence.ts";
import { WindowStore } from "./window-store.ts";

const parsed = parseFabric(
  readFileSync(new URL("../../../examples/quick.yaml", import.meta.url), "utf8"),
  "quick.yaml",
);
assert.ok(parsed.ok);
const { fabric } = parsed;
const WIDE = { name: "wide", address: "3fff:250::1" };
const EDGE = { name: "edge-1", address: "2001:db8:1::1" };
const PLANES = { from: "blue", to: "green" };
const NAME = "green-sfc and blue-sfc to wide";

/** Window `n` is the n-th second; ten echoes of which the first is lost every fifth second. */
function measured(node: string, target: typeof WIDE, rttUs: number, seconds: number): readonly Quality[] {
  return Array.from({ length: seconds }, (_, s) => {
    const rttsUs = Array.from({ length: 10 }, (_unused, i) => (i === 0 && s % 5 === 0 ? -1 : rttUs + i));
    const lost = rttsUs.filter((rtt) => rtt < 0).length;
    return {
      version: 1,
      node,
      instance: "a",
      window: s + 1,
      startMs: 0,
      ageMs: 2000,
      lengthMs: 1000,
      intervalMs: 100,
      measured: 1,
      targets: [{ ...target, sent: 10, lost, unsent: 0, late: 0, rttsUs }],
    };
  });
}

function storeOf(...all: readonly (readonly Quality[])[]): WindowStore {
  const store = new WindowStore();
  for (const windows of all) for (const one of windows) store.add(one, one.window * 1000 + 1000);
  return store;
}

test("each echo has its time and its round trip in milliseconds, a lost one has none", () => {
  const store = storeOf(measured("green-sfc", WIDE, 2000, 3));
  const { atMs, rttMs } = seriesOf(store, "green-sfc", WIDE, { fromMs: 0, toMs: 10_000 });
  assert.deepEqual([atMs[0], atMs[1], atMs[10], atMs.length], [0, 100, 1000, 30]);
  assert.deepEqual([rttMs[0], rttMs[1], rttMs[10]], [null, 2.001, 2]);
  assert.equal(seriesOf(store, "blue-sfc", WIDE, { fromMs: 0, toMs: 10_000 }).atMs.length, 0);
});

test("the planes' routers of a site are compared over each target; a plane that said nothing has an empty side", () => {
  const store = storeOf(measured("green-sfc", WIDE, 2000, 60), measured("blue-sfc", WIDE, 1000, 60));
  const span = { fromMs: 0, toMs: 60_000 };
  const baselines = baselinesOf(store, fabric, PLANES, span, DEFAULT_JUDGE);
  assert.ok(Math.abs((baselines[NAME]?.candidate.rttMs ?? 0) - 2) < 0.01);
  assert.ok(Math.abs((baselines[NAME]?.reference.rttMs ?? 0) - 1) < 0.01);
  const [evidence, ...more] = targetEvidence(store, fabric, { ...PLANES, baselines }, span);
  assert.deepEqual(more, []);
  assert.equal(evidence?.target, NAME);
  assert.deepEqual([evidence.candidate.atMs.length, evidence.reference.atMs.length], [600, 600]);
  assert.deepEqual(evidence.baseline, baselines[NAME]);
  const alone = storeOf(measured("blue-sfc", WIDE, 1000, 60));
  const [half] = targetEvidence(alone, fabric, { ...PLANES, baselines: {} }, span);
  assert.deepEqual([half?.candidate.atMs.length, half?.reference.atMs.length], [0, 600]);
  assert.deepEqual(baselinesOf(alone, fabric, PLANES, span, DEFAULT_JUDGE), {});
});

test("a moved Edge is compared with itself before its move; where that is no longer known it is left out", () => {
  const store = storeOf(measured("xe-sfc", EDGE, 500, 90));
  const span = { fromMs: 60_000, toMs: 90_000 };
  const [user] = userEvidence(store, fabric, [{ edge: "edge-1", before: { fromMs: 0, toMs: 60_000 } }], span);
  assert.equal(user?.target, "edge-1 from xe-sfc");
  assert.deepEqual([user.candidate.atMs.length, user.reference.atMs.length], [300, 600]);
  const gone = [{ edge: "edge-1", before: { fromMs: -60_000, toMs: 0 } }];
  assert.deepEqual(userEvidence(store, fabric, gone, span), []);
});

test("an Edge that has not been moved is there with what each External Edge measured of it so far", () => {
  const store = storeOf(measured("xe-sfc", EDGE, 500, 20));
  const [one, ...more] = unmovedEvidence(store, fabric, ["edge-1"], { fromMs: -40_000, toMs: 20_000 });
  assert.deepEqual(more, []);
  assert.deepEqual([one?.target, one?.series.atMs.length], ["edge-1 from xe-sfc", 200]);
  assert.deepEqual(unmovedEvidence(store, fabric, ["nobody"], { fromMs: 0, toMs: 20_000 }), []);
});
