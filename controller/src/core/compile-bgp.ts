import type { BgpPart, NeighbourKind, NeighbourPart, OriginatePart } from "@vsix/shared/contract/part-bgp.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { type Adjacency, adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import { ownSpace, serviceRoutes } from "./compile-services.ts";

/** Part `bgp` of one node: its whole speaker, in words no engine owns. */
export function compileBgp(fabric: Fabric, node: FabricNode): BgpPart {
  const inside = node.role === "plane" || node.role === "external-edge";
  const members = [fabric.externalAs, ...fabric.planes.map((plane) => plane.memberAs)];
  return {
    version: 1,
    asn: node.asn,
    routerId: node.routerId,
    // Every member is named, our own too (RFC 5065 section 4 compares against the whole list).
    ...(inside ? { confederation: { identifier: fabric.as, members } } : {}),
    as: fabric.as,
    originate: originated(fabric, node),
    neighbours: adjacenciesOf(fabric, node.name).map((adjacency) =>
      compileNeighbour(fabric, node, adjacency),
    ),
    ownPrefixes: [...fabric.prefixes],
    bogons: [...fabric.policy.bogons],
    meds: [...new Set(Object.values(fabric.policy.med))].sort((a, b) => a - b),
  };
}

function compileNeighbour(fabric: Fabric, node: FabricNode, adjacency: Adjacency): NeighbourPart {
  const { link, self, far, peer, neighbour } = adjacency;
  const kind = neighbourKind(node, peer);
  const plane = node.plane ?? peer.plane;
  const { policy } = fabric;
  return {
    name: neighbour,
    kind,
    address: far.address,
    localAddress: self.address,
    interface: self.interface,
    // An Edge sees one AS whichever plane it talks to.
    asn: kind === "backbone" ? fabric.as : peer.asn,
    ...(peer.role === "upstream" ? {} : { id: peer.id }),
    ...(plane === undefined ? {} : { plane }),
    ...(kind === "plane-internal" ? { cost: link.cost } : {}),
    ...(kind === "edge" ? { accept: [...ownSpace(fabric, peer)], table: peer.table ?? "default" } : {}),
    maxPrefixes:
      kind === "edge"
        ? policy.maxPrefixes.edge
        : kind === "upstream"
          ? policy.maxPrefixes.upstream
          : policy.maxPrefixes.plane,
    holdS: policy.holdS,
    gracefulRestartS: policy.gracefulRestartS,
    ...(link.bfd === undefined ? {} : { bfd: { ...link.bfd } }),
  };
}

function neighbourKind(node: FabricNode, peer: FabricNode): NeighbourKind {
  if (node.role === "plane") {
    if (peer.role === "plane") return "plane-internal";
    if (peer.role === "external-edge" || peer.role === "edge") return peer.role;
  }
  if (node.role === "external-edge" && (peer.role === "plane" || peer.role === "upstream")) return peer.role;
  if (node.role === "edge" && peer.role === "plane") return "backbone";
  throw new VsixError(
    "fabric-not-valid",
    `${node.name} (${node.role}) cannot speak BGP with ${peer.name} (${peer.role})`,
  );
}

function originated(fabric: Fabric, node: FabricNode): OriginatePart[] {
  const loopback: OriginatePart = { prefix: `${node.loopback}/128`, class: "infrastructure" };
  const locators = node.locators.map(
    ({ prefix, plane }): OriginatePart => ({ prefix, class: "infrastructure", plane }),
  );
  switch (node.role) {
    case "plane":
      return [loopback, ...locators];
    case "external-edge":
      return [
        loopback,
        ...locators,
        { prefix: "::/0", class: "default" },
        ...fabric.prefixes.map((prefix): OriginatePart => ({ prefix, class: "aggregate" })),
      ];
    default:
      return [
        ...node.prefixes.map((prefix): OriginatePart => ({ prefix, class: "edge" })),
        ...serviceRoutes(fabric, node),
      ];
  }
}
