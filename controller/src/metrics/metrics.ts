import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { listPools } from "../access/addresses.ts";
import type { Context } from "../operations/context.ts";
import { statusOf } from "../status/status.ts";
import { AccessMetrics } from "./access-metrics.ts";
import { DnsMetrics } from "./dns-metrics.ts";
import { EnrolMetrics } from "./enrol-metrics.ts";
import { EpeMetrics } from "./epe-metrics.ts";
import { HealthMetrics } from "./health-metrics.ts";

const PREFIX = "vsix_controller_";

/** Why a request of the API was turned away before its route. */
const REFUSALS = ["unauthenticated", "forbidden", "too-many-requests"] as const;
export type Refusal = (typeof REFUSALS)[number];

export function isRefusal(code: string): code is Refusal {
  return REFUSALS.some((one) => one === code);
}

/**
 * The controller's figures in Prometheus' exposition format. What is counted is counted as it happens; what is a state is
 * asked for at each scrape, from where `vsixctl status` takes it. Labels are names of the fabric file, routes, and words
 * of our own: nothing that a node or a caller could make up.
 */
export class ControllerMetrics {
  readonly #registry = new Registry();
  readonly #requests: Counter<"method" | "route" | "status">;
  readonly #refusals: Counter<"reason">;
  /** The enrolment listener's. */
  readonly enrol: EnrolMetrics;
  /** Egress peer engineering's. */
  readonly epe: EpeMetrics;
  readonly #states: States;
  readonly #access: AccessMetrics;
  readonly #health: HealthMetrics;
  readonly #dns: DnsMetrics;

  constructor() {
    const registers = [this.#registry];
    // Twenty looks a second at the event loop are enough, and cost nothing that can be seen.
    collectDefaultMetrics({ register: this.#registry, prefix: PREFIX, eventLoopMonitoringPrecision: 50 });
    this.#requests = new Counter({
      name: `${PREFIX}api_requests_total`,
      help: "Requests of the HTTP API that were answered",
      labelNames: ["method", "route", "status"],
      registers,
    });
    this.#refusals = new Counter({
      name: `${PREFIX}api_refusals_total`,
      help: "Requests over TCP that were turned away: no good token, a scope lacking, too many",
      labelNames: ["reason"],
      registers,
    });
    for (const reason of REFUSALS) this.#refusals.inc({ reason }, 0);
    this.enrol = new EnrolMetrics(this.#registry, `${PREFIX}enrol_`);
    this.epe = new EpeMetrics(this.#registry, `${PREFIX}epe_`);
    this.#states = makeStates(this.#registry);
    this.#access = new AccessMetrics(this.#registry, PREFIX);
    this.#health = new HealthMetrics(this.#registry, `${PREFIX}health_`);
    this.#dns = new DnsMetrics(this.#registry, `${PREFIX}dns_`);
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;

  /** `route` as it was declared, not as it was asked for. */
  answered(method: string, route: string, status: number): void {
    this.#requests.inc({ method, route, status: String(status) });
  }

  refused(reason: Refusal): void {
    this.#refusals.inc({ reason });
  }

  /** The exposition, as of now. */
  async expose(context: Context): Promise<string> {
    const auditRecords = await context.store.read.counter("audit");
    observe(this.#states, context, auditRecords);
    this.#dns.observe(context.dns);
    const applications = await context.store.read.accounts.countApplications();
    this.#access.observe(await listPools(context), applications);
    this.#health.observe(context);
    this.epe.observe(context);
    return this.#registry.metrics();
  }
}

type States = ReturnType<typeof makeStates>;

function makeStates(registry: Registry) {
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> =>
    new Gauge({ name: PREFIX + name, help, labelNames, registers: [registry] });
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
    new Counter({ name: PREFIX + name, help, labelNames, registers: [registry] });
  return {
    ready: gauge("ready", "1 when everything is as it is wanted to be, and was observed to be"),
    epoch: gauge("epoch", "Incarnation of the controller"),
    revision: gauge("fabric_revision", "Revision of the fabric in force; 0 before the first"),
    nodes: gauge("nodes", "Nodes of the fabric that run an agent"),
    nodesOnline: gauge("nodes_online", "Of these, those whose lease runs"),
    online: gauge("node_online", "1 while the node's lease runs", "node"),
    converged: gauge("node_converged", "1 when the node says that a plan made now would be empty", "node"),
    wanted: gauge("node_generation_wanted", "Generation of the manifest published last", "node"),
    reported: gauge(
      "node_generation_reported",
      "Generation that the node says it holds; 0: none yet",
      "node",
    ),
    conditions: gauge("node_conditions", "Objects of the node that are not done", "node"),
    warnings: gauge("node_warnings", "1 for what of the node's machine should be seen to", "node", "warning"),
    service: gauge("service_working", "1 while the node's service answers correctly", "node", "service"),
    edgesWanted: gauge("edges_wanted", "Edges that are wanted on the plane", "plane"),
    edgesObserved: gauge("edges_observed", "Edges that every External Edge sees on it, both ways", "plane"),
    drained: gauge("plane_drained", "1 while the plane is drained", "plane"),
    auditRecords: gauge("audit_records", "Records of the audit log"),
    tokens: gauge("tokens", "API tokens that are good now"),
    messages: counter("messages_total", "Messages from nodes", "result"),
    publishes: counter("publishes_total", "Attempts to put a node's documents at the broker", "result"),
  };
}

function observe(states: States, context: Context, auditRecords: number): void {
  const status = statusOf(context);
  states.ready.set(status.ready ? 1 : 0);
  states.epoch.set(status.epoch);
  states.revision.set(status.revision ?? 0);
  states.nodes.set(status.nodes.length);
  states.nodesOnline.set(status.nodes.filter(({ online }) => online).length);
  states.auditRecords.set(auditRecords);
  states.tokens.set(context.tokens.list().filter((info) => context.tokens.isLive(info)).length);
  states.messages.reset();
  states.messages.inc({ result: "accepted" }, status.messages.accepted);
  states.messages.inc({ result: "refused" }, status.messages.refused);
  states.publishes.reset();
  for (const result of ["done", "failed"] as const) {
    states.publishes.inc({ result }, context.publisher.counts[result]);
  }
  // Nodes and planes that have left the fabric leave these too.
  const { online, converged, wanted, reported, conditions, edgesWanted, edgesObserved, drained } = states;
  const { service, warnings } = states;
  for (const one of [online, converged, wanted, reported, conditions]) one.reset();
  service.reset();
  warnings.reset();
  for (const node of status.nodes) {
    const labels = { node: node.name };
    online.set(labels, node.online ? 1 : 0);
    if (node.service !== null)
      service.set({ ...labels, service: node.service.kind }, node.service.working ? 1 : 0);
    converged.set(labels, node.converged ? 1 : 0);
    wanted.set(labels, node.wantedGeneration);
    reported.set(labels, node.generation ?? 0);
    conditions.set(labels, node.conditions);
    for (const { code } of node.warnings) warnings.set({ ...labels, warning: code }, 1);
  }
  for (const one of [edgesWanted, edgesObserved, drained]) one.reset();
  for (const plane of status.planes) {
    const labels = { plane: plane.plane };
    edgesWanted.set(labels, plane.edgesWanted);
    edgesObserved.set(labels, plane.edgesObserved);
    drained.set(labels, plane.drained ? 1 : 0);
  }
}
