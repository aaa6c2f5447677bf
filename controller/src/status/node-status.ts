import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import type { CertificateRegistry } from "../ca/registry.ts";
import { machineWarnings } from "../core/machine-warnings.ts";
import type { InForce } from "../desired/in-force.ts";
import type { FleetState } from "../fleet/state.ts";
import { isEstablished } from "./attachment.ts";
import type { NodeStatus } from "./model.ts";
import { serviceStatus } from "./service-status.ts";
import { sessionsWith } from "./sessions.ts";

/** How every node of ours is, against what is wanted of it. */
export function nodeStatuses(
  inForce: InForce,
  fleet: FleetState,
  registry: CertificateRegistry,
  epoch: number,
  nowMs: number,
): readonly NodeStatus[] {
  return inForce.fabric.nodes
    .filter(({ name }) => inForce.nodes.has(name))
    .map((node) => nodeStatus(inForce, fleet, registry, node, epoch, nowMs));
}

/** The same of one node. */
export function nodeStatus(
  inForce: InForce,
  fleet: FleetState,
  registry: CertificateRegistry,
  node: FabricNode,
  epoch: number,
  nowMs: number,
): NodeStatus {
  const view = fleet.node(node.name);
  const report = view.report?.value;
  const certificate = registry.newest(node.name);
  const online = fleet.isOnline(node.name, nowMs);
  const wantedGeneration = inForce.nodes.get(node.name)?.generation ?? 0;
  const wantedSessions = adjacenciesOf(inForce.fabric, node.name).map(({ neighbour }) => neighbour);
  const established = new Set(
    report?.sessions.filter(({ state }) => isEstablished(state)).map(({ neighbour }) => neighbour),
  );
  const down = wantedSessions.filter((neighbour) => !established.has(neighbour));
  const service = serviceStatus(inForce.fabric, node, report);
  const why: string[] = [];
  if (!online) why.push("offline");
  if (report === undefined) {
    why.push("has not reported");
  } else {
    if (report.epoch !== epoch || report.generation !== wantedGeneration) {
      why.push(
        `holds manifest ${report.generation} of epoch ${report.epoch}, ${wantedGeneration} of epoch ${epoch} is published`,
      );
    }
    if (!report.converged) why.push("has not converged");
    if (service !== null && !service.working) why.push(`${service.kind} does not work: ${service.reason}`);
    if (down.length > 0) why.push(`BGP sessions not established: ${down.join(", ")}`);
  }
  return {
    name: node.name,
    role: node.service ?? node.role,
    site: node.site,
    plane: node.plane ?? null,
    online,
    certificate:
      certificate === undefined
        ? null
        : { state: certificate.state, serial: certificate.serial, ends: certificate.ends },
    agentVersion: view.presence?.agentVersion ?? null,
    wantedGeneration,
    generation: report?.generation ?? null,
    epoch: report?.epoch ?? null,
    converged: report?.converged ?? false,
    sessionsUp: wantedSessions.length - down.length,
    sessionsWanted: wantedSessions.length,
    bfd: wantedSessions.map((neighbour) => ({
      neighbour,
      state: (report === undefined ? undefined : sessionsWith(report, neighbour)[0]?.bfd) ?? "none",
    })),
    service,
    conditions: report?.conditions.length ?? 0,
    refused: report?.refused === undefined ? null : `${report.refused.code}: ${report.refused.reason}`,
    why,
    // What it last told of a machine that has gone since says nothing.
    warnings:
      view.machine === undefined || !online
        ? []
        : [...machineWarnings(view.machine.value, view.clockAheadMs)],
  };
}
