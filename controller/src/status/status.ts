import { type InForce, revisionOf } from "../desired/in-force.ts";
import type { Context } from "../operations/context.ts";
import { edgeStatuses } from "./edge-status.ts";
import type { EdgeStatus, NodeStatus, PlaneStatus, Status } from "./model.ts";
import { nodeStatuses } from "./node-status.ts";

/** The whole network in one value. */
export function statusOf(context: Context): Status {
  const { desired, fleet, registry, clock, lineage, brokerUrl } = context;
  const { epoch, ahead } = lineage;
  const { inForce } = desired;
  const nowMs = clock.monotonicMs();
  const common = { epoch, broker: brokerUrl, messages: { ...context.ingestCounts() } };
  if (inForce === undefined) {
    const none = { fabric: null, revision: null, planes: [], edges: [], nodes: [] };
    return { ready: false, why: [...ahead.map(newer), "no fabric is in force"], ...common, ...none };
  }
  const nodes = [...nodeStatuses(inForce, fleet, registry, epoch, nowMs)];
  const edges = [
    ...edgeStatuses({ inForce, fleet, nowMs, wantedSinceMs: (edge) => desired.wantedSinceMs(edge) }),
  ];
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
