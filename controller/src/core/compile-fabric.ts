import type {
  FabricPart,
  Faces,
  InterfacePart,
  OverridePart,
  Role,
} from "@vsix/shared/contract/part-fabric.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { addressesOf, pointsOf } from "@vsix/shared/fabric/access-model.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { type Adjacency, adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import { egressSidIn, sidsOf } from "@vsix/shared/fabric/sids.ts";
import { formatAddress } from "@vsix/shared/net/address.ts";
import { addressAt, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { ownSpace } from "./compile-services.ts";

/** Part `fabric` of one node: interfaces, addresses, SIDs, filters, overrides. */
export function compileFabric(fabric: Fabric, node: FabricNode): FabricPart {
  const adjacencies = adjacenciesOf(fabric, node.name);
  return {
    version: 1,
    node: {
      name: node.name,
      role: managedRole(node),
      id: node.id,
      site: node.site,
      ...(node.plane === undefined ? {} : { plane: node.plane }),
      loopback: node.loopback,
    },
    loopbackAddresses: loopbackAddresses(fabric, node),
    interfaces: adjacencies.map((adjacency) => compileInterface(fabric, node, adjacency)),
    sids: [...sidsOf(fabric, node.name)],
    blackholes: blackholes(fabric, node),
    overrides: compileOverrides(fabric, node, adjacencies),
    ...planeMtu(fabric, node),
    sidBlock: fabric.addressing.sids,
  };
}

function managedRole(node: FabricNode): Role {
  if (node.role === "upstream") throw new VsixError("not-managed", `${node.name} is an upstream`);
  return node.role;
}

/** A node's loopback, on an Edge the ::1 of each of its prefixes, and what resolvers and access routers answer at, announced or not. */
function loopbackAddresses(fabric: Fabric, node: FabricNode): string[] {
  const hosts = node.prefixes.map((text) => {
    const prefix = parsePrefix(text);
    if (prefix === undefined) throw new VsixError("fabric-not-valid", `not a prefix: ${text}`);
    return formatAddress(addressAt(prefix, 1));
  });
  const anycast = node.service === "resolver" ? (fabric.services?.resolver?.anycast ?? []) : [];
  const users = pointsOf(fabric.services?.access, node).flatMap(addressesOf);
  return [...new Set([node.loopback, ...hosts, ...anycast, ...users])].map((address) => `${address}/128`);
}

function compileInterface(
  fabric: Fabric,
  node: FabricNode,
  { link, self, far, peer }: Adjacency,
): InterfacePart {
  const plane = node.plane ?? peer.plane;
  return {
    name: self.interface,
    mtu: link.mtu,
    addresses: [`${self.address}/127`],
    faces: facesOf(node, peer),
    peer: peer.name,
    peerAddress: far.address,
    ...(plane === undefined ? {} : { plane }),
    ...(peer.role === "edge" ? { sources: edgeSources(fabric, peer) } : {}),
  };
}

/** What may come in from an Edge: its prefixes, and all its links, since its ICMP errors may carry the address of another. */
function edgeSources(fabric: Fabric, edge: FabricNode): string[] {
  return [...ownSpace(fabric, edge), ...adjacenciesOf(fabric, edge.name).map(({ link }) => link.prefix)];
}

function facesOf(node: FabricNode, peer: FabricNode): Faces {
  if (peer.role === "plane") return node.role === "plane" ? "plane-internal" : "plane";
  return peer.role;
}

/** What every path through a router's plane carries, whichever it is: encapsulated packets have to fit. */
function planeMtu(fabric: Fabric, { plane }: FabricNode): Pick<FabricPart, "planeMtu"> {
  if (plane === undefined) return {};
  const members = new Set(fabric.nodes.filter((node) => node.plane === plane).map(({ name }) => name));
  const mtus = fabric.links
    .filter(({ kind }) => kind === "plane-internal" || kind === "plane-external")
    .filter(({ ends }) => ends.some(({ node }) => members.has(node)))
    .map(({ mtu }) => mtu);
  return mtus.length === 0 ? {} : { planeMtu: Math.min(...mtus) };
}

/** An External Edge swallows what is ours and unassigned; an Edge what is its own, or its users', and unused. */
function blackholes(fabric: Fabric, node: FabricNode): string[] {
  if (node.role === "external-edge") return [...fabric.prefixes];
  if (node.role !== "edge") return [];
  const pools = pointsOf(fabric.services?.access, node).flatMap((point) => [
    ...point.pools,
    ...point.wireguard.flatMap((device) => device.pools),
  ]);
  return [...node.prefixes, ...pools];
}

/** Overrides at a plane router, for the ports of the Edges they are for; each SID in this plane's own locator. */
function compileOverrides(
  fabric: Fabric,
  node: FabricNode,
  adjacencies: readonly Adjacency[],
): OverridePart[] {
  const plane = node.plane;
  if (node.role !== "plane" || plane === undefined) return [];
  return fabric.overrides.flatMap((override): OverridePart[] => {
    const interfaces = adjacencies
      .filter(({ peer }) => peer.role === "edge")
      .filter(({ peer }) => override.edges.length === 0 || override.edges.includes(peer.name))
      .map(({ self }) => self.interface);
    const sid = egressSidIn(fabric, plane, override.via, override.upstream);
    if (interfaces.length === 0 || sid === undefined) return [];
    return [{ prefix: override.prefix, segments: [sid], interfaces }];
  });
}
