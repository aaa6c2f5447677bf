import type { EpeNumbers } from "@vsix/shared/fabric/epe-model.ts";
import { decide } from "../../controller/src/core/epe/decide.ts";
import type { Decision } from "../../controller/src/core/epe/decision.ts";
import type { PlannedDestination } from "../../controller/src/core/epe/destinations.ts";
import { EgressEvidence } from "../../controller/src/core/epe/evidence/store.ts";
import { msOf, NO_TIME } from "../../controller/src/core/epe/evidence/time-code.ts";
import type { EpeEvidence } from "../../controller/src/core/epe/evidence/view.ts";
import { type EpeMemory, newMemory, rowKey } from "../../controller/src/core/epe/memory.ts";
import { Random } from "../judge-curve/random.ts";
import { whyElsewhere } from "./causes.ts";
import { feed } from "./feed.ts";
import { type Move, MoveLedger } from "./moves.ts";
import {
  bgpChoice,
  capacitiesOf,
  costOf,
  destinationsFor,
  fits,
  HEADEND,
  loadsOf,
  NAMES,
  policyFor,
  weights,
} from "./network.ts";
import { RuledOracle } from "./oracle.ts";
import { World, type WorldPlan } from "./world.ts";

export interface RunPlan extends WorldPlan {
  /** Cycles before anything is counted, in which decisions are made all the same. */
  readonly warmCycles: number;
  readonly countedCycles: number;
  readonly numbers: Partial<EpeNumbers>;
  /** Every ten minutes the wall clocks of nodes are set to something else. */
  readonly clockSteps: boolean;
  /** Not our decisions, but whoever had the lowest round trip in the last cycle. */
  readonly naive: boolean;
}

