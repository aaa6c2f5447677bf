import { egressPeersOf } from "@vsix/shared/fabric/egress-peers.ts";
import type {
  EpeNumbers,
  EpeObjective,
  EpePeer,
  EpeRuleMatch,
  FabricEpe,
} from "@vsix/shared/fabric/epe-model.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import { containsPrefix, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { proberPort } from "./prober-port.ts";

/** Name of the class that no rule is about; last of all. */
export const DEFAULT_CLASS = "default";

/** Everything that decisions follow from beside evidence and memory: what the operator wrote, made ready to ask. */
export interface EpePolicy {
  /** `observe`: the same decisions, none in force. */
  readonly mode: "observe" | "enforce";
  readonly cycleMs: number;
  readonly timeoutMs: number;
  /** 0: no full probes are sent, so nothing is asked of them. */
  readonly fullSize: number;
  readonly numbers: EpeNumbers;
  /** Everywhere in core/epe a peer is its position here. */
  readonly peers: readonly PolicyPeer[];
  readonly headends: readonly Headend[];
  /** In order of precedence. */
  readonly classes: readonly TrafficClass[];
  readonly unannounced: "never" | "allow";
  /** Origins that are never probed. */
  readonly neverAs: ReadonlySet<number>;
}

export interface PolicyPeer extends EpePeer {
  /** External Edge. */
  readonly via: string;
}

/** A plane router, where overrides are put. */
export interface Headend {
  readonly node: string;
  /**
   * Whose measurements count here: the first that measures just now. Itself, then routers of its site, then of its plane; an Edge
   * after the router that its probes go through, for it sees what that one sees, and its own link.
   */
  readonly vantages: readonly string[];
  /** External Edge to the cost of reaching it inside the plane; absent where it cannot be reached. */
  readonly exitCosts: ReadonlyMap<string, number>;
}

export interface TrafficClass {
  readonly name: string;
  readonly match: EpeRuleMatch;
  /** Destinations that it is about; undefined: all. */
  readonly destinations: readonly Prefix[] | undefined;
  readonly objective: EpeObjective;
  /** By peer: 0 preferred, 1 ordinary, 2 avoided. */
  readonly ranks: readonly number[];
}

/** Makes the policy of a fabric that has a section `epe`. */
export function policyOf(fabric: Fabric, epe: FabricEpe, mode: EpePolicy["mode"]): EpePolicy {
  const written = new Map(epe.peers.map((peer) => [peer.name, peer]));
  const peers = egressPeersOf(fabric).flatMap(({ name, via }): PolicyPeer[] => {
    const peer = written.get(name);
    return peer === undefined ? [] : [{ ...peer, via: via.name }];
  });
  const names = peers.map(({ name }) => name);
  const match: EpeRuleMatch = {};
  const everything = { ...epe, name: DEFAULT_CLASS, match };
  return {
    mode,
    cycleMs: epe.measure.cycleS * 1000,
    timeoutMs: epe.measure.timeoutMs,
    fullSize: epe.measure.fullSize,
    numbers: epe.decide,
    peers,
    headends: fabric.nodes
      .filter(({ role, software }) => role === "plane" && software === "vsix")
      .map((node) => headendOf(fabric, node, epe.measure.from)),
    classes: [...epe.rules, everything].map(({ name, match, objective, prefer, avoid }) => ({
      name,
      match,
      destinations: match.destinations?.flatMap((text) => parsePrefix(text) ?? []),
      objective,
      ranks: names.map((peer) => (prefer.includes(peer) ? 0 : avoid.includes(peer) ? 2 : 1)),
    })),
    unannounced: epe.unannounced,
    neverAs: new Set(epe.never.as),
  };
}

/** True when a class is about this destination. */
export function concerns({ destinations }: TrafficClass, prefix: Prefix): boolean {
  return destinations === undefined || destinations.some((outer) => containsPrefix(outer, prefix));
}

function headendOf(fabric: Fabric, node: FabricNode, from: readonly string[]): Headend {
  const distance = (name: string): number => {
    const other = fabric.nodes.find((one) => one.name === name);
    if (other === undefined) return 4;
    if (other.role === "edge") {
      const router = proberPort(fabric, other)?.peer;
      return router === undefined ? 4 : distance(router.name) + 0.5;
    }
    if (other.name === node.name) return 0;
    const samePlane = other.plane === node.plane;
    if (other.site === node.site) return samePlane ? 1 : 3;
    return samePlane ? 2 : 4;
  };
  // From another plane, or further away still, the way to the exit is another one: nothing is decided by that.
  const vantages = from
    .map((name, order) => ({ name, order, far: distance(name) }))
    .filter(({ far }) => far < 4)
    .sort((a, b) => a.far - b.far || a.order - b.order)
    .map(({ name }) => name);
  return { node: node.name, vantages, exitCosts: exitCostsOf(fabric, node) };
}

/** Dijkstra over the links of the node's own plane. */
function exitCostsOf(fabric: Fabric, from: FabricNode): ReadonlyMap<string, number> {
  const known = new Map<string, number>();
  const open = new Map<string, number>([[from.name, 0]]);
  const exits = new Map<string, number>();
  while (open.size > 0) {
    const [name, cost] = [...open].reduce((best, one) => (one[1] < best[1] ? one : best));
    open.delete(name);
    known.set(name, cost);
    for (const { link, peer } of adjacenciesOf(fabric, name)) {
      if (link.kind === "plane-external")
        exits.set(peer.name, Math.min(exits.get(peer.name) ?? Number.POSITIVE_INFINITY, cost));
      if (link.kind !== "plane-internal" || known.has(peer.name)) continue;
      open.set(peer.name, Math.min(open.get(peer.name) ?? Number.POSITIVE_INFINITY, cost + link.cost));
    }
  }
  return exits;
}
