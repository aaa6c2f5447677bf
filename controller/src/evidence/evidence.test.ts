import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Counters, Observation, Report } from "@vsix/shared/contract/up.ts";
import type { Quality } from "@vsix/shared/contract/up-quality.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { decodeUp } from "../fleet/ingest.ts";
import { Evidence } from "./evidence.ts";
import { History } from "./history.ts";
import { measurementsOf } from "./measurements.ts";
import { edgeSamples, planeSamples, samplesOf } from "./samples.ts";
import { WindowStore } from "./window-store.ts";

const parsed = parseFabric(
  readFileSync(new URL("../../../examples/quick.yaml", import.meta.url), "utf8"),
  "quick.yaml",
);
assert.ok(parsed.ok);
const { fabric } = parsed;
const WIDE = { name: "wide", address: "3fff:250::1" };

function quality(
  node: string,
  window: number,
  rttsUs: readonly number[],
  more: Partial<Quality> = {},
): Quality {
  const lost = rttsUs.filter((rtt) => rtt < 0).length;
  const target = { ...WIDE, sent: rttsUs.length, lost, unsent: 0, late: 0, rttsUs: [...rttsUs] };
  return {
    version: 1,
    node,
    instance: "a",
    window,
    startMs: 0,
    ageMs: 2000,
    lengthMs: 1000,
    intervalMs: 100,
    measured: 1,
    targets: [target],
    ...more,
  };
}

const ten = Array.from({ length: 10 }, (_, i) => 1000 + i);

test("only windows wholly inside the span count, on the controller's own clock", () => {
  const store = new WindowStore();
  for (let i = 1; i <= 10; i++) store.add(quality("blue-sfc", i, [i]), i * 1000 + 2000);
  const { rttsUs } = samplesOf(store, "blue-sfc", WIDE, { fromMs: 2500, toMs: 6500 });
  assert.deepEqual(rttsUs, [3, 4, 5]);
});

test("a span is complete when all that was due has come, and says how much of it is missing", () => {
  const store = new WindowStore();
  for (let i = 1; i <= 10; i++) if (i % 2 === 0) store.add(quality("blue-sfc", i, ten), i * 1000 + 2000);
  for (let i = 1; i <= 10; i++) store.add(quality("green-sfc", i, ten), i * 1000 + 2000);
  const span = { fromMs: 900, toMs: 11_100 };
  assert.equal(samplesOf(store, "green-sfc", WIDE, span).complete, 1);
  assert.ok(samplesOf(store, "blue-sfc", WIDE, span).complete < 0.6);
  assert.equal(samplesOf(store, "xe-sfc", WIDE, span).complete, 0);
});

test("a window told twice counts once, and a restarted agent may count from one again", () => {
  const store = new WindowStore();
  assert.ok(store.add(quality("blue-sfc", 7, ten), 3000));
  assert.ok(!store.add(quality("blue-sfc", 7, ten), 3000));
  assert.ok(!store.add(quality("blue-sfc", 6, ten), 3500));
  assert.ok(store.add(quality("blue-sfc", 1, ten, { instance: "b" }), 9000));
});

test("samples of a host that had the target's name before are not this target's", () => {
  const store = new WindowStore();
  store.add(quality("blue-sfc", 1, ten), 3000);
  const other = { name: "wide", address: "3fff:250::2" };
  assert.equal(samplesOf(store, "blue-sfc", other, { fromMs: 0, toMs: 10_000 }).sent, 0);
});

test("a node keeps ten minutes, so many windows and so many samples, and pushes out nobody else's", () => {
  const store = new WindowStore({ keepMs: 60_000, maxWindows: 30, maxSamples: 1000 });
  store.add(quality("green-sfc", 1, ten), 2000);
  for (let i = 1; i <= 500; i++) store.add(quality("blue-sfc", i, ten), 2000);
  assert.equal(store.windows("blue-sfc", 0, 10_000).length, 30);
  for (let i = 501; i <= 600; i++) store.add(quality("blue-sfc", i, Array(64).fill(1)), 2000);
  assert.equal(store.windows("blue-sfc", 0, 10_000).length, 13);
  store.add(quality("blue-sfc", 601, ten), 100_000);
  assert.equal(store.windows("blue-sfc", 0, 200_000).length, 1);
  assert.equal(store.windows("green-sfc", 0, 10_000).length, 1);
});

test("every router of a plane is asked for, and Edges are what External Edges measured", () => {
  const evidence = new Evidence();
  evidence.setFabric(fabric);
  const arrival = { atMs: 3000, replayed: false };
  evidence.accept({ kind: "quality", value: quality("blue-sfc", 1, [1, -1]) }, arrival);
  const edge = {
    name: "edge-1",
    address: "2001:db8:1::1",
    sent: 1,
    lost: 0,
    unsent: 0,
    late: 0,
    rttsUs: [9],
  };
  evidence.accept({ kind: "quality", value: quality("xe-sfc", 1, [], { targets: [edge] }) }, arrival);
  const span = { fromMs: 0, toMs: 10_000 };
  assert.deepEqual(
    planeSamples(evidence.quality, fabric, "blue", WIDE, span).map(({ node, lost }) => [node, lost]),
    [["blue-sfc", 1]],
  );
  assert.deepEqual(
    edgeSamples(evidence.quality, fabric, "edge-1", span).map(({ node, rttsUs }) => [node, rttsUs]),
    [["xe-sfc", [9]]],
  );
  const { planes, edges } = measurementsOf(evidence.quality, fabric, span);
  assert.deepEqual(
    planes.map(({ plane, target, lossPercent }) => [plane, target, lossPercent]),
    [
      ["blue", "wide", 50],
      ["green", "wide", null],
    ],
  );
  assert.deepEqual(
    edges.map(({ target, node, p50Us }) => [target, node, p50Us]),
    [
      ["edge-1", "xe-sfc", 9],
      ["noc", "xe-sfc", null],
    ],
  );
});

