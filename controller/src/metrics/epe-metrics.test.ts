import assert from "node:assert/strict";
import { test } from "node:test";
import type { Egress } from "@vsix/shared/contract/up-egress.ts";
import { Registry } from "prom-client";
import { newMemory } from "../core/epe/memory.ts";
import type { Context } from "../operations/context.ts";
import { EpeMetrics } from "./epe-metrics.ts";

const QUIET = {
  desired: { inForce: undefined },
  clock: { monotonicMs: () => 5_000 },
  fleet: { node: () => ({}) },
  epe: { last: undefined, memory: undefined, evidence: undefined, fault: undefined },
};

async function exposed(context: object, feed: (metrics: EpeMetrics) => void = () => {}): Promise<string> {
  const registry = new Registry();
  const metrics = new EpeMetrics(registry, "epe_");
  feed(metrics);
  metrics.observe(context as Context);
  return registry.metrics();
}

test("while nobody has switched it on the figures say off, and nothing else", async () => {
  const text = await exposed(QUIET);
  assert.match(text, /^epe_mode\{mode="off"\} 1$/m);
  assert.match(text, /^epe_moves_total 0$/m);
  assert.match(text, /^epe_decision_age_seconds Nan$/m);
  assert.doesNotMatch(text, /epe_overrides\{/);
});

test("probes, decisions, overrides by peer, bad paths and accounts are what they were told to be", async () => {
  const cell = { peer: 0, sent: 5, lost: 2, unsent: 1, rttsUs: [] };
  const rows = [{ address: "3fff::1", cells: [cell, { ...cell, lost: 0 }] }];
  const decision = {
    peer: "xe/a",
    codes: ["chosen", "no-data", "no-data"],
    comparisons: [{}, undefined, undefined],
  };
  const memory = {
    ...newMemory("enforce"),
    bad: new Map([["longer-as-path 3fff::/32 xe/a", { sinceMs: 0 }]]),
    accounts: { ...newMemory("enforce").accounts, moves: 7, takenBack: 1 },
  };
  const report = { value: { conditions: [{ object: "overrides", state: "error", reason: "missing" }] } };
  const context = {
    ...QUIET,
    desired: {
      inForce: {
        fabric: { nodes: [{ name: "blue", role: "plane" }] },
        epe: { mode: "enforce", destinations: [1, 2], overrides: [{ peer: "xe/a" }, { peer: "xe/a" }] },
      },
    },
    fleet: { node: () => ({ report }) },
    epe: {
      ...QUIET.epe,
      memory,
      evidence: { counts: new Map([["previous-run", 3]]) },
      last: {
        atMs: 2_000,
        policy: { peers: [{ name: "xe/a" }, { name: "xe/b" }] },
        outcome: { decisions: [decision], loads: [{ peer: "xe/b", mbps: 2.5 }] },
      },
    },
  };
  const text = await exposed(context, (metrics) => {
    metrics.measured({ node: "xe", rows } as unknown as Egress);
    metrics.decided(42);
  });
  for (const line of [
    'epe_mode{mode="enforce"} 1',
    "epe_destinations 2",
    'epe_overrides{peer="xe/a"} 2',
    'epe_overrides{peer="xe/b"} 0',
    "epe_overrides_wanted 1",
    "epe_candidates 1",
    'epe_verdicts{code="no-data"} 2',
    'epe_bad_paths{kind="longer-as-path"} 1',
    'epe_bad_paths{kind="inflated-rtt"} 0',
    'epe_peer_load_bits_per_second{peer="xe/b"} 2500000',
    'epe_alarms{node="blue"} 1',
    "epe_decision_age_seconds 3",
    "epe_moves_total 7",
    "epe_moves_taken_back_total 1",
    'epe_messages_total{result="previous-run"} 3',
    'epe_probes_total{node="xe",outcome="answered"} 8',
    'epe_probes_total{node="xe",outcome="lost"} 2',
    'epe_probes_total{node="xe",outcome="unsent"} 2',
    "epe_decision_seconds_count 1",
    'epe_decision_seconds_bucket{le="0.05"} 1',
    'epe_decision_seconds_bucket{le="0.02"} 0',
  ])
    assert.ok(text.split("\n").includes(line), `${line} is not in\n${text}`);
});
