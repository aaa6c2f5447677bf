import type { FabricPart, InterfacePart, SidPart } from "@vsix/shared/contract/part-fabric.ts";
import { nexthopIds } from "../nexthop-id.ts";
import { BGP_METRIC, BLACKHOLE_METRIC, TABLE_MAIN, TABLE_PEERS } from "../ownership.ts";
import { type LinkFacts, usable } from "./links.ts";
import { compileOverrides, type DesiredRule, NO_ORDERS, type OverrideOrders } from "./overrides.ts";
import { compileReturns } from "./returns.ts";
import { compileSysctls, type DesiredSysctl } from "./sysctls.ts";

/** What a node's kernel should hold, BGP routes apart. Plain values in the words of the resource models. */
export interface DesiredKernel {
  readonly sysctls: readonly DesiredSysctl[];
  readonly links: readonly { readonly name: string; readonly mtu: number; readonly up: boolean }[];
  readonly addresses: readonly { readonly interface: string; readonly address: string }[];
  readonly nexthops: readonly DesiredNexthop[];
  readonly routes: readonly DesiredRoute[];
  readonly sids: readonly DesiredSid[];
  readonly rules: readonly DesiredRule[];
  /** Next hop address to nexthop object, for the neighbours whose link is usable. */
  readonly nexthopByNeighbour: ReadonlyMap<string, number>;
  /** On Edges: to the object for routes outside our own address space, which a redirect may lead to another neighbour. */
  readonly outsideByNeighbour: ReadonlyMap<string, number> | undefined;
  /** What cannot be made now, and why: `kind key` to reason. */
  readonly waiting: ReadonlyMap<string, string>;
}

export interface DesiredNexthop {
  readonly id: number;
  readonly via?: string;
  readonly interface?: string;
  readonly encap?: { readonly mode: "encap.red"; readonly segments: readonly string[] };
  /** For people, in a plan. */
  readonly purpose?: string;
}

export interface DesiredRoute {
  readonly table: number;
  readonly prefix: string;
  readonly metric: number;
  readonly type: "unicast" | "blackhole";
  readonly nexthopId?: number;
  readonly source?: string;
  /** Larger packets are answered with Packet Too Big. */
  readonly mtu?: number;
}

export interface DesiredSid {
  readonly sid: string;
  readonly behavior: SidPart["behavior"];
  readonly nextHop?: string;
  readonly interface?: string;
  readonly table?: number;
  readonly dev: string;
}

/**
 * Desired state of one node from its `fabric` part and the state of its links. `reachable` says whether BGP knows a way to a
 * SID's locator: an override towards a dead External Edge would lose what BGP could still deliver. `redirectTo` is the
 * address of the neighbour to which the outside routes of other planes' neighbours are led now (core/redirect.ts);
 * `orders` are overrides by class and whether any may stand; `translates`: the node has a translator.
 */
export function compileKernel(
  part: FabricPart,
  links: LinkFacts,
  reachable: (sid: string) => boolean,
  redirectTo?: string,
  orders: OverrideOrders = NO_ORDERS,
  translates = false,
): DesiredKernel {
  const present = (name: string): boolean => links.has(name);
  const up = part.interfaces.filter(({ name }) => usable(links, name));
  const waiting = new Map<string, string>();
  for (const { name } of part.interfaces) {
    if (!present(name)) waiting.set(`link ${name}`, "no such interface on this machine");
    else if (!usable(links, name))
      waiting.set(`link ${name}`, "down, without carrier, or its neighbour is silent");
  }
  const facts = { part, orders, up, reachable, neighbour: neighbourName };
  const overrides = compileOverrides(facts, waiting);
  const returns = compileReturns(part, up);
  const outside = part.node.role === "edge" ? compileOutside(part, up, redirectTo) : undefined;
  const linkLocal = linkLocalPeers(part.sids);
  const leadTo = linkLocal.filter((peer) => mayLead(links, peer.interface));
  const names = [
    ...up.map(neighbourName),
    ...leadTo.map(({ name }) => name),
    ...(outside ?? []).map(({ name }) => name),
    ...overrides.nexthops.map(({ name }) => name),
  ];
  const ids = nexthopIds(names);
  const idOf = (name: string): number => ids.get(name) ?? 0;
  return {
    sysctls: compileSysctls(part, present, translates),
    links: part.interfaces
      .filter(({ name }) => present(name))
      .map(({ name, mtu }) => ({ name, mtu, up: true })),
    addresses: [
      ...part.loopbackAddresses.map((address) => ({ interface: "lo", address })),
      ...part.interfaces
        .filter(({ name }) => present(name))
        .flatMap(({ name, addresses }) => addresses.map((address) => ({ interface: name, address }))),
    ],
    nexthops: [
      ...up.map((port) => ({ id: idOf(neighbourName(port)), via: port.peerAddress, interface: port.name })),
      ...(outside ?? []).map(({ name, by, purpose }) => ({
        id: idOf(name),
        via: by.peerAddress,
        interface: by.name,
        purpose,
      })),
      ...leadTo
        .filter(({ name }) => !up.some((port) => neighbourName(port) === name))
        .map(({ name, via, interface: port }) => ({ id: idOf(name), via, interface: port })),
      ...overrides.nexthops.map(({ name, dev, via, segments, purpose }) => ({
        id: idOf(name),
        interface: dev,
        ...(via === undefined ? {} : { via }),
        ...(segments === undefined ? {} : { encap: { mode: "encap.red" as const, segments } }),
        ...(purpose === undefined ? {} : { purpose }),
      })),
    ],
    routes: [
      ...part.blackholes.map((prefix) => ({
        table: TABLE_MAIN,
        prefix,
        metric: BLACKHOLE_METRIC,
        type: "blackhole" as const,
      })),
      ...leadTo.map(({ name, table }) => ({
        table,
        prefix: "::/0",
        metric: BGP_METRIC,
        type: "unicast" as const,
        nexthopId: idOf(name),
      })),
      ...overrides.routes.map(({ name, prefix, table, mtu }) => ({
        table,
        prefix,
        metric: BGP_METRIC,
        type: "unicast" as const,
        nexthopId: idOf(name),
        ...(mtu === undefined ? {} : { mtu }),
      })),
      ...returns.map(({ port, table }) => ({
        table,
        prefix: "::/0",
        metric: BGP_METRIC,
        type: "unicast" as const,
        nexthopId: idOf(neighbourName(port)),
      })),
    ],
    sids: compileSids(part.sids, { links, dev: up[0]?.name, linkLocal }, waiting),
    rules: [...overrides.rules, ...returns.map(({ rule }) => rule)],
    nexthopByNeighbour: new Map(up.map((port) => [port.peerAddress, idOf(neighbourName(port))])),
    outsideByNeighbour:
      outside === undefined
        ? undefined
        : new Map(outside.map(({ name, neighbour }) => [neighbour, idOf(name)])),
    waiting,
  };
}

