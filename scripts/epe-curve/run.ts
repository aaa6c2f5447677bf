import { DEFAULT_EPE } from "@vsix/shared/fabric/epe-defaults.ts";
import type { EpeNumbers } from "@vsix/shared/fabric/epe-model.ts";
import { formatAddress } from "@vsix/shared/net/address.ts";
import { addressAt, formatPrefix, parsePrefix, subnet } from "@vsix/shared/net/prefix.ts";
import { decide } from "../../controller/src/core/epe/decide.ts";
import type { PlannedDestination } from "../../controller/src/core/epe/destinations.ts";
import { EgressEvidence } from "../../controller/src/core/epe/evidence/store.ts";
import type { EpeEvidence } from "../../controller/src/core/epe/evidence/view.ts";
import { type EpeMemory, newMemory, rowKey } from "../../controller/src/core/epe/memory.ts";
import type { EpePolicy } from "../../controller/src/core/epe/policy.ts";
import { Random } from "../judge-curve/random.ts";
import { measure } from "./measure.ts";
import { type Target, World, type WorldPlan } from "./world.ts";

export interface RunPlan extends WorldPlan {
  /** Cycles before anything is counted, in which decisions are made all the same. */
  readonly warmCycles: number;
  readonly countedCycles: number;
  readonly numbers: Partial<EpeNumbers>;
  /** Not our decisions, but whoever had the lowest round trip in the last cycle. */
  readonly naive: boolean;
}

/** One move and what it did, in truth. */
export interface Move {
  readonly reason: string;
  readonly lie: string;
  readonly cycles: number;
  /** Over its life, against what BGP would have done: mean, ms of the objective. */
  readonly gainMs: number;
}

/** What one run showed; sums over counted cycles and destinations, weighted by traffic. */
export interface Outcome {
  readonly moves: readonly Move[];
  readonly reverts: number;
  readonly hours: number;
  /** Ms of the objective: what BGP alone, the decisions, and an oracle would have met; and one that moves for what policy asks. */
  readonly bgp: number;
  readonly used: number;
  readonly oracle: number;
  readonly policyOracle: number;
  /** Traffic that the sums are over. */
  readonly weight: number;
}

const HEADEND = "blue-1";
const NAMES = ["xe-1/a", "xe-1/b", "xe-2/c", "xe-2/d", "xe-1/e", "xe-2/f", "xe-1/g", "xe-2/h"] as const;
const { weights } = DEFAULT_EPE;
/** Mean difference of two normal values with deviation 1. */
const JITTER_OF_SD = 2 / Math.sqrt(Math.PI);