/** What one run showed; sums over counted cycles and destinations, weighted by traffic. */
export interface Outcome {
  readonly moves: readonly Move[];
  /** Moves of a destination within an hour after its last one, and destinations that did so. */
  readonly movedAgain: number;
  readonly movedAgainWho: number;
  /** Moves to a peer that the destination had left within the hour before: to and fro. */
  readonly wentBack: number;
  readonly reverts: number;
  readonly hours: number;
  /**
   * Ms of the objective, under the loads that the decisions made: by BGP's own choice, by the decisions, by the best in each cycle; and
   * by that only where it is what policy asks for.
   */
  readonly bgp: number;
  readonly used: number;
  readonly oracle: number;
  readonly policyOracle: number;
  /** Each under loads of its own: BGP alone, and an oracle bound by the policy. */
  readonly bgpAlone: number;
  readonly ruled: number;
  /** Moves of that oracle. */
  readonly ruledMoves: number;
  /** Moves to the peer that goes up and down. */
  readonly toFlapping: number;
  /** Traffic that the sums are over. */
  readonly weight: number;
  /** Why the decisions were not where the oracle was, and what that cost. */
  readonly lostBy: Readonly<Record<string, number>>;
}

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
  const ruled = new RuledOracle(world, bgp, policy.numbers, plan.cycleS);
  const lossMs = weights.lossPercent * 100;
  const ledger = new MoveLedger(world, { cycleS: plan.cycleS, lossMs });
  const sums = {
    bgp: 0,
    used: 0,
    oracle: 0,
    policyOracle: 0,
    bgpAlone: 0,
    ruled: 0,
    weight: 0,
  };
  const lostBy: Record<string, number> = {};
  let decisions: readonly Decision[] = [];
  let memory: EpeMemory = newMemory("enforce");
  let [nowMs, clockMs, reverts, ruledMoves, toFlapping] = [0, 0, 0, 0, 0];
  for (let cycle = 1; cycle <= plan.warmCycles + plan.countedCycles; cycle++) {
    world.step();
    nowMs += plan.cycleS * 1000;
    if (world.flapping !== undefined)
      for (const [at, target] of world.targets.entries()) {
        const before = bgp[at] ?? 0;
        const choice = bgpChoice(target, names, world.down);
        bgp[at] = choice;
        if (decisions[at]?.peer === undefined) used[at] = choice;
        ruled.follow(at, before, choice);
      }
    if (plan.clockSteps && cycle % 20 === 0) clockMs = random.between(-3_600_000, 3_600_000);
    ruled.decide(bgp, cycle);
    const loads = loadsOf(world, used, names.length);
    const loadsAlone = loadsOf(world, bgp, names.length);
    const loadsRuled = loadsOf(world, ruled.used, names.length);
    const counted = cycle > plan.warmCycles;
    for (const [at, target] of world.targets.entries()) {
      const costs = names.map((_, peer) => costOf(world, target, peer, loads));
      const [b, u, r] = [bgp[at] ?? 0, used[at] ?? 0, ruled.used[at] ?? 0];
      const [own, now] = [costs[b] ?? 0, costs[u] ?? 0];
      ledger.meet(at, b, u, costs, loads);
      if (ruled.changed[at] === cycle) ruledMoves++;
      if (!counted) continue;
      // A hole that BGP chose costs more than everything else together, and would hide it.
      if (target.paths[b]?.hole === true) continue;
      const weight = world.demand(target);
      const usable = costs.filter((_, peer) => peer === b || fits(world, target, peer));
      const best = Math.min(...usable);
      const needed = Math.max(policy.numbers.minimumGainMs, (policy.numbers.minimumGainPercent / 100) * own);
      sums.weight += weight;
      sums.bgp += weight * own;
      sums.used += weight * now;
      sums.oracle += weight * best;
      sums.policyOracle += weight * (own - best >= needed ? best : own);
      sums.bgpAlone += weight * costOf(world, target, b, loadsAlone);
      sums.ruled += weight * costOf(world, target, r, loadsRuled);
      if (r === u) continue;
      const lossy =
        world.truth(target, u, loads).loss - world.truth(target, r, loads).loss >
        (0.5 * (now - (costs[r] ?? 0))) / lossMs;
      const why = whyElsewhere({
        target,
        decision: decisions[at],
        oracle: r,
        bgp: b,
        used: u,
        worseThanBgp: now > own,
        age: cycle - (ruled.changed[at] ?? 0),
        byLoss: lossy,
      });
      lostBy[why] = (lostBy[why] ?? 0) + weight * (now - (costs[r] ?? 0));
    }
    feed(store, world, random, {
      names,
      destinations,
      loads,
      octets,
      cycle,
      nowMs,
      clockMs,
      cycleS: plan.cycleS,
    });
    const demand = new Map(
      world.targets.map((target, at) => [
        rowKey(HEADEND, "default", destinations[at]?.prefix ?? ""),
        world.demand(target),
      ]),
    );
    const evidence = store.view(new Set([HEADEND, "xe-1", "xe-2"]), nowMs, demand);
    const begin = (at: number, reason: string, to: number, saidMs: number): void =>
      ledger.begin(at, { reason, from: used[at] ?? 0, to, saidMs, cycle, loads });
    if (plan.naive) {
      for (const [at, peer] of lowest(evidence, destinations, bgp).entries()) {
        if (peer === used[at]) continue;
        ledger.close(at, bgp[at] ?? 0);
        if (peer === bgp[at]) reverts++;
        else begin(at, "lowest", peer, 0);
        used[at] = peer;
      }
      continue;
    }
    const outcome = decide({ policy, destinations, evidence, memory, nowMs });
    ({ memory, decisions } = outcome);
    for (const [at, decision] of decisions.entries()) {
      const to = positions.get(decision.peer ?? "") ?? bgp[at] ?? 0;
      if (decision.action === "move" || decision.action === "revert") ledger.close(at, bgp[at] ?? 0);
      if (decision.action === "move") begin(at, decision.rule, to, decision.comparison?.gainMs ?? 0);
      if (decision.action === "move" && to === world.flapping) toFlapping++;
      if (decision.action === "revert" && counted) reverts++;
      if (decision.action !== "keep" && to !== used[at]) ledger.left(at, used[at] ?? 0, cycle);
      used[at] = to;
    }
  }
  ledger.closeAll(bgp);
  const hours = ((plan.warmCycles + plan.countedCycles) * plan.cycleS) / 3600;
  return {
    moves: ledger.moves,
    movedAgain: ledger.movedAgain,
    movedAgainWho: ledger.movedAgainWho,
    wentBack: ledger.wentBack,
    reverts,
    hours,
    ruledMoves,
    toFlapping,
    lostBy,
    ...sums,
  };
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
      const ms = msOf(view?.rtts[(base + peer) * view.slots + slot] ?? NO_TIME);
      if (ms < best.ms) best = { peer, ms };
    }
    return best.peer;
  });
}
