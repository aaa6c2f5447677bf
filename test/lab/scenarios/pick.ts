import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { LabError } from "../lab-error.ts";

/** Choosing nodes of any fabric, so that a scenario runs on other files than its own. Each throws LabError. */

function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new LabError("lab/scenario", `this fabric has no ${what}`);
  return value;
}

/** The first Edge that runs our agent and is not the controller's. */
export function ownEdge(fabric: Fabric): FabricNode {
  return need(
    fabric.nodes.find((n) => n.role === "edge" && n.software === "vsix" && !n.controller),
    "Edge with an agent",
  );
}

/** The first Edge that somebody else's BIRD runs. */
export function birdEdge(fabric: Fabric): FabricNode {
  return need(
    fabric.nodes.find((n) => n.role === "edge" && n.software === "bird"),
    "Edge of software bird",
  );
}

/** Every Edge but the controller's. */
export function customerEdges(fabric: Fabric): readonly FabricNode[] {
  return fabric.nodes.filter((n) => n.role === "edge" && !n.controller);
}

/** An Edge with an agent at a site without an External Edge, so that its traffic crosses its plane; else any. */
export function remoteEdge(fabric: Fabric): FabricNode {
  const near = new Set(fabric.nodes.filter((n) => n.role === "external-edge").map((n) => n.site));
  const far = fabric.nodes.find(
    (n) => n.role === "edge" && n.software === "vsix" && !n.controller && !near.has(n.site),
  );
  return far ?? ownEdge(fabric);
}

/** The first upstream that an External Edge is a neighbour of. */
export function anUpstream(fabric: Fabric): FabricNode {
  const near = new Set(
    fabric.links.filter((l) => l.kind === "upstream").flatMap((l) => l.ends.map((end) => end.node)),
  );
  return need(
    fabric.nodes.find((n) => n.role === "upstream" && near.has(n.name)),
    "upstream",
  );
}

/** The plane an Edge is on by default, and the other. */
export function planesOf(fabric: Fabric, edge: FabricNode): { readonly home: string; readonly away: string } {
  const home = edge.prefers ?? need(fabric.planes[0], "plane").name;
  return {
    home,
    away: need(
      fabric.planes.find((p) => p.name !== home),
      "second plane",
    ).name,
  };
}

export function controllerNodeName(fabric: Fabric): string {
  return need(
    fabric.nodes.find((n) => n.controller),
    "controller",
  ).name;
}
