import assert from "node:assert/strict";
import { test } from "node:test";
import type { Decision } from "./decision.ts";
import { codeOf, NO_TIME } from "./evidence/time-code.ts";
import { type CycleView, FLAG, tell } from "./evidence/view.ts";
import { proberFigures } from "./probers.ts";

const decision = (node: string, vantage: string | undefined): Decision => ({
  node,
  className: "default",
  prefix: "3fff:510::/32",
  address: "3fff:510::1",
  action: "bgp",
  rule: "bgp-best",
  peer: undefined,
  bgp: undefined,
  vantage,
  sinceMs: undefined,
  comparison: undefined,
  codes: [],
  comparisons: [],
  peers: () => [],
});

/** One destination by peers a and b: a is asked and answers in `rttMs`, b never was asked. */
const viewOf = (rttMs: number, beganMs: number): CycleView => ({
  cycles: [{ slot: 0, beganMs }],
  slots: 1,
  peers: ["a", "b"],
  rowOf: (address) => (address === "3fff:510::1" ? 0 : undefined),
  rtts: Uint16Array.of(codeOf(rttMs), NO_TIME),
  jitters: Uint16Array.of(codeOf(0.5), NO_TIME),
  told: Uint16Array.of(tell(5, 1, FLAG.arrived), 0),
  cyclesOf: Uint16Array.of(1, 0),
  sentOf: Uint16Array.of(5, 0),
  lostOf: Uint16Array.of(1, 0),
  fullsOf: Uint16Array.of(1, 0),
  fullsLostOf: Uint16Array.of(0, 0),
  timesOf: Uint16Array.of(1, 0),
  straysOf: Uint16Array.of(0, 0),
  toldNow: Uint16Array.of(tell(5, 1, FLAG.arrived), 0),
  hopLimits: new Uint8Array(2),
});

test("every node that measures is told of, with its own figures, and with those whose decisions count on it", () => {
  const views = new Map([
    ["noc", viewOf(20, 1000)],
    ["blue-1", viewOf(10, 3000)],
  ]);
  const found = proberFigures({
    from: ["noc", "blue-1", "blue-2"],
    peers: ["b", "a"],
    address: "3fff:510::1",
    decisions: [decision("blue-1", "blue-1"), decision("blue-3", "blue-1"), decision("blue-9", undefined)],
    evidence: { cycles: (node) => views.get(node) },
    numbers: { cycles: 12 },
    nowMs: 4000,
  });
  const a = { peer: "a", jitterMs: 0.5, cycles: 1, sent: 5, lost: 1, full: "arrives" };
  assert.deepEqual(found, [
    { node: "noc", agoMs: 3000, decides: [], peers: [{ ...a, rttMs: 20 }] },
    { node: "blue-1", agoMs: 1000, decides: ["blue-1", "blue-3"], peers: [{ ...a, rttMs: 10 }] },
    { node: "blue-2", agoMs: undefined, decides: [], peers: [] },
  ]);
});
