import { VsixError } from "../errors/vsix-error.ts";
import type { Fabric, FabricLink, FabricNode, LinkEnd } from "./model.ts";
import { pairKey } from "./plan.ts";

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
  return indexOf(fabric).nodes.get(name);
}

/** Throws VsixError `unknown-node`. */
export function getNode(fabric: Fabric, name: string): FabricNode {
  const node = findNode(fabric, name);
  if (node === undefined) {
    throw new VsixError("unknown-node", `no node ${JSON.stringify(name)} in fabric ${fabric.name}`);
  }
  return node;
}

/** The links of one node, in file order. */
export function adjacenciesOf(fabric: Fabric, name: string): readonly Adjacency[] {
  return indexOf(fabric).adjacencies.get(name) ?? [];
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

interface FabricIndex {
  readonly nodes: ReadonlyMap<string, FabricNode>;
  readonly adjacencies: ReadonlyMap<string, readonly Adjacency[]>;
}

/** A fabric never changes, so what is looked up in it is worked out once. */
const indexes = new WeakMap<Fabric, FabricIndex>();

function indexOf(fabric: Fabric): FabricIndex {
  let index = indexes.get(fabric);
  if (index === undefined) {
    index = makeIndex(fabric);
    indexes.set(fabric, index);
  }
  return index;
}

function makeIndex(fabric: Fabric): FabricIndex {
  const nodes = new Map(fabric.nodes.map((node) => [node.name, node]));
  const adjacencies = new Map<string, Adjacency[]>(fabric.nodes.map((node) => [node.name, []]));
  const counts = new Map<string, number>();
  for (const link of fabric.links) {
    const [a, b] = link.ends;
    const key = pairKey(a.node, b.node);
    const ordinal = counts.get(key) ?? 0;
    counts.set(key, ordinal + 1);
    for (const [self, far] of [
      [a, b],
      [b, a],
    ] as const) {
      const peer = nodes.get(far.node);
      if (peer === undefined)
        throw new VsixError("unknown-node", `link ${link.name} names no node of ${fabric.name}`);
      const neighbour = ordinal === 0 ? far.node : `${far.node}.${ordinal + 1}`;
      adjacencies.get(self.node)?.push({ link, self, far, peer, ordinal, neighbour });
    }
  }
  return { nodes, adjacencies };
}
