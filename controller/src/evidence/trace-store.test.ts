import assert from "node:assert/strict";
import { test } from "node:test";
import type { TraceReport } from "@vsix/shared/contract/up-trace.ts";
import { buildFlow, buildTrace, TARGET } from "@vsix/shared/paths/build-trace.ts";
import type { TraceOrders } from "../core/compile-traces.ts";
import { TraceStore } from "./trace-store.ts";

const order = (name: string, flows = 20) => ({
  name,
  address: TARGET,
  protocol: "icmp6" as const,
  flows,
  intervalMs: 10_000,
});
const ORDERS: TraceOrders = new Map([
  ["edge-1", [order("far"), order("near")]],
  ["edge-2", [order("far")]],
]);

function report(source: string, target: string, flows = 1): TraceReport {
  const built = Array.from({ length: flows }, (_, i) => buildFlow(i, ["2001:db8::1"]));
  const trace = buildTrace(built, { source, target });
  return { version: 1, node: source, tookMs: 1500, trace: structuredClone(trace) as TraceReport["trace"] };
}

function storeOf(limits?: { readonly keep: number; readonly maxCost: number }): TraceStore {
  const store = new TraceStore(limits);
  store.setOrders(ORDERS);
  return store;
}

test("the newest traces of each path are kept, with the controller's own time", () => {
  const store = storeOf();
  for (let i = 1; i <= 5; i++) assert.equal(store.add(report("edge-1", "far"), i, 1_000_000 + i), undefined);
  assert.deepEqual(
    store.traces("edge-1", "far").map(({ atMs, trace }) => [atMs, trace.startedAt, trace.endedAt]),
    [3, 4, 5].map((i) => [i, 998_500 + i, 1_000_000 + i]),
  );
  assert.deepEqual(
    store.newest().map(({ trace }) => [trace.source, trace.target]),
    [["edge-1", "far"]],
  );
  store.add(report("edge-1", "near"), 6, 0);
  store.add(report("edge-2", "far"), 7, 0);
  assert.deepEqual(
    store.newest({ target: "far" }).map(({ trace, atMs }) => [trace.source, atMs]),
    [
      ["edge-1", 5],
      ["edge-2", 7],
    ],
  );
  assert.equal(store.newest({ source: "edge-1" }).length, 2);
});

test("what nobody ordered is not taken, and forgotten once nobody orders it any more", () => {
  const store = storeOf();
  const elsewhere = report("edge-1", "far");
  assert.equal(
    store.add({ ...elsewhere, trace: { ...elsewhere.trace, targetAddress: "2001:db8::9" } }, 1, 1),
    "not-ordered",
  );
  assert.equal(store.add(report("edge-2", "near"), 1, 1), "not-ordered");
  assert.equal(store.add(report("edge-1", "far"), 1, 1), undefined);
  store.setOrders(new Map([["edge-1", [order("near")]]]));
  assert.deepEqual(store.newest(), []);
});

test("a node that says much pushes out its own oldest traces and no other's", () => {
  const store = storeOf({ keep: 3, maxCost: 40 });
  store.add(report("edge-2", "far"), 1, 1);
  store.add(report("edge-1", "near"), 2, 2);
  store.add(report("edge-1", "far", 5), 3, 3);
  assert.deepEqual(store.traces("edge-1", "near"), []);
  assert.equal(store.traces("edge-1", "far").length, 1);
  assert.equal(store.traces("edge-2", "far").length, 1);
  store.add(report("edge-1", "far", 20), 4, 4);
  assert.deepEqual(
    store.traces("edge-1", "far").map(({ atMs }) => atMs),
    [4],
  );
});

test("a trace with more flows or answers than its order can bring is not taken", () => {
  const store = new TraceStore();
  store.setOrders(new Map([["edge-1", [order("far", 2)]]]));
  assert.equal(store.add(report("edge-1", "far", 3), 1, 1), "too-many-answers");
  const hops = Array.from({ length: 60 }, (_, i) =>
    Array.from({ length: 5 }, (__, j) => `2001:db8:${i}::${j}`),
  );
  const trace = buildTrace([buildFlow(0, hops)], { source: "edge-1", target: "far" });
  const large = { ...report("edge-1", "far"), trace: structuredClone(trace) as TraceReport["trace"] };
  assert.equal(store.add(large, 1, 1), "too-many-answers");
  assert.deepEqual(store.newest(), []);
  assert.equal(store.add(report("edge-1", "far", 2), 1, 1), undefined);
});

test("a node that traces at every opportunity is heard as often as a path that changes all the time, and no oftener", () => {
  const store = storeOf();
  const taken = (target: string, fromMs: number, toMs: number, everyMs: number): number => {
    let count = 0;
    for (let atMs = fromMs; atMs < toMs; atMs += everyMs)
      if (store.add(report("edge-1", target), atMs, atMs) === undefined) count++;
    return count;
  };
  // Twice in each interval, and in bursts of two every five seconds, as agents do at most.
  assert.equal(taken("far", 0, 60_000, 5_000) + taken("far", 60_000, 120_000, 2_500), 12 + 24);
  // A hundred a second.
  const flood = taken("far", 120_000, 180_000, 10);
  assert.ok(flood >= 30 && flood <= 36, `${flood}`);
  assert.equal(store.add(report("edge-1", "far"), 179_995, 179_995), "too-often");
  assert.equal(store.add(report("edge-1", "near"), 180_000, 180_000), undefined);
});

test("whoever listens hears each trace that was taken, until he has enough", () => {
  const store = storeOf();
  const heard: string[] = [];
  const stop = store.onTrace(({ trace }) => heard.push(`${trace.source} ${trace.target}`));
  store.add(report("edge-1", "far"), 1, 1);
  store.add(report("edge-2", "near"), 1, 1);
  stop();
  store.add(report("edge-1", "near"), 1, 1);
  assert.deepEqual(heard, ["edge-1 far"]);
});
