import type { Health } from "@vsix/shared/contract/up-health.ts";
import type { CaptureCounters } from "@vsix/shared/dns/counters.ts";
import type { RelayCounters } from "../core/delegation/relay.ts";
import { HISTORY, type Watched } from "../core/plane-watch.ts";
import type { Managed } from "../loop/managed-kind.ts";
import type { CycleFigures } from "../loop/reconciler.ts";
import type { ServiceState } from "../loop/service-lane.ts";
import type { SessionState } from "../resources/bgp/engine.ts";
import type { PortCounters } from "../sensors/counters.ts";
import type { EgressFigures } from "../sensors/egress-prober.ts";

/**
 * What the agent says of itself in figures, as of now. Every name in it comes from the signed document or from this
 * program: nothing that a neighbour tells becomes a label.
 */
export interface AgentFigures {
  readonly node: string;
  readonly version: string;
  readonly epoch: number;
  readonly generation: number;
  readonly converged: boolean;
  readonly kinds: readonly Pick<Managed, "name" | "desiredCount" | "observedCount" | "failures">[];
  readonly cycles: CycleFigures;
  /** Those of the document's neighbours. */
  readonly sessions: readonly SessionState[];
  readonly rib: { readonly complete: boolean; readonly size: number; readonly staleCount: number };
  readonly feedUp: boolean;
  readonly controllerUp: boolean;
  readonly ports: readonly PortCounters[];
  readonly probes: readonly Watched[];
  /** Undefined where no egress peers are measured. */
  readonly egress: EgressFigures | undefined;
  /** Empty where the node has none. */
  readonly services: readonly ServiceState[];
  /** Undefined where no prefixes are told by DHCPv6. */
  readonly delegation: DelegationFigures | undefined;
  /** Of the newest run; undefined where none was made. */
  readonly health: Health["layers"] | undefined;
  /** Of captured DNS, as of the last segment; undefined where none is captured. */
  readonly capture: CaptureCounters | undefined;
  readonly residentBytes: number;
  readonly cpuSeconds: number;
}

export interface DelegationFigures {
  readonly counters: RelayCounters;
  /** Tunnels in which somebody has a prefix by DHCPv6. */
  readonly leases: number;
  /** Of Kea. */
  readonly starts: number;
}

const PREFIX = "vsix_agent_";

