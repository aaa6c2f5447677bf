import type { Counters } from "@vsix/shared/contract/up.ts";
import { egressPeersOf } from "@vsix/shared/fabric/egress-peers.ts";
import type { Fabric, LinkEnd } from "@vsix/shared/fabric/model.ts";
import type { InForce } from "../desired/in-force.ts";
import type { FleetState } from "../fleet/state.ts";
import { toldIndex } from "../fleet/told-index.ts";
import type { LinkLoad, Topology } from "./topology-model.ts";

/** What there is to draw; nothing before the first fabric. */
export function topologyOf(inForce: InForce | undefined): Topology {
  if (inForce === undefined) return { revision: null, sites: [], planes: [], nodes: [], links: [] };
  const { fabric, revision } = inForce;
  const peers = new Map(egressPeersOf(fabric).map(({ link, name }) => [link.name, name]));
  return {
    revision,
    sites: [...fabric.sites],
    planes: fabric.planes.map(({ name }) => name),
    nodes: fabric.nodes.map(({ name, role, site, plane, service, software }) => ({
      name,
      role,
      site,
      plane: plane ?? null,
      service: service ?? null,
      ours: software === "vsix",
    })),
    links: fabric.links.map(({ name, ends: [a, b], kind, cost, mtu }) => ({
      ...{ name, kind, cost, mtu },
      a: a.node,
      b: b.node,
      peer: peers.get(name) ?? null,
    })),
  };
}

type Port = NonNullable<Counters["links"]>[number];

/** How much goes over every link of which somebody tells. */
export function linkLoads(fabric: Fabric, fleet: Pick<FleetState, "node">): LinkLoad[] {
  return fabric.links.flatMap(({ name, ends: [a, b] }) => {
    const [atA, atB] = [portRates(fleet, a), portRates(fleet, b)];
    if (atA === undefined && atB === undefined) return [];
    return [
      {
        name,
        aToBMbps: atA?.outMbps ?? atB?.inMbps ?? null,
        bToAMbps: atB?.outMbps ?? atA?.inMbps ?? null,
        lostPps: sumOf(atA?.lostPps, atB?.lostPps),
      },
    ];
  });
}

const findLink = toldIndex(
  ({ links }: Counters) => links ?? [],
  (link) => link.interface,
);

interface PortRates {
  readonly inMbps: number | null;
  readonly outMbps: number | null;
  readonly lostPps: number | null;
}

function portRates(
  fleet: Pick<FleetState, "node">,
  { node, interface: port }: LinkEnd,
): PortRates | undefined {
  const { counters, countersBefore } = fleet.node(node);
  const [now, before] = [findLink(counters?.value, port), findLink(countersBefore?.value, port)];
  if (counters === undefined || countersBefore === undefined || now === undefined || before === undefined)
    return undefined;
  const ms = Date.parse(counters.value.at) - Date.parse(countersBefore.value.at);
  if (!(ms > 0)) return undefined;
  // A device made anew counts from 0.
  const rate = (later: number | undefined, earlier: number | undefined): number | null =>
    later === undefined || earlier === undefined || later < earlier ? null : (later - earlier) / ms;
  const lost = rate(lostOf(now), lostOf(before));
  return {
    inMbps: scaled(rate(now.rxOctets, before.rxOctets), 8 / 1000),
    outMbps: scaled(rate(now.txOctets, before.txOctets), 8 / 1000),
    lostPps: scaled(lost, 1000),
  };
}

function lostOf({ rxErrors, txErrors, rxDropped, txDropped }: Port): number {
  return rxErrors + txErrors + rxDropped + txDropped;
}

const scaled = (value: number | null, by: number): number | null =>
  value === null ? null : Math.round(value * by * 1000) / 1000;

const sumOf = (a: number | null | undefined, b: number | null | undefined): number | null =>
  (a ?? null) === null && (b ?? null) === null ? null : (a ?? 0) + (b ?? 0);
