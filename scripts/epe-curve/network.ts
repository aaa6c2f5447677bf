import { DEFAULT_EPE } from "@vsix/shared/fabric/epe-defaults.ts";
import type { EpeNumbers } from "@vsix/shared/fabric/epe-model.ts";
import { formatAddress } from "@vsix/shared/net/address.ts";
import { addressAt, formatPrefix, parsePrefix, subnet } from "@vsix/shared/net/prefix.ts";
import type { PlannedDestination } from "../../controller/src/core/epe/destinations.ts";
import type { EpePolicy } from "../../controller/src/core/epe/policy.ts";
import type { Target, World } from "./world.ts";

/** The simulated network as an operator knows it: nodes, peers, links, policy, destinations. */

export const HEADEND = "blue-1";
export const NAMES = [
  "xe-1/a",
  "xe-1/b",
  "xe-2/c",
  "xe-2/d",
  "xe-1/e",
  "xe-2/f",
  "xe-1/g",
  "xe-2/h",
] as const;
export const { weights } = DEFAULT_EPE;
export const DETOUR_AT = 0.9;
/** Mean difference of two normal values with deviation 1. */
const JITTER_OF_SD = 2 / Math.sqrt(Math.PI);

/** Ms of the objective, in truth. */
export function costOf(world: World, target: Target, peer: number, loads: readonly number[]): number {
  const { rttMs, loss, sdMs } = world.truth(target, peer, loads);
  return weights.rtt * rttMs + weights.jitter * JITTER_OF_SD * sdMs + weights.lossPercent * 100 * loss;
}

/** May an oracle use it? */
export function fits(world: World, target: Target, peer: number): boolean {
  const path = target.paths[peer];
  return path?.announced === true && !path.narrow && !path.hole && peer !== world.flapping;
}

interface NetworkPlan {
  readonly cycleS: number;
  readonly numbers: Partial<EpeNumbers>;
}

/** Shortest AS path among those announced, then the nearer exit, then the name: as bgp-choice.ts. */
export function bgpChoice({ paths }: Target, names: readonly string[], down?: number): number {
  let best = 0;
  const rank = (at: number): readonly [number, string] => {
    const path = paths[at];
    return [path?.announced === true && at !== down ? path.asPathLength : 1000, names[at] ?? ""];
  };
  for (const at of names.keys()) {
    const [a, b] = [rank(at), rank(best)];
    if (a[0] < b[0] || (a[0] === b[0] && a[1] < b[1])) best = at;
  }
  return best;
}

export function loadsOf(world: World, used: readonly number[], peers: number): number[] {
  const loads = new Array<number>(peers).fill(0);
  for (const [at, target] of world.targets.entries()) {
    const peer = used[at] ?? 0;
    loads[peer] = (loads[peer] ?? 0) + world.demand(target);
  }
  return loads;
}

/** Every second link is so small that BGP's own choice fills it when most is sent; the others have room, and none is tiny. */
export function capacitiesOf(world: World, bgp: readonly number[], peers: number, tight: number): number[] {
  const most = new Array<number>(peers).fill(0);
  let total = 0;
  for (const [at, { mbps }] of world.targets.entries()) {
    most[bgp[at] ?? 0] = (most[bgp[at] ?? 0] ?? 0) + mbps;
    total += mbps;
  }
  return most.map((mbps, peer) => Math.max(0.3 * total, mbps * (peer % 2 === 0 ? tight : 2)));
}

export function policyFor(names: readonly string[], world: World, plan: NetworkPlan): EpePolicy {
  return {
    mode: "enforce",
    cycleMs: plan.cycleS * 1000,
    timeoutMs: 1000,
    fullSize: 1500,
    numbers: { ...DEFAULT_EPE.decide, ...plan.numbers },
    peers: names.map((name, at) => ({
      name,
      via: name.slice(0, 4),
      cost: 0,
      capacityMbps: world.capacities[at] ?? 1,
      detourAt: DETOUR_AT,
      restoreAt: 0.7,
    })),
    headends: [
      {
        node: HEADEND,
        vantages: [HEADEND],
        exitCosts: new Map([
          ["xe-1", 10],
          ["xe-2", 20],
        ]),
      },
    ],
    classes: [
      {
        name: "default",
        match: {},
        destinations: undefined,
        objective: { weights, limits: {} },
        ranks: names.map(() => 1),
      },
    ],
    unannounced: "never",
    neverAs: new Set(),
  };
}

export function destinationsFor(count: number): PlannedDestination[] {
  const block = parsePrefix("3fff::/20");
  if (block === undefined) throw new Error("no block");
  return Array.from({ length: count }, (_, at) => {
    const parsed = subnet(block, 48, at);
    const prefix = formatPrefix(parsed);
    return { prefix, address: formatAddress(addressAt(parsed, 1)), protocol: "icmp6", parsed };
  });
}