/** One network for some hours, decided upon with default settings. */
export function simulate(seed: number, plan: RunPlan): Outcome {
  const random = new Random(seed);
  const world = new World(random, plan);
  const names = NAMES.slice(0, plan.peers);
  const bgp = world.targets.map((target) => bgpChoice(target, names));
  world.capacities = capacitiesOf(world, bgp, names.length, plan.equal ? 4 : 1);
  const policy = policyFor(names, world, plan);
  const destinations = destinationsFor(plan.destinations);
  const store = new EgressEvidence({
    addresses: destinations.map(({ address }) => address),
    peers: new Map(names.map((name) => [name, name.slice(0, 4)])),
    vantages: [HEADEND],
    slots: policy.numbers.lossCycles + 2,
  });
  const positions = new Map<string, number>(names.map((name, at) => [name, at]));
  const octets = names.map(() => 0);
  const used = [...bgp];
  const open = new Map<number, { reason: string; cycles: number; sumMs: number }>();
  const moves: Move[] = [];
  const sums = { bgp: 0, used: 0, oracle: 0, policyOracle: 0, weight: 0 };
  let memory: EpeMemory = newMemory("enforce");
  let [nowMs, reverts] = [0, 0];
  const close = (target: number): void => {
    const one = open.get(target);
    if (one === undefined) return;
    open.delete(target);
    const { reason, cycles, sumMs } = one;
    if (cycles > 0)
      moves.push({ reason, lie: world.targets[target]?.lie ?? "", cycles, gainMs: sumMs / cycles });
  };
  for (let cycle = 1; cycle <= plan.warmCycles + plan.countedCycles; cycle++) {
    world.step();
    nowMs += plan.cycleS * 1000;
    const loads = loadsOf(world, used, names.length);
    const counted = cycle > plan.warmCycles;
    for (const [at, target] of world.targets.entries()) {
      const costs = names.map((_, peer) => costOf(world, target, peer, loads));
      const [own, now] = [costs[bgp[at] ?? 0] ?? 0, costs[used[at] ?? 0] ?? 0];
      const move = open.get(at);
      if (move !== undefined) {
        move.cycles++;
        move.sumMs += own - now;
      }
      if (!counted) continue;
      // A hole that BGP chose costs more than everything else together, and would hide it.
      if (target.paths[bgp[at] ?? 0]?.hole === true) continue;
      const weight = world.demand(target);
      const usable = costs.filter((_, peer) => peer === bgp[at] || fits(target, peer));
      const best = Math.min(...usable);
      const needed = Math.max(policy.numbers.minimumGainMs, (policy.numbers.minimumGainPercent / 100) * own);
      sums.weight += weight;
      sums.bgp += weight * own;
      sums.used += weight * now;
      sums.oracle += weight * best;
      sums.policyOracle += weight * (own - best >= needed ? best : own);
    }
    feed(store, world, random, { names, destinations, loads, octets, cycle, nowMs, cycleS: plan.cycleS });
    const demand = new Map(
      world.targets.map((target, at) => [
        rowKey(HEADEND, "default", destinations[at]?.prefix ?? ""),
        world.demand(target),
      ]),
    );
    const evidence = store.view(new Set([HEADEND, "xe-1", "xe-2"]), nowMs, demand);
    if (plan.naive) {
      for (const [at, peer] of lowest(evidence, destinations, bgp).entries()) {
        if (peer === used[at]) continue;
        close(at);
        if (peer === bgp[at]) reverts++;
        else open.set(at, { reason: "lowest", cycles: 0, sumMs: 0 });
        used[at] = peer;
      }
      continue;
    }
    const outcome = decide({ policy, destinations, evidence, memory, nowMs });
    memory = outcome.memory;
    for (const [at, decision] of outcome.decisions.entries()) {
      if (decision.action === "move" || decision.action === "revert") close(at);
      if (decision.action === "move") open.set(at, { reason: decision.rule, cycles: 0, sumMs: 0 });
      if (decision.action === "revert" && counted) reverts++;
      used[at] = positions.get(decision.peer ?? "") ?? bgp[at] ?? 0;
    }
  }
  for (const target of [...open.keys()]) close(target);
  return { moves, reverts, hours: ((plan.warmCycles + plan.countedCycles) * plan.cycleS) / 3600, ...sums };
}

/** By the median of the last cycle alone, as a loop without statistics would. */
function lowest(
  evidence: EpeEvidence,
  destinations: readonly PlannedDestination[],
  bgp: readonly number[],
): number[] {
  const view = evidence.cycles(HEADEND);
  const slot = view?.cycles[0]?.slot ?? 0;
  return destinations.map(({ address }, at) => {
    const base = (view?.rowOf(address) ?? 0) * (view?.peers.length ?? 0);
    let best = { peer: bgp[at] ?? 0, ms: Number.POSITIVE_INFINITY };
    for (const peer of view?.peers.keys() ?? []) {
      const ms = view?.medianMs[(base + peer) * view.slots + slot] ?? Number.NaN;
      if (ms < best.ms) best = { peer, ms };
    }
    return best.peer;
  });
}

function costOf(world: World, target: Target, peer: number, loads: readonly number[]): number {
  const { rttMs, loss, sdMs } = world.truth(target, peer, loads);
  return weights.rtt * rttMs + weights.jitter * JITTER_OF_SD * sdMs + weights.lossPercent * 100 * loss;
}

/** May an oracle use it? */
function fits(target: Target, peer: number): boolean {
  const path = target.paths[peer];
  return path?.announced === true && !path.narrow && !path.hole;
}