/** Prometheus' text exposition format. The library is loaded at the first call: who is never scraped never pays for it. */
export async function exposition(figures: AgentFigures): Promise<string> {
  // CommonJS: bundled, it has no other export when it is imported late.
  const { default: prometheus } = await import("prom-client");
  const registry = new prometheus.Registry();
  const registers = [registry];
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new prometheus.Gauge({ name: PREFIX + name, help, labelNames, registers });
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new prometheus.Counter({ name: PREFIX + name, help, labelNames, registers });
  const { node, version } = figures;
  gauge("info", "Always 1", "node", "version").set({ node, version }, 1);
  gauge("epoch", "Epoch of the manifest in force; 0: none").set(figures.epoch);
  gauge("generation", "Generation of the manifest in force; 0: none").set(figures.generation);
  gauge("converged", "1 when a plan made now would be empty").set(Number(figures.converged));
  gauge("controller_up", "1 while the broker is connected").set(Number(figures.controllerUp));
  gauge("feed_up", "1 while the engine's best paths come in").set(Number(figures.feedUp));
  gauge("rib_complete", "1 when what BGP says is known to be all").set(Number(figures.rib.complete));
  gauge("rib_paths", "Best paths known").set(figures.rib.size);
  gauge("rib_paths_stale", "Best paths kept from before a session was lost").set(figures.rib.staleCount);
  counter("reconcile_cycles_total", "Reconcile cycles").inc(figures.cycles.count);
  counter("reconcile_failures_total", "Reconcile cycles that broke off").inc(figures.cycles.broken);
  counter("reconcile_seconds_total", "Time spent in reconcile cycles").inc(figures.cycles.seconds);
  counter("reconcile_changes_total", "Objects created, replaced or deleted").inc(figures.cycles.changed);
  gauge("process_resident_memory_bytes", "Resident memory").set(figures.residentBytes);
  counter("process_cpu_seconds_total", "Processor time, user and system").inc(figures.cpuSeconds);

  const desired = gauge("objects_desired", "Objects that should be in the kernel", "kind");
  const observed = gauge("objects_observed", "Objects of ours that are in the kernel", "kind");
  const failed = gauge("objects_failed", "Objects whose last change failed", "kind");
  for (const { name: kind, desiredCount, observedCount, failures } of figures.kinds) {
    desired.set({ kind }, desiredCount);
    observed.set({ kind }, observedCount);
    failed.set({ kind }, failures.size);
  }
  const up = gauge("bgp_session_up", "1 while the session is established", "neighbour");
  const received = gauge("bgp_session_prefixes_received", "Prefixes received", "neighbour");
  const accepted = gauge("bgp_session_prefixes_accepted", "Prefixes accepted", "neighbour");
  for (const { neighbour, admin, state, ...prefixes } of figures.sessions) {
    up.set({ neighbour }, Number(admin === "up" && state === "established"));
    received.set({ neighbour }, prefixes.received);
    accepted.set({ neighbour }, prefixes.accepted);
  }
  const packets = counter(
    "port_packets_total",
    "Packets forwarded through a port that faces an Edge; in: from the Edge",
    "interface",
    "direction",
  );
  for (const port of figures.ports) {
    packets.inc({ interface: port.interface, direction: "in" }, port.inPackets);
    packets.inc({ interface: port.interface, direction: "out" }, port.outPackets);
  }
  const loss = gauge("probe_loss_ratio", `Of the last ${HISTORY} probes`, "target");
  const rtt = gauge("probe_rtt_seconds", "Of the last probe that was answered", "target");
  for (const { name: target, lost, rttUs } of figures.probes) {
    loss.set({ target }, lost / HISTORY);
    if (rttUs !== null) rtt.set({ target }, rttUs / 1e6);
  }
  const layers = figures.health?.filter(({ state }) => state !== "unknown") ?? [];
  if (layers.length > 0) {
    const health = gauge("health_layer", "1 good, 0.5 poor, 0 bad, by the newest run", "layer");
    for (const { layer, state } of layers)
      health.set({ layer }, state === "good" ? 1 : state === "poor" ? 0.5 : 0);
  }
  const { egress } = figures;
  if (egress !== undefined) {
    counter("egress_cycles_total", "Cycles of egress probes").inc(egress.cycles);
    const probes = counter(
      "egress_probes_total",
      "Egress probes; refused: by this node's own kernel",
      "outcome",
    );
    for (const outcome of ["sent", "answered", "refused"] as const) probes.inc({ outcome }, egress[outcome]);
    counter("egress_foreign_total", "Answers to no probe of this node").inc(egress.foreign);
    counter("egress_doubtful_total", "Times that answers may have been lost here").inc(egress.doubtful);
    gauge("egress_backed_off", "Destinations asked less than wanted").set(egress.backedOff);
  }
  if (figures.services.length > 0) {
    const works = gauge("service_working", "1 while it answers correctly and is announced", "service");
    const looks = counter("service_looks_total", "Times that it was asked", "service");
    const bad = counter("service_looks_failed_total", "Times that its answers were not right", "service");
    const starts = counter("service_starts_total", "Times that its program was started", "service");
    for (const { name: service, health, starts: count } of figures.services) {
      works.set({ service }, Number(health.working));
      looks.inc({ service }, health.looks);
      bad.inc({ service }, health.failed);
      starts.inc({ service }, count);
    }
  }
  if (figures.delegation !== undefined) {
    const { counters, leases, starts } = figures.delegation;
    const { forwarded, answered, takenOver, dropped } = counters;
    const messages = counter("delegation_messages_total", "DHCPv6 messages at the relay of tunnels", "fate");
    for (const [fate, n] of Object.entries({ forwarded, answered, ...dropped })) messages.inc({ fate }, n);
    counter("delegation_takeovers_total", "Leases ended for another router in the same tunnel").inc(
      takenOver,
    );
    counter("delegation_starts_total", "Times that Kea was started").inc(starts);
    gauge("delegation_leases", "Tunnels in which a prefix was told and is still valid").set(leases);
  }
  if (figures.capture !== undefined) {
    const events = counter(
      "dns_capture_total",
      "What the DNS capture counted, as of its last segment",
      "event",
    );
    for (const [event, n] of Object.entries(figures.capture)) events.inc({ event }, n);
  }
  return registry.metrics();
}