function neighbourName(port: InterfacePart): string {
  return `${port.peerAddress}%${port.name}`;
}

interface Outside {
  readonly name: string;
  /** Address of the neighbour that BGP names. */
  readonly neighbour: string;
  /** The port by which packets leave now. */
  readonly by: InterfacePart;
  readonly purpose: string;
}

/**
 * A second object for each plane neighbour of an Edge. While routes are led elsewhere it stands whatever becomes of the
 * neighbour's own link: BGP has yet to take them away from it.
 */
function compileOutside(
  part: FabricPart,
  up: readonly InterfacePart[],
  redirectTo: string | undefined,
): readonly Outside[] {
  const target = up.find(({ peerAddress }) => peerAddress === redirectTo);
  return part.interfaces.flatMap((port): Outside[] => {
    if (port.faces !== "plane") return [];
    const led = target !== undefined && port.plane !== target.plane;
    if (!led && !up.includes(port)) return [];
    const by = led ? target : port;
    const purpose = `outside routes of ${port.peer}${led ? `, led to ${by.peer} until BGP has followed` : ""}`;
    return [{ name: `outside ${neighbourName(port)}`, neighbour: port.peerAddress, by, purpose }];
  });
}

interface LinkLocalPeer {
  /** Of its nexthop object. */
  readonly name: string;
  readonly via: string;
  readonly interface: string;
  readonly table: number;
}

/**
 * Egress peers with a link-local next hop. The kernel silently drops End.DX6 there (facts-kernel), so their SIDs look up in a table
 * that has one route. Numbered by the document, whatever links are up.
 */
function linkLocalPeers(sids: readonly SidPart[]): readonly LinkLocalPeer[] {
  const peers = new Map<string, LinkLocalPeer>();
  for (const sid of sids) {
    if (sid.behavior !== "End.DX6" || !/^fe[89ab][0-9a-f]:/i.test(sid.nextHop)) continue;
    const name = `${sid.nextHop}%${sid.interface}`;
    if (peers.has(name)) continue;
    peers.set(name, { name, via: sid.nextHop, interface: sid.interface, table: TABLE_PEERS + peers.size });
  }
  return [...peers.values()];
}

/** Whether packets that are meant for the far end of this port alone may be sent there. */
function mayLead(links: LinkFacts, port: string): boolean {
  return usable(links, port) && links.get(port)?.lookup === undefined;
}

interface SidFacts {
  readonly links: LinkFacts;
  readonly dev: string | undefined;
  readonly linkLocal: readonly LinkLocalPeer[];
}

/** A SID's route needs some up device that is not `lo` (facts-kernel); which one does not matter. */
function compileSids(
  sids: readonly SidPart[],
  { links, dev, linkLocal }: SidFacts,
  waiting: Map<string, string>,
): readonly DesiredSid[] {
  const tableOf = new Map(linkLocal.map(({ name, table }) => [name, table]));
  const made: DesiredSid[] = [];
  for (const sid of sids) {
    if (dev === undefined) waiting.set(`sid ${sid.sid}`, "no interface is up");
    else if (sid.behavior === "End.DX6" && !mayLead(links, sid.interface)) {
      // Without its own egress the SID becomes a plain lookup: steered traffic falls back to BGP's choice at once. By the rules and
      // not in table main alone (End.DT6), for where main has no way, the packet goes back into the plane that it came from.
      made.push({ sid: sid.sid, behavior: "End.DX6", nextHop: "::", dev });
      waiting.set(
        `sid ${sid.sid}`,
        `a plain lookup now: ${links.get(sid.interface)?.lookup ?? `${sid.interface} is down`}`,
      );
    } else if (sid.behavior === "End.DX6") {
      const table = tableOf.get(`${sid.nextHop}%${sid.interface}`);
      made.push(
        table === undefined
          ? { sid: sid.sid, behavior: "End.DX6", nextHop: sid.nextHop, dev }
          : { sid: sid.sid, behavior: "End.DT6", table, dev },
      );
    } else if (sid.behavior === "End.X") {
      if (usable(links, sid.interface))
        made.push({
          sid: sid.sid,
          behavior: "End.X",
          nextHop: sid.nextHop,
          interface: sid.interface,
          dev,
        });
      else waiting.set(`sid ${sid.sid}`, `${sid.interface} is down`);
    } else if (sid.behavior === "End.DT6")
      made.push({ sid: sid.sid, behavior: "End.DT6", table: sid.table, dev });
    else made.push({ sid: sid.sid, behavior: "End", dev });
  }
  return made;
}
