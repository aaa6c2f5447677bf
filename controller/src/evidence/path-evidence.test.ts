import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { TraceReport } from "@vsix/shared/contract/up-trace.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { type BuiltHop, buildFlow, buildTrace } from "@vsix/shared/paths/build-trace.ts";
import type { TraceEnd } from "@vsix/shared/paths/trace.ts";
import { NO_INTENT } from "../core/intent.ts";
import { fitToFabric } from "../desired/expected-in-force.ts";
import { type InForce, steeringOf } from "../desired/in-force.ts";
import { barredPaths, pathEvidence, withoutPaths } from "./path-evidence.ts";
import { TraceStore } from "./trace-store.ts";

const parsed = parseFabric(
  readFileSync(new URL("../../../examples/quick.yaml", import.meta.url), "utf8"),
  "quick.yaml",
);
assert.ok(parsed.ok);
const { fabric } = parsed;
const wide = fabric.nodes.find(({ name }) => name === "wide")?.loopback ?? "";
const portOf = (node: string, peer: string): string =>
  fabric.links
    .find(({ ends }) => ends.some((end) => end.node === node) && ends.some((end) => end.node === peer))
    ?.ends.find((end) => end.node === node)?.address ?? "";
const green = portOf("green-sfc", "edge-1");
const blue = portOf("blue-sfc", "edge-1");
const xe = portOf("xe-sfc", "green-sfc");

const EITHER = "[plane: blue, xe-sfc, ...], [plane: green, xe-sfc, ...]";

function inForceOf(...paths: readonly string[]): InForce {
  const text = ["version: 1", "defaults: { flows: 1, intervalS: 10 }", "paths:", ...paths].join("\n");
  const row = { revision: 1, text, file: "expected.yaml", sha256: "", author: "", note: "", at: "" };
  const expected = fitToFabric(row, fabric);
  assert.deepEqual(expected.unfit, []);
  const intent = NO_INTENT;
  const steering = steeringOf(fabric, intent);
  return { revision: 1, fabric, intent, steering, nodes: new Map(), expected, orders: expected.orders };
}

const path = (source: string, allowed: string): string =>
  `  - { source: ${source}, target: { name: wide, address: "${wide}" }, allowed: [${allowed}] }`;

function storeOf(inForce: InForce): TraceStore {
  const store = new TraceStore();
  store.setOrders(inForce.orders);
  return store;
}

/** A trace of one second that came at `atMs`. */
function told(
  store: TraceStore,
  source: string,
  atMs: number,
  hops: readonly BuiltHop[],
  end?: TraceEnd,
): void {
  const flow = buildFlow(0, hops, end === undefined ? {} : { end });
  const trace = buildTrace([flow], { source, target: "wide", targetAddress: wide });
  const report = {
    version: 1,
    node: source,
    tookMs: 1000,
    trace: structuredClone(trace) as TraceReport["trace"],
  };
  assert.equal(store.add(report as TraceReport, atMs, 1_000_000 + atMs), undefined);
}

const asked = { from: "blue", to: "green", moved: ["edge-1"] };

test("without a file, or where it says nothing of whom it concerns, there are no paths, and it is said why", () => {
  const file = inForceOf(path("edge-1", EITHER));
  const { expected: _, ...none } = file;
  assert.deepEqual(pathEvidence(storeOf(file), none, asked, { sinceMs: 0, nowMs: 0 }), []);
  assert.match(withoutPaths(none, asked), /no file of expected paths/);
  assert.match(withoutPaths(file, { ...asked, moved: [] }), /says nothing of green's routers/);
  assert.equal(withoutPaths(file, asked), "");
  const more = { ...asked, moved: ["edge-1", "noc"] };
  assert.equal(withoutPaths(file, more), "of 1 of 2 Edges that move no path is expected");
});

test("of a moved Edge only traces count that were begun since it was seen on the new plane, and that are fresh", () => {
  const inForce = inForceOf(path("edge-1", EITHER));
  const store = storeOf(inForce);
  told(store, "edge-1", 10_500, [blue, xe]);
  told(store, "edge-1", 20_000, [green, xe]);
  const look = (nowMs: number) =>
    pathEvidence(store, inForce, asked, { sinceMs: 10_000, nowMs })[0]?.looks.map(
      ({ atMs, kind, planes }) => [...[atMs, kind], ...planes],
    );
  assert.deepEqual(look(21_000), [[20_000, "as-expected", "green"]], "begun at 9,500 and amid the move");
  assert.deepEqual(look(100_000), [], "nothing has come for four cycles");
});

test("routers of the new plane count whoever is on it; those of the old one are told as others", () => {
  const inForce = inForceOf(path("green-sfc", "[xe-sfc, ...]"), path("blue-sfc", "[xe-sfc, ...]"));
  const store = storeOf(inForce);
  const nobody = { ...asked, moved: [] };
  const gone: TraceEnd = { kind: "silent", fromHop: 1 };
  told(store, "green-sfc", 5000, [blue, xe]);
  told(store, "blue-sfc", 5000, [], gone);
  const [one, ...more] = pathEvidence(store, inForce, nobody, { sinceMs: 90_000, nowMs: 10_000 });
  assert.equal(more.length, 0);
  assert.deepEqual(
    [one?.subject, one?.plane, one?.others, one?.looks.map(({ kind, planes }) => [kind, ...planes])],
    ["green-sfc to wide", "green", { asked: 1, unreachable: 1 }, [["path-changed", "blue"]]],
  );
});

test("a path that the file allows by the old plane only is found before anybody moves", () => {
  assert.deepEqual(barredPaths(inForceOf(path("edge-1", EITHER)), asked), []);
  assert.deepEqual(barredPaths(inForceOf(path("edge-1", "[...]")), asked), []);
  const only = inForceOf(path("edge-1", "[plane: blue, ...]"));
  assert.deepEqual(barredPaths(only, asked), ["edge-1 to wide"]);
  assert.deepEqual(barredPaths(only, { ...asked, moved: ["edge-2"] }), []);
});
