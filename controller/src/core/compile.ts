import type { BgpPart } from "@vsix/shared/contract/part-bgp.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import type { ProbesPart } from "@vsix/shared/contract/part-probes.ts";
import type { SteeringPart } from "@vsix/shared/contract/part-steering.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf, edgesOf, getNode } from "@vsix/shared/fabric/query.ts";
import { compileBgp } from "./compile-bgp.ts";
import { compileFabric } from "./compile-fabric.ts";
import type { Intent } from "./intent.ts";
import { effectiveSteering } from "./steering.ts";

/** Everything one node is told, by part name. A part that a role does not need is absent. */
export interface NodeParts {
  readonly fabric: FabricPart;
  readonly bgp: BgpPart;
  readonly steering?: SteeringPart;
  readonly probes?: ProbesPart;
}

/** Names of the nodes that run our agent, in file order. */
export function managedNodes(fabric: Fabric): readonly string[] {
  return fabric.nodes.filter((node) => node.software === "vsix").map((node) => node.name);
}

/**
 * What one node should be: a pure function of fabric and intent. Whether the intent is wise has been asked before
 * (effectiveSteering), so here it is carried out as it is. Throws VsixError `unknown-node` or `not-managed`.
 */
export function compileNode(fabric: Fabric, intent: Intent, nodeName: string): NodeParts {
  const node = getNode(fabric, nodeName);
  if (node.software !== "vsix") {
    throw new VsixError("not-managed", `${nodeName} runs ${node.software}; it is not ours to configure`);
  }
  const parts = { fabric: compileFabric(fabric, node), bgp: compileBgp(fabric, node) };
  if (node.role === "plane")
    return { ...parts, steering: compileSteering(fabric, intent, node.name, node.plane ?? "") };
  return { ...parts, probes: compileProbes(fabric, node.role) };
}

/** Every managed node's parts. */
export function compileAll(fabric: Fabric, intent: Intent): ReadonlyMap<string, NodeParts> {
  return new Map(managedNodes(fabric).map((name) => [name, compileNode(fabric, intent, name)]));
}

/** One entry for each neighbour of kind `edge`, under the neighbour's name. */
function compileSteering(fabric: Fabric, intent: Intent, router: string, plane: string): SteeringPart {
  const steering = effectiveSteering(fabric, intent, { force: true });
  const meds = new Map(steering.ok ? steering.edges.map((edge) => [edge.edge, edge.meds[plane]]) : []);
  const edges = adjacenciesOf(fabric, router)
    .filter(({ peer }) => peer.role === "edge")
    .map(({ peer, neighbour }) => ({ name: neighbour, med: meds.get(peer.name) ?? fabric.policy.med.other }));
  return { version: 1, edges };
}

/** External Edges watch every Edge; Edges watch what is outside. */
function compileProbes(fabric: Fabric, role: "external-edge" | "edge" | "upstream"): ProbesPart {
  const watched =
    role === "external-edge"
      ? edgesOf(fabric)
      : fabric.nodes.filter((node) => node.role === "external-edge" || node.role === "upstream");
  const hops = fabric.nodes
    .filter((node) => node.role === "plane" || node.role === "external-edge")
    .flatMap((node) =>
      [node.loopback, ...adjacenciesOf(fabric, node.name).map(({ self }) => self.address)].map((address) => ({
        address,
        node: node.name,
        ...(node.plane === undefined ? {} : { plane: node.plane }),
      })),
    );
  return {
    version: 1,
    ...fabric.policy.probe,
    targets: watched.map((node) => ({
      name: node.name,
      address: node.loopback,
      kind: role === "external-edge" ? "edge" : "outside",
    })),
    hops,
  };
}
