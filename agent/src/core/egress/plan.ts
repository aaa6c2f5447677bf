import type { EgressMeasure } from "@vsix/shared/contract/part-egress.ts";
import { MAX_EGRESS_PEERS } from "@vsix/shared/contract/part-egress.ts";
import { canonicalIp6, isLinkLocal, parseIp6 } from "../../wire/netlink/ip-text.ts";
import { encapsulation } from "../../wire/srh.ts";
import { type FlowIdentity, hash } from "../trace/flow-identity.ts";
import { peerSlots } from "./peer-slots.ts";

/** Destination and peer: more of them than this are not measured, so memory has a bound whatever the controller wants. */
export const MAX_CELLS = 65_536;
/** Probes that can be under way in one cycle. */
export const MAX_PROBES = 524_288;
/** Ports that a probe goes to where none is named: https, and the first one of traceroute(8). */
const DEFAULT_PORT = { icmp6: 0, tcp: 443, udp: 33_434 } as const;
const PEER_NAME = /^[a-z0-9./-]{1,127}$/;

/** A neighbour of this node. */
export interface EgressPort {
  readonly interface: string;
  readonly nextHop: string;
}

/** How a packet gets to a peer: over SIDs, as routes say or out of a port whatever they say, or out of a port as it is. */
export type EgressWay =
  | {
      readonly kind: "segments";
      readonly segments: readonly Uint8Array[];
      readonly overhead: number;
      readonly port?: EgressPort;
    }
  | { readonly kind: "port"; readonly port: EgressPort; readonly overhead: 0 };

export interface EgressPlanPeer {
  readonly name: string;
  /** Undefined where the part makes no sense: nothing is sent, and that is told. */
  readonly way: EgressWay | undefined;
  /** Which of the egress ports its probes have; as stable as names are. */
  readonly slot: number;
}

export interface EgressPlanDestination {
  readonly address: string;
  readonly octets: Uint8Array;
  readonly protocol: FlowIdentity["protocol"];
  readonly port: number;
  /** Positions in the peers, ascending. */
  readonly peers: readonly number[];
  /** Number of its first cell; the others follow in the order of `peers`. */
  readonly firstCell: number;
}

/** What is measured, checked and bounded. A cell is one destination by one peer. */
export interface EgressPlan {
  readonly cycleUs: number;
  /** Of the cycle, in which probes leave; the rest is for answers. */
  readonly windowUs: number;
  readonly timeoutUs: number;
  readonly probes: number;
  readonly size: number;
  readonly fullSize: number;
  readonly ratePerS: number;
  readonly destinationRatePerS: number;
  readonly peers: readonly EgressPlanPeer[];
  readonly destinations: readonly EgressPlanDestination[];
  readonly cells: number;
  /** What of it is not done, in words. */
  readonly faults: readonly string[];
}

/** Between the last timeout of a cycle and the next one: reading and telling. */
const SETTLE_US = 50_000;

/** Never throws: what cannot be measured is left out and named. */
export function planEgress(measure: EgressMeasure): EgressPlan {
  const faults: string[] = [];
  const peers = planPeers(measure, faults);
  const chosen = chooseDestinations(measure, faults);
  const slots = measure.probes + 1;
  const most = Math.min(MAX_CELLS, Math.floor(MAX_PROBES / slots));
  const destinations: EgressPlanDestination[] = [];
  let cells = 0;
  let wanted = 0;
  for (const destination of chosen) {
    wanted += destination.peers.length;
    if (wanted > most) continue;
    destinations.push({ ...destination, firstCell: cells });
    cells = wanted;
  }
  if (wanted > most)
    faults.push(
      `${chosen.length} destinations by ${peers.length} peers are ${wanted} measurements of ${measure.probes} probes a cycle, and a node makes ${most} at most: ` +
        `the last ${chosen.length - destinations.length} destinations are left out; ask another node for them`,
    );
  const cycleUs = measure.cycleMs * 1000;
  const timeoutUs = Math.min(measure.timeoutMs * 1000, cycleUs / 2);
  if (timeoutUs < measure.timeoutMs * 1000)
    faults.push(`timeoutMs ${measure.timeoutMs} is more than half of cycleMs: ${timeoutUs / 1000} is used`);
  return {
    cycleUs,
    timeoutUs,
    windowUs: cycleUs - timeoutUs - SETTLE_US,
    probes: measure.probes,
    size: measure.size,
    fullSize: measure.fullSize,
    ratePerS: measure.maxPacketsPerS,
    destinationRatePerS: measure.maxPacketsPerDestinationPerS,
    peers,
    destinations,
    cells,
    faults,
  };
}

