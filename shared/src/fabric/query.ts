import { VsixError } from "../errors/vsix-error.ts";
import type { Fabric, FabricLink, FabricNode, LinkEnd } from "./model.ts";

/** Questions that everybody asks of a fabric. */

/** One link as one of its ends sees it. */
export interface Adjacency {
  readonly link: FabricLink;
  readonly self: LinkEnd;
  readonly far: LinkEnd;
  readonly peer: FabricNode;
  /** 0, or 1, 2, … for the second, third … parallel link of the same two nodes. */
  readonly ordinal: number;
  /** The peer's name; `PEER.2` … on parallel links, so that every neighbour of a node has a name of its own. */
  readonly neighbour: string;
}

export function findNode(fabric: Fabric, name: string): FabricNode | undefined {
  return fabric.nodes.find((node) => node.name === name);
}

/** Throws VsixError `unknown-node`. */
export function getNode(fabric: Fabric, name: string): FabricNode {
  const node = findNode(fabric, name);
  if (node === undefined)
    throw new VsixError("unknown-node", `no node ${JSON.stringify(name)} in fabric ${fabric.name}`);
  return node;
}

/** The links of one node, in file order. */
export function adjacenciesOf(fabric: Fabric, name: string): readonly Adjacency[] {
  const found: Adjacency[] = [];
  const counts = new Map<string, number>();
  for (const link of fabric.links) {
    const [a, b] = link.ends;
    if (a.node !== name && b.node !== name) continue;
    const [self, far] = a.node === name ? [a, b] : [b, a];
    const ordinal = counts.get(far.node) ?? 0;
    counts.set(far.node, ordinal + 1);
    const neighbour = ordinal === 0 ? far.node : `${far.node}.${ordinal + 1}`;
    found.push({ link, self, far, peer: getNode(fabric, far.node), ordinal, neighbour });
  }
  return found;
}

export function edgesOf(fabric: Fabric): readonly FabricNode[] {
  return fabric.nodes.filter((node) => node.role === "edge");
}

/** Planes that a node has a link into, or is in; in plane order. */
export function planesOf(fabric: Fabric, name: string): readonly string[] {
  const reached = new Set(adjacenciesOf(fabric, name).map(({ peer }) => peer.plane));
  reached.add(findNode(fabric, name)?.plane);
  return fabric.planes.map((plane) => plane.name).filter((plane) => reached.has(plane));
}
