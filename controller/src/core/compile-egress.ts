import {
  type EgressAdmission,
  type EgressMeasure,
  type EgressPart,
  MAX_COUNTED_DESTINATIONS,
} from "@vsix/shared/contract/part-egress.ts";
import { type EgressPeer, egressPeersOf } from "@vsix/shared/fabric/egress-peers.ts";
import type { FabricEpe } from "@vsix/shared/fabric/epe-model.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import type { Adjacency } from "@vsix/shared/fabric/query.ts";
import type { EpeInForce } from "./epe/in-force.ts";
import { proberEdges, proberPort } from "./epe/prober-port.ts";

/** Between two questions for the routes of peers, at least. */
const LOOKUP_EVERY_MS = 10_000;
/** Octets of the outer header, RFC 8200 section 3; one SID needs no SRH (RFC 8986 section 5.2). */
const OUTER_HEADER = 40;

/**
 * What a node measures and asks of egress peers: those that the policy names measure, External Edges tell routes, plane routers let
 * Edges' probes in and count what Edges send to each destination. Nothing of it while it is off.
 */
export function compileEgress(
  fabric: Fabric,
  node: FabricNode,
  epe: EpeInForce | undefined,
): EgressPart | undefined {
  const policy = fabric.epe;
  if (policy === undefined || epe === undefined) return undefined;
  const measure = compileMeasure(fabric, policy, node, epe);
  const admit = admissions(fabric, policy, node);
  const count = counted(policy, node, epe);
  const part = {
    ...(measure === undefined ? {} : { measure }),
    ...(admit.length === 0 ? {} : { admit }),
    ...(count.length === 0 ? {} : { count }),
  };
  if (node.role !== "external-edge") return Object.keys(part).length === 0 ? undefined : part;
  const { cycleS } = policy.measure;
  return {
    ...part,
    lookups: {
      everyMs: Math.max(cycleS * 1000, LOOKUP_EVERY_MS),
      addresses: epe.destinations.map(({ address }) => address),
    },
    holdMs: policy.decide.stableS * 1000,
  };
}

function compileMeasure(
  fabric: Fabric,
  { measure }: FabricEpe,
  node: FabricNode,
  { destinations }: EpeInForce,
): EgressMeasure | undefined {
  if (!measure.from.includes(node.name)) return undefined;
  const { cycleS, from: _from, ...numbers } = measure;
  const port = node.role === "edge" ? proberPort(fabric, node) : undefined;
  if (node.role === "edge" && port === undefined) return undefined;
  return {
    ...numbers,
    // A full probe that this Edge's own link does not carry would say nothing of the peer.
    ...(port !== undefined && port.link.mtu < numbers.fullSize + OUTER_HEADER ? { fullSize: 0 } : {}),
    cycleMs: cycleS * 1000,
    peers: egressPeersOf(fabric).flatMap((peer) => measuredPeer(fabric, node, peer, port)),
    destinations: destinations.map(({ address, protocol, port }) => ({
      address,
      protocol,
      ...(port === undefined ? {} : { port }),
    })),
  };
}

/**
 * From inside a plane by that plane's own locator; an External Edge's own peers by its port, others' by the first plane; from an Edge by
 * the plane behind the port that its probes leave by, whatever its routes say.
 */
function measuredPeer(
  fabric: Fabric,
  node: FabricNode,
  peer: EgressPeer,
  port: Adjacency | undefined,
): EgressMeasure["peers"] {
  if (peer.via.name === node.name)
    return [{ name: peer.name, interface: peer.port.interface, nextHop: peer.nextHop }];
  const plane = port?.peer.plane ?? node.plane ?? fabric.planes.find(({ name }) => peer.sids.has(name))?.name;
  const sid = peer.sids.get(plane ?? "");
  if (sid === undefined) return [];
  const way = port === undefined ? {} : { interface: port.self.interface, nextHop: port.far.address };
  return [{ name: peer.name, segments: [sid], ...way }];
}

/** Of the Edges that measure those whose probes come in here. */
function admissions(fabric: Fabric, { measure }: FabricEpe, node: FabricNode): EgressAdmission[] {
  if (node.role !== "plane") return [];
  const sids = egressPeersOf(fabric).flatMap(({ sids }) => sids.get(node.plane ?? "") ?? []);
  if (sids.length === 0) return [];
  return proberEdges(fabric, measure.from).flatMap((edge): EgressAdmission[] => {
    const port = proberPort(fabric, edge);
    if (port?.peer.name !== node.name) return [];
    const { maxPacketsPerS } = measure;
    return [{ interface: port.far.interface, source: edge.loopback, sids, maxPacketsPerS }];
  });
}

/**
 * Of the destinations, those named first. Where rules make classes of traffic nothing is counted: a prefix's whole traffic is no
 * class's own, and would be taken for what each of them moves.
 */
function counted({ rules }: FabricEpe, { role }: FabricNode, { destinations }: EpeInForce): string[] {
  if (role !== "plane" || rules.length > 0) return [];
  return destinations.slice(0, MAX_COUNTED_DESTINATIONS).map(({ prefix }) => prefix);
}
