import assert from "node:assert/strict";
import { test } from "node:test";
import type { Decision, EpeOutcome } from "../core/epe/decision.ts";
import { type EpeMemory, newMemory, rowKey } from "../core/epe/memory.ts";
import { type EpeEventBody, eventsOf } from "./events.ts";

const [NODE, CLASS, PREFIX] = ["blue-kote", "default", "3fff:510::/32"];

function decision(change: Partial<Decision>): Decision {
  return {
    ...{ node: NODE, className: CLASS, prefix: PREFIX, address: "3fff:510::1", action: "bgp" },
    ...{ rule: "bgp-best", peer: undefined, bgp: "xe-sfc/beta", vantage: undefined, sinceMs: undefined },
    ...{ comparison: undefined, codes: [], comparisons: [], peers: () => [] },
    ...change,
  } as Decision;
}

function memoryWith(peer: string | undefined): EpeMemory {
  if (peer === undefined) return newMemory("enforce");
  const override = {
    ...{ peer, reason: "gain" as const, sinceMs: 0, from: "xe-sfc/beta", gainMs: 5, checked: true },
    ...{ dataMs: 0, countedMs: 0 },
  };
  const rows = new Map([[rowKey(NODE, CLASS, PREFIX), { override, changedMs: 0, failures: {} }]]);
  return { ...newMemory("enforce"), rows };
}

function ends(one: Decision, before: EpeMemory): unknown {
  const outcome = { decisions: [one], events: [] } as unknown as EpeOutcome;
  const [event] = eventsOf(outcome, { at: "2026-01-01T00:00:00Z", fullSize: 1500, done: true, before });
  const body = JSON.parse(event?.body ?? "null") as EpeEventBody;
  return body.kind === "move" || body.kind === "revert" ? [body.kind, body.from, body.to] : body;
}

test("a move says what traffic left by before, BGP's choice or another override, and a take-back what it is taken from", () => {
  const move = decision({ action: "move", rule: "gain", peer: "xe-sfc/wide" });
  assert.deepEqual(ends(move, memoryWith(undefined)), ["move", "xe-sfc/beta", "xe-sfc/wide"]);
  assert.deepEqual(ends(move, memoryWith("xe-kote/near")), ["move", "xe-kote/near", "xe-sfc/wide"]);
  const revert = decision({ action: "revert", rule: "gain-gone" });
  assert.deepEqual(ends(revert, memoryWith("xe-sfc/wide")), ["revert", "xe-sfc/wide", "xe-sfc/beta"]);
});
