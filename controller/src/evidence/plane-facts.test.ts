import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Counters, Observation, Report } from "@vsix/shared/contract/up.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { Evidence } from "./evidence.ts";
import { beforeOf, errorCounts, planeFacts, prefixCounts, sessionFacts } from "./plane-facts.ts";

const parsed = parseFabric(
  readFileSync(new URL("../../../examples/quick.yaml", import.meta.url), "utf8"),
  "quick.yaml",
);
assert.ok(parsed.ok);
const { fabric } = parsed;
const PLANES = { from: "blue", to: "green" };

class Said {
  readonly evidence = new Evidence();

  constructor() {
    this.evidence.setFabric(fabric);
  }

  sessions(
    atMs: number,
    node: string,
    all: Readonly<Record<string, { state?: string; accepted: number }>>,
  ): void {
    const value: Report = {
      version: 1,
      node,
      epoch: 1,
      generation: 1,
      parts: {},
      converged: true,
      objects: {},
      conditions: [],
      sessions: Object.entries(all).map(([neighbour, { state = "established", accepted }]) => ({
        neighbour,
        state,
        received: accepted,
        accepted,
      })),
    };
    this.evidence.accept({ kind: "report", value }, { atMs, replayed: false });
  }

  errors(atMs: number, node: string, rxErrors: number): void {
    const link = { interface: "to-x", peer: "x", rxErrors, txErrors: 1, rxDropped: 9, txDropped: 9 };
    const value: Counters = { version: 1, node, at: "", ports: [], links: [link] };
    this.evidence.accept({ kind: "counters", value }, { atMs, replayed: false });
  }

  sees(atMs: number, inbound: string | null, outbound: string | null): void {
    const times = { inboundSinceMs: 0, outboundSinceMs: 0, rttUs: null, lost: 0 };
    const edges = [{ edge: "edge-1", inbound, outbound, ...times }];
    const value: Observation = { version: 1, node: "xe-sfc", at: "", edges };
    this.evidence.accept({ kind: "observation", value }, { atMs, replayed: false });
  }
}

test("a session that stood before has to stand; one that did not is nobody's fault, unless a moved Edge needs it", () => {
  const said = new Said();
  said.sessions(1000, "green-sfc", {
    "xe-sfc": { accepted: 5 },
    "edge-1": { state: "active", accepted: 0 },
    noc: { accepted: 1 },
  });
  const before = beforeOf(said.evidence, fabric, ["green"], 1000);
  assert.deepEqual(before.accepted, { "green-sfc xe-sfc": 5, "green-sfc noc": 1 });
  said.sessions(2000, "green-sfc", { "xe-sfc": { state: "idle", accepted: 0 }, noc: { accepted: 1 } });
  const facts = (moved: readonly string[], nowMs: number) =>
    sessionFacts(said.evidence, fabric, { to: "green", moved, before }, nowMs).map(({ subject, ok }) => [
      subject,
      ok,
    ]);
  assert.deepEqual(facts([], 2000), [
    ["green-sfc with xe-sfc", false],
    ["green-sfc with noc", true],
  ]);
  assert.deepEqual(facts(["edge-1"], 2000)[2], ["green-sfc with edge-1", false]);
  assert.deepEqual(facts([], 60_000)[0], ["green-sfc with xe-sfc", null], "too old to be known");
});

test("prefixes that come and go on both planes are the Internet's; on one they are that plane's", () => {
  const said = new Said();
  said.sessions(1000, "green-sfc", { "xe-sfc": { accepted: 50 } });
  said.sessions(1000, "blue-sfc", { "xe-sfc": { accepted: 52 } });
  const before = beforeOf(said.evidence, fabric, ["blue", "green"], 1000);
  const counts = (nowMs: number) =>
    prefixCounts(said.evidence, fabric, { ...PLANES, before }, nowMs).map(({ subject, now, before: was }) => [
      subject,
      now,
      was,
    ]);
  said.sessions(2000, "green-sfc", { "xe-sfc": { accepted: 47 } });
  said.sessions(2000, "blue-sfc", { "xe-sfc": { accepted: 49 } });
  assert.deepEqual(counts(2000), [["green-sfc from xe-sfc", 47, 47]]);
  said.sessions(3000, "green-sfc", { "xe-sfc": { accepted: 40 } });
  assert.deepEqual(counts(3000), [["green-sfc from xe-sfc", 40, 47]]);
  said.sessions(4000, "green-sfc", { "xe-sfc": { state: "idle", accepted: 0 } });
  assert.deepEqual(counts(4000), [["green-sfc from xe-sfc", null, 47]]);
});

test("errors of ports count from before, and what was dropped on purpose does not", () => {
  const said = new Said();
  said.errors(1000, "green-sfc", 3);
  const before = beforeOf(said.evidence, fabric, ["green"], 1000);
  said.errors(2000, "green-sfc", 8);
  assert.deepEqual(errorCounts(said.evidence, fabric, { to: "green", before }, 2000), [
    { metric: "interface-errors", subject: "green-sfc", now: 9, before: 4 },
  ]);
});

test("a moved Edge is where it should be only if it is seen there both ways, and lately", () => {
  const said = new Said();
  const ok = (nowMs: number) =>
    planeFacts(said.evidence, fabric, { to: "green", moved: ["edge-1"] }, nowMs).map((fact) => fact.ok);
  assert.deepEqual(ok(0), [null]);
  said.sees(1000, "green", "blue");
  assert.deepEqual(ok(1000), [false]);
  said.sees(2000, "green", "green");
  assert.deepEqual(ok(2000), [true]);
  said.sees(3000, "green", null);
  assert.deepEqual(ok(3000), [false]);
  assert.deepEqual(ok(30_000), [null]);
});