/** What load balancers see of one cell, the same in every cycle and at every start. */
export function egressFlow(
  source: Uint8Array,
  destination: EgressPlanDestination,
  slot: number,
  firstPort: number,
): FlowIdentity {
  const ofCell = hash(destination.octets, 0x100 + slot);
  return {
    protocol: destination.protocol,
    source,
    destination: destination.octets,
    flowLabel: ofCell & 0xfffff || 1,
    local: firstPort + slot,
    destinationPort: destination.port,
    checksum: 1 + ((ofCell >>> 12) % 0xfffe),
  };
}

function planPeers(measure: EgressMeasure, faults: string[]): readonly EgressPlanPeer[] {
  const slots = peerSlots(measure.peers.map(({ name }) => name));
  return measure.peers.slice(0, MAX_EGRESS_PEERS).map(({ name, segments, nextHop, ...port }, i) => {
    const usable = PEER_NAME.test(name) && slots.has(name);
    const way = usable ? wayOf(segments, port.interface, nextHop) : undefined;
    if (way === undefined)
      faults.push(
        usable
          ? `peer ${name} has neither segments that are addresses nor interface and nextHop: it is not measured`
          : `peer ${i + 1} has no usable name, or that of another: it is not measured`,
      );
    return { name: usable ? name : `unusable/${i}`, way, slot: slots.get(name) ?? 0 };
  });
}

function wayOf(
  segments: readonly string[] | undefined,
  name: string | undefined,
  nextHop: string | undefined,
): EgressWay | undefined {
  const gateway = nextHop === undefined ? undefined : canonicalIp6(nextHop);
  const port =
    name === undefined || name === "" || gateway === undefined
      ? undefined
      : { interface: name, nextHop: gateway };
  // Half a port is none: by the routes the probe would measure something else than what was asked.
  if (port === undefined && (name !== undefined || nextHop !== undefined)) return undefined;
  if (segments !== undefined && segments.length > 0) {
    const octets = segments.map(octetsOf).filter((segment) => segment !== undefined);
    if (octets.length < segments.length) return undefined;
    const overhead = encapsulation(octets.length);
    return { kind: "segments", segments: octets, overhead, ...(port === undefined ? {} : { port }) };
  }
  return port === undefined ? undefined : { kind: "port", port, overhead: 0 };
}

function chooseDestinations(
  measure: EgressMeasure,
  faults: string[],
): readonly Omit<EgressPlanDestination, "firstCell">[] {
  const seen = new Set<string>();
  const wrong: string[] = [];
  const chosen: Omit<EgressPlanDestination, "firstCell">[] = [];
  const all = measure.peers.slice(0, MAX_EGRESS_PEERS).map((_, i) => i);
  for (const { address: text, protocol, port, peers } of measure.destinations) {
    const address = canonicalIp6(text);
    const octets = address === undefined ? undefined : octetsOf(address);
    if (address === undefined || octets === undefined || !isUnicast(address, octets) || seen.has(address)) {
      wrong.push(text);
      continue;
    }
    seen.add(address);
    const asked = peers === undefined ? all : [...new Set(peers)].filter((i) => i < all.length);
    asked.sort((a, b) => a - b);
    chosen.push({ address, octets, protocol, port: port ?? DEFAULT_PORT[protocol], peers: asked });
  }
  if (wrong.length > 0)
    faults.push(
      `${wrong.length} destinations are no global unicast addresses, or named twice, and left out; the first: ${JSON.stringify(wrong[0])}`,
    );
  return chosen;
}

/** Nothing that one link or everybody hears, and not this node itself. */
function isUnicast(address: string, octets: Uint8Array): boolean {
  return octets[0] !== 0xff && !isLinkLocal(address) && address !== "::" && address !== "::1";
}

function octetsOf(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(16);
  return parseIp6(text, 0, text.length, octets, 0) ? octets : undefined;
}