test("a replayed measurement and one of a node in no fabric are not taken", () => {
  const evidence = new Evidence();
  evidence.setFabric(fabric);
  evidence.accept({ kind: "quality", value: quality("blue-sfc", 1, ten) }, { atMs: 3000, replayed: true });
  evidence.accept({ kind: "quality", value: quality("stranger", 1, ten) }, { atMs: 3000, replayed: false });
  assert.equal(evidence.quality.windows("blue-sfc", 0, 10_000).length, 0);
  assert.equal(evidence.quality.windows("stranger", 0, 10_000).length, 0);
});

test("sessions, errors and planes of before can be compared with those of now", () => {
  const evidence = new Evidence();
  evidence.setFabric(fabric);
  const report = (accepted: number): Report => ({
    version: 1,
    node: "blue-sfc",
    epoch: 1,
    generation: 1,
    parts: {},
    converged: true,
    objects: {},
    conditions: [],
    sessions: [{ neighbour: "xe-sfc", state: "established", received: accepted, accepted }],
  });
  const counters = (rxErrors: number): Counters => ({
    version: 1,
    node: "blue-sfc",
    at: "",
    ports: [],
    links: [{ interface: "to-xe-sfc", peer: "xe-sfc", rxErrors, txErrors: 0, rxDropped: 0, txDropped: 0 }],
  });
  const observation = (inbound: string, edge = "edge-1"): Observation => ({
    version: 1,
    node: "xe-sfc",
    at: "",
    edges: [{ edge, inbound, outbound: null, inboundSinceMs: 0, outboundSinceMs: 0, rttUs: null, lost: 0 }],
  });
  for (const [atMs, accepted, errors, plane] of [
    [1000, 5, 0, "blue"],
    [2000, 5, 0, "blue"],
    [3000, 4, 2, "green"],
  ] as const) {
    const arrival = { atMs, replayed: false };
    evidence.accept({ kind: "report", value: report(accepted) }, arrival);
    evidence.accept({ kind: "counters", value: counters(errors) }, arrival);
    evidence.accept({ kind: "observation", value: observation(plane) }, arrival);
    evidence.accept({ kind: "observation", value: observation(plane, "nobody") }, arrival);
  }
  const sessions = evidence.sessions("blue-sfc");
  assert.equal(sessions?.at(2500)?.value.get("xe-sfc")?.accepted, 5);
  assert.equal(sessions?.at(3500)?.value.get("xe-sfc")?.accepted, 4);
  assert.equal(sessions?.at(500), undefined);
  assert.deepEqual(
    sessions?.between(2500, 3500).map(({ atMs }) => atMs),
    [1000, 3000],
  );
  assert.equal(evidence.errors("blue-sfc")?.at(3500)?.value.get("to-xe-sfc")?.rxErrors, 2);
  assert.equal(evidence.planes("xe-sfc", "edge-1")?.at(2500)?.value.inbound, "blue");
  assert.equal(evidence.planes("xe-sfc", "edge-1")?.at(3500)?.value.inbound, "green");
  assert.equal(evidence.planes("xe-sfc", "nobody"), undefined);
  evidence.setFabric({ ...fabric, nodes: fabric.nodes.filter(({ name }) => name !== "blue-sfc") });
  assert.equal(evidence.sessions("blue-sfc"), undefined);
});

test("a history keeps what was so at the beginning of its time, and no more than it may", () => {
  const history = new History<number>({
    keepMs: 1000,
    maxCost: 20,
    costOf: () => 1,
    same: (a, b) => a === b,
  });
  history.add(1, 0);
  history.add(2, 100);
  history.add(2, 2000);
  assert.equal(history.heardAtMs, 2000);
  assert.deepEqual(history.between(0, 2000), [{ value: 2, atMs: 100 }]);
  for (let i = 0; i < 100; i++) history.add(i, 2000 + i);
  assert.equal(history.between(0, 10_000).length, 20);
  assert.equal(history.at(2099)?.value, 99);
});

test("a message of a shape that nobody agreed on is refused before it gets here", () => {
  const decode = (value: object): boolean =>
    decodeUp("vsix/v1/blue-sfc/quality", Buffer.from(JSON.stringify(value))).ok;
  const good = quality("blue-sfc", 1, ten);
  assert.ok(decode(good));
  assert.ok(!decode({ ...good, targets: [{ ...good.targets[0], rttsUs: Array(65).fill(1) }] }));
  assert.ok(!decode({ ...good, targets: [{ ...good.targets[0], rttsUs: [1_000_001] }] }));
  assert.ok(!decode({ ...good, ageMs: -1 }));
  assert.ok(!decode({ ...good, node: "green-sfc" }));
});
