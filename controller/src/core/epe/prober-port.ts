import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { type Adjacency, adjacenciesOf } from "@vsix/shared/fabric/query.ts";

/**
 * The port by which probes of an Edge leave: towards a router of the plane that it prefers in the fabric file, of its own site first.
 * Not by the plane that carries its traffic: that changes while it is steered, and figures of two planes would be compared as if they
 * were of one. Undefined where it has no such port.
 */
export function proberPort(fabric: Fabric, edge: FabricNode): Adjacency | undefined {
  const ports = adjacenciesOf(fabric, edge.name).filter(
    ({ peer }) => peer.role === "plane" && peer.plane === edge.prefers && peer.software === "vsix",
  );
  return ports.find(({ peer }) => peer.site === edge.site) ?? ports[0];
}

/** Edges among those that measure; their probes have to be let in. */
export function proberEdges(fabric: Fabric, from: readonly string[]): readonly FabricNode[] {
  return fabric.nodes.filter(({ name, role }) => role === "edge" && from.includes(name));
}
