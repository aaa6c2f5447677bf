import type { AdvertisePart } from "@vsix/shared/contract/part-advertise.ts";
import type { BgpPart } from "@vsix/shared/contract/part-bgp.ts";
import type { CapturePart } from "@vsix/shared/contract/part-capture.ts";
import type { EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import type { HealthPart } from "@vsix/shared/contract/part-health.ts";
import type { ProbesPart } from "@vsix/shared/contract/part-probes.ts";
import type { ServicesPart } from "@vsix/shared/contract/part-services.ts";
import type { SteeringPart } from "@vsix/shared/contract/part-steering.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf, edgesOf, getNode } from "@vsix/shared/fabric/query.ts";
import { compileAdvertise } from "./compile-advertise.ts";
import { compileBgp } from "./compile-bgp.ts";
import { compileCapture } from "./compile-capture.ts";
import { compileEgress } from "./compile-egress.ts";
import { compileEpe } from "./compile-epe.ts";
import { compileFabric } from "./compile-fabric.ts";
import { compileHealth } from "./compile-health.ts";
import { compileMeasure } from "./compile-measure.ts";
import { compileServices } from "./compile-services.ts";
import { compileTraces, NO_ORDERS, type TraceOrders } from "./compile-traces.ts";
import type { EpeInForce } from "./epe/in-force.ts";
import type { Intent } from "./intent.ts";
import { effectiveSteering, wantedPlane } from "./steering.ts";

/** Everything one node is told, by part name. A part that a role does not need is absent. */
export interface NodeParts {
  readonly fabric: FabricPart;
  readonly bgp: BgpPart;
  readonly steering?: SteeringPart;
  readonly probes?: ProbesPart;
  readonly epe?: EpePart;
  readonly services?: ServicesPart;
  readonly health?: HealthPart;
  readonly capture?: CapturePart;
  readonly advertise?: AdvertisePart;
}

/** Names of the nodes that run our agent, in file order. */
export function managedNodes(fabric: Fabric): readonly string[] {
  return fabric.nodes.filter((node) => node.software === "vsix").map((node) => node.name);
}

/**
 * What one node should be: a pure function of fabric, intent and what is to be traced. Whether the intent is wise has been asked before
 * (effectiveSteering), so here it is carried out as it is. Throws VsixError `unknown-node` or `not-managed`.
 */
export function compileNode(
  fabric: Fabric,
  intent: Intent,
  nodeName: string,
  orders: TraceOrders = NO_ORDERS,
  epe?: EpeInForce,
): NodeParts {
  const node = getNode(fabric, nodeName);
  if (node.software !== "vsix") {
    throw new VsixError("not-managed", `${nodeName} runs ${node.software}; it is not ours to configure`);
  }
  const health = compileHealth(fabric, node);
  const capture = compileCapture(fabric, node);
  const parts = {
    fabric: compileFabric(fabric, node),
    bgp: compileBgp(fabric, node),
    ...(health === undefined ? {} : { health }),
    ...(capture === undefined ? {} : { capture }),
  };
  const probes = compileProbes(fabric, node, orders, epe);
  if (node.role === "plane") {
    const steering = compileSteering(fabric, intent, node.name, node.plane ?? "");
    const overrides = compileEpe(fabric, node, epe);
    const idle = probes.measure === undefined && probes.traces === undefined && probes.egress === undefined;
    return {
      ...parts,
      steering,
      ...(idle ? {} : { probes }),
      ...(overrides === undefined ? {} : { epe: overrides }),
    };
  }
  if (node.role !== "edge") return { ...parts, probes };
  const services = compileServices(fabric, node);
  const advertise = compileAdvertise(node);
  return {
    ...parts,
    steering: { version: 1, edges: [], wanted: wantedPlane(fabric, intent, node) },
    probes,
    ...(services === undefined ? {} : { services }),
    ...(advertise === undefined ? {} : { advertise }),
  };
}

/** Every managed node's parts. */
export function compileAll(
  fabric: Fabric,
  intent: Intent,
  orders: TraceOrders = NO_ORDERS,
  epe?: EpeInForce,
): ReadonlyMap<string, NodeParts> {
  return new Map(managedNodes(fabric).map((name) => [name, compileNode(fabric, intent, name, orders, epe)]));
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

/** External Edges watch every Edge; Edges watch what is outside; plane routers watch nobody and only measure. Whoever is asked to traces. */
function compileProbes(
  fabric: Fabric,
  node: FabricNode,
  orders: TraceOrders,
  epe: EpeInForce | undefined,
): ProbesPart {
  const { name, role } = node;
  const measure = compileMeasure(fabric, node);
  const traces = compileTraces(orders, name);
  const egress = compileEgress(fabric, node, epe);
  const base = {
    version: 1 as const,
    ...fabric.policy.probe,
    ...(measure === undefined ? {} : { measure }),
    ...(traces === undefined ? {} : { traces }),
    ...(egress === undefined ? {} : { egress }),
  };
  if (role === "plane") return { ...base, targets: [], hops: [] };
  const watched =
    role === "external-edge"
      ? edgesOf(fabric)
      : fabric.nodes.filter((one) => one.role === "external-edge" || one.role === "upstream");
  return {
    ...base,
    targets: watched.map((one) => ({
      name: one.name,
      address: one.loopback,
      kind: role === "external-edge" ? "edge" : "outside",
    })),
    hops: hopsSeenFrom(fabric, name, role),
  };
}

type Hop = ProbesPart["hops"][number];

/** Every address that can answer as a hop: of another Edge's port none can, so an Edge is spared those. */
function hopsSeenFrom(fabric: Fabric, name: string, role: FabricNode["role"]): Hop[] {
  const known = hops.get(fabric) ?? makeHops(fabric);
  hops.set(fabric, known);
  if (role !== "edge") return [...known.core, ...known.ports.values()].flat();
  return [...known.core, ...(known.ports.get(name) ?? [])];
}

interface Hops {
  readonly core: readonly Hop[];
  /** Addresses of plane routers towards each Edge. */
  readonly ports: ReadonlyMap<string, readonly Hop[]>;
}

/** A fabric never changes: worked out once for all its nodes. */
const hops = new WeakMap<Fabric, Hops>();

function makeHops(fabric: Fabric): Hops {
  const core: Hop[] = [];
  const ports = new Map<string, Hop[]>(edgesOf(fabric).map((edge) => [edge.name, []]));
  for (const node of fabric.nodes) {
    if (node.role !== "plane" && node.role !== "external-edge") continue;
    const hop = (address: string): Hop => ({
      address,
      node: node.name,
      ...(node.plane === undefined ? {} : { plane: node.plane }),
    });
    core.push(hop(node.loopback));
    for (const { self, peer } of adjacenciesOf(fabric, node.name)) {
      (ports.get(peer.name) ?? core).push(hop(self.address));
    }
  }
  return { core, ports };
}
