import assert from "node:assert/strict";
import { test } from "node:test";
import type { TraceReport } from "@vsix/shared/contract/up-trace.ts";
import { buildFlow, buildTrace, TARGET } from "@vsix/shared/paths/build-trace.ts";
import type { TraceOrders } from "../core/compile-traces.ts";
import { TraceStore } from "./trace-store.ts";

const order = (name: string) => ({
  name,
  address: TARGET,
  protocol: "icmp6" as const,
  flows: 1,
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
  for (let i = 1; i <= 5; i++) assert.ok(store.add(report("edge-1", "far"), i, 1_000_000 + i));
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
    false,
  );
  assert.equal(store.add(report("edge-2", "near"), 1, 1), false);
  assert.ok(store.add(report("edge-1", "far"), 1, 1));
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