/** Shortest AS path among those announced, then the nearer exit, then the name: as bgp-choice.ts. */
function bgpChoice({ paths }: Target, names: readonly string[]): number {
  let best = 0;
  const rank = (at: number): readonly [number, string] => {
    const path = paths[at];
    return [path?.announced === true ? path.asPathLength : 1000, names[at] ?? ""];
  };
  for (const at of names.keys()) {
    const [a, b] = [rank(at), rank(best)];
    if (a[0] < b[0] || (a[0] === b[0] && a[1] < b[1])) best = at;
  }
  return best;
}

function loadsOf(world: World, used: readonly number[], peers: number): number[] {
  const loads = new Array<number>(peers).fill(0);
  for (const [at, target] of world.targets.entries()) {
    const peer = used[at] ?? 0;
    loads[peer] = (loads[peer] ?? 0) + world.demand(target);
  }
  return loads;
}

/** Every second link is so small that BGP's own choice fills it when most is sent; the others have room, and none is tiny. */
function capacitiesOf(world: World, bgp: readonly number[], peers: number, tight: number): number[] {
  const most = new Array<number>(peers).fill(0);
  let total = 0;
  for (const [at, { mbps }] of world.targets.entries()) {
    most[bgp[at] ?? 0] = (most[bgp[at] ?? 0] ?? 0) + mbps;
    total += mbps;
  }
  return most.map((mbps, peer) => Math.max(0.3 * total, mbps * (peer % 2 === 0 ? tight : 2)));
}

interface Feed {
  readonly names: readonly string[];
  readonly destinations: readonly PlannedDestination[];
  readonly loads: readonly number[];
  readonly octets: number[];
  readonly cycle: number;
  readonly nowMs: number;
  readonly cycleS: number;
}

/** One cycle's messages, as nodes send them. */
function feed(store: EgressEvidence, world: World, random: Random, given: Feed): void {
  const { names, destinations, loads, octets, cycle, nowMs, cycleS } = given;
  const head = { version: 1, shard: 0, shards: 1 } as const;
  store.takeCycle(
    {
      ...head,
      node: HEADEND,
      instance: "a",
      cycle,
      startMs: 0,
      ageMs: cycleS * 1000,
      peers: [...names],
      rows: world.targets.map((target, at) => ({
        address: destinations[at]?.address ?? "",
        ...measure(world, random, target, loads),
      })),
    },
    nowMs,
  );
  for (const [peer, load] of loads.entries()) octets[peer] = (octets[peer] ?? 0) + (load * cycleS * 1e6) / 8;
  for (const via of ["xe-1", "xe-2"]) {
    const own = names.flatMap((name, peer) => (name.startsWith(via) ? [{ name, peer }] : []));
    store.takeRoutes(
      {
        ...head,
        node: via,
        at: new Date(nowMs).toISOString(),
        peers: own.map(({ name, peer }) => ({
          name,
          state: "ESTABLISHED",
          forMs: 1e9,
          received: 1,
          sid: "peer",
          txOctets: octets[peer] ?? 0,
        })),
        rows: world.targets.map(({ paths }, at) => ({
          address: destinations[at]?.address ?? "",
          routes: own.flatMap(({ peer }, index) => {
            const path = paths[peer];
            if (path?.announced !== true) return [];
            const asPath = Array.from({ length: path.asPathLength }, (_, hop) => 64_500 + hop);
            return [
              {
                peer: index,
                prefix: destinations[at]?.prefix ?? "",
                asPath,
                origin: "igp" as const,
                nextHop: "fe80::1",
                communities: [],
              },
            ];
          }),
        })),
      },
      nowMs,
    );
  }
}

function policyFor(names: readonly string[], world: World, plan: RunPlan): EpePolicy {
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
      detourAt: 0.9,
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

function destinationsFor(count: number): PlannedDestination[] {
  const block = parsePrefix("3fff::/20");
  if (block === undefined) throw new Error("no block");
  return Array.from({ length: count }, (_, at) => {
    const parsed = subnet(block, 48, at);
    const prefix = formatPrefix(parsed);
    return { prefix, address: formatAddress(addressAt(parsed, 1)), protocol: "icmp6", parsed };
  });
}
