import assert from "node:assert/strict";
import { test } from "node:test";
import { noCounters } from "@vsix/shared/dns/counters.ts";
import { parseExposition, sampleOf } from "../../../test/controller/exposition.ts";
import { newHealth } from "../core/services/health.ts";
import { type AgentFigures, exposition } from "./figures.ts";

const session = { address: "2001:db8::1", received: 7, accepted: 5, upSince: 0 } as const;
const unknown = { plane: null, sinceMs: 0 } as const;

const FIGURES: AgentFigures = {
  node: "r1",
  version: "0.1.0",
  epoch: 3,
  generation: 9,
  converged: true,
  kinds: [
    {
      name: "route",
      desiredCount: 12,
      observedCount: 11,
      failures: new Map([["x", { reason: "no", sinceMs: 1 }]]),
    },
    { name: "sid", desiredCount: 2, observedCount: 2, failures: new Map() },
  ],
  cycles: { count: 4, broken: 1, changed: 20, seconds: 0.25 },
  sessions: [
    { ...session, neighbour: "n1", state: "established", admin: "up" },
    { ...session, neighbour: "n2", state: "active", admin: "up" },
    { ...session, neighbour: "n3", state: "established", admin: "down" },
  ],
  rib: { complete: false, size: 100, staleCount: 4 },
  feedUp: true,
  controllerUp: false,
  ports: [{ interface: "to-edge", inPackets: 31, outPackets: 17 }],
  probes: [
    { name: "edge-1", away: unknown, back: unknown, rttUs: 2500, lost: 5 },
    { name: "edge-2", away: unknown, back: unknown, rttUs: null, lost: 20 },
  ],
  health: [
    { layer: "names", state: "poor" },
    { layer: "web", state: "unknown" },
  ],
  egress: { cycles: 3, sent: 60, answered: 57, refused: 2, foreign: 4, doubtful: 1, backedOff: 5 },
  services: [
    {
      name: "resolver",
      health: { ...newHealth(true, 0), looks: 40, failed: 2 },
      forMs: 1,
      pid: 7,
      starts: 1,
    },
  ],
  delegation: {
    counters: {
      forwarded: 9,
      answered: 8,
      takenOver: 1,
      dropped: { malformed: 2, stranger: 0, "foreign-prefix": 0 },
    },
    leases: 3,
    starts: 1,
  },
  capture: { ...noCounters(), kernelDrops: 3, pairs: 8 },
  residentBytes: 64_000_000,
  cpuSeconds: 1.5,
};

test("every figure is in the exposition under its name, unit and labels", async () => {
  const samples = parseExposition(await exposition(FIGURES));
  const expected: readonly (readonly [string, Record<string, string>, number])[] = [
    ["service_working", { service: "resolver" }, 1],
    ["service_looks_total", { service: "resolver" }, 40],
    ["service_looks_failed_total", { service: "resolver" }, 2],
    ["delegation_messages_total", { fate: "forwarded" }, 9],
    ["delegation_messages_total", { fate: "malformed" }, 2],
    ["delegation_takeovers_total", {}, 1],
    ["delegation_leases", {}, 3],
    ["dns_capture_total", { event: "kernelDrops" }, 3],
    ["dns_capture_total", { event: "pairs" }, 8],
    ["info", { node: "r1", version: "0.1.0" }, 1],
    ["epoch", {}, 3],
    ["generation", {}, 9],
    ["converged", {}, 1],
    ["controller_up", {}, 0],
    ["feed_up", {}, 1],
    ["rib_complete", {}, 0],
    ["rib_paths", {}, 100],
    ["rib_paths_stale", {}, 4],
    ["reconcile_cycles_total", {}, 4],
    ["reconcile_failures_total", {}, 1],
    ["reconcile_changes_total", {}, 20],
    ["reconcile_seconds_total", {}, 0.25],
    ["process_resident_memory_bytes", {}, 64_000_000],
    ["process_cpu_seconds_total", {}, 1.5],
    ["objects_desired", { kind: "route" }, 12],
    ["objects_observed", { kind: "route" }, 11],
    ["objects_failed", { kind: "route" }, 1],
    ["objects_failed", { kind: "sid" }, 0],
    ["bgp_session_up", { neighbour: "n1" }, 1],
    ["bgp_session_up", { neighbour: "n2" }, 0],
    ["bgp_session_up", { neighbour: "n3" }, 0],
    ["bgp_session_prefixes_received", { neighbour: "n1" }, 7],
    ["bgp_session_prefixes_accepted", { neighbour: "n1" }, 5],
    ["port_packets_total", { interface: "to-edge", direction: "in" }, 31],
    ["port_packets_total", { interface: "to-edge", direction: "out" }, 17],
    ["probe_loss_ratio", { target: "edge-1" }, 0.25],
    ["probe_loss_ratio", { target: "edge-2" }, 1],
    ["probe_rtt_seconds", { target: "edge-1" }, 0.0025],
    ["egress_cycles_total", {}, 3],
    ["egress_probes_total", { outcome: "sent" }, 60],
    ["egress_probes_total", { outcome: "answered" }, 57],
    ["egress_probes_total", { outcome: "refused" }, 2],
    ["egress_foreign_total", {}, 4],
    ["egress_doubtful_total", {}, 1],
    ["egress_backed_off", {}, 5],
    ["health_layer", { layer: "names" }, 0.5],
  ];
  for (const [name, labels, value] of expected) {
    assert.equal(sampleOf(samples, `vsix_agent_${name}`, labels), value, name);
  }
  assert.ok(!samples.some(({ name, labels }) => name.includes("rtt") && labels["target"] === "edge-2"));
  assert.ok(samples.every(({ name }) => name.startsWith("vsix_agent_")));
});

test("who measures no egress peers tells no figures of them", async () => {
  assert.doesNotMatch(await exposition({ ...FIGURES, egress: undefined }), /egress/);
});

test("an exposition told again counts nothing twice", async () => {
  assert.equal(await exposition(FIGURES), await exposition(FIGURES));
});
