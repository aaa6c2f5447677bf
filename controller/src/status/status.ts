import { findNode } from "@vsix/shared/fabric/query.ts";
import { type InForce, revisionOf } from "../desired/in-force.ts";
import type { Context } from "../operations/context.ts";
import { type EdgeStatusInput, edgeStatus, edgeStatuses } from "./edge-status.ts";
import type { EdgeStatus, NodeStatus, PlaneStatus, Status } from "./model.ts";
import { nodeStatus, nodeStatuses } from "./node-status.ts";

/** The whole network in one value. */
export function statusOf(context: Context): Status {
  const { desired, lineage, brokerUrl } = context;
  const { epoch, ahead } = lineage;
  const { inForce } = desired;
  const common = { epoch, broker: brokerUrl, messages: { ...context.ingestCounts() } };
  if (inForce === undefined) {
    const none = { fabric: null, revision: null, planes: [], edges: [], nodes: [] };
    return { ready: false, why: [...ahead.map(newer), "no fabric is in force"], ...common, ...none };
  }
  const nodes = [...nodesNow(context)];
  const edges = [...edgesNow(context)];
  const why = [...ahead.map(newer), ...onTrial(context), ...missing(nodes, edges)];
  return {
    ready: why.length === 0,
    why,
    ...common,
    fabric: inForce.fabric.name,
    revision: inForce.revision,
    planes: planeStatuses(inForce, edges, nodes),
    edges,
    nodes,
  };
}

/** Every router that runs our agent; none before the first fabric. */
export function nodesNow({ desired, fleet, registry, clock, lineage }: Context): readonly NodeStatus[] {
  const { inForce } = desired;
  if (inForce === undefined) return [];
  return nodeStatuses(inForce, fleet, registry, lineage.epoch, clock.monotonicMs());
}

/** Every Edge; none before the first fabric. */
export function edgesNow(context: Context): readonly EdgeStatus[] {
  const { inForce } = context.desired;
  return inForce === undefined ? [] : edgeStatuses(edgeInput(context, inForce));
}

/** One router that runs our agent; undefined where there is none of that name. */
export function nodeNow(
  { desired: { inForce }, fleet, registry, clock, lineage }: Context,
  name: string,
): NodeStatus | undefined {
  const node = inForce?.nodes.has(name) === true ? findNode(inForce.fabric, name) : undefined;
  if (inForce === undefined || node === undefined) return undefined;
  return nodeStatus(inForce, fleet, registry, node, lineage.epoch, clock.monotonicMs());
}

/** One Edge; undefined where there is none of that name. */
export function edgeNow(context: Context, name: string): EdgeStatus | undefined {
  const { inForce } = context.desired;
  const node = inForce === undefined ? undefined : findNode(inForce.fabric, name);
  if (inForce === undefined || node?.role !== "edge") return undefined;
  return edgeStatus(edgeInput(context, inForce), node);
}

function edgeInput({ desired, fleet, clock }: Context, inForce: InForce): EdgeStatusInput {
  const wantedSinceMs = (edge: string): number => desired.wantedSinceMs(edge);
  return { inForce, fleet, nowMs: clock.monotonicMs(), wantedSinceMs };
}

function* onTrial({ trials }: Context): Generator<string> {
  const { progress } = trials;
  if (progress !== undefined && trials.running)
    yield `revision ${progress.revision} is on trial (${progress.state}); vsixctl trial shows it`;
}

function newer(reason: string): string {
  return `NEWER THAN THIS CONTROLLER KNOWS: ${reason}; nothing is published (vsixctl epoch raise)`;
}

function* missing(nodes: readonly NodeStatus[], edges: readonly EdgeStatus[]): Generator<string> {
  for (const { name, why } of nodes) {
    if (why.length > 0) yield `${name}: ${why.join("; ")}`;
  }
  for (const { edge, wanted, observed, asWanted } of edges) {
    if (asWanted) continue;
    const seen = observed.map(
      ({ externalEdge, inbound, outbound }) =>
        `${externalEdge} sees ${inbound ?? "none"}/${outbound ?? "none"}`,
    );
    yield `${edge}: wanted on ${wanted}, ${seen.join(", ") || "nobody observes it"} (inbound/outbound)`;
  }
}

function planeStatuses(
  inForce: InForce,
  edges: readonly EdgeStatus[],
  nodes: readonly NodeStatus[],
): PlaneStatus[] {
  const { fabric, intent } = inForce;
  return fabric.planes.map(({ name }) => {
    const routers = nodes.filter((node) => node.role === "plane" && node.plane === name);
    return {
      plane: name,
      revision: revisionOf(inForce, name),
      drained: intent.drained.includes(name),
      routers: routers.length,
      routersOnline: routers.filter((node) => node.online).length,
      edgesWanted: edges.filter(({ wanted }) => wanted === name).length,
      edgesObserved: edges.filter(
        ({ observed }) =>
          observed.length > 0 && observed.every((one) => one.inbound === name && one.outbound === name),
      ).length,
    };
  });
}
