import { DEFAULT_EPE } from "@vsix/shared/fabric/epe-defaults.ts";
import { wilson } from "../../controller/src/core/release/stats/proportions.ts";
import { Random } from "../judge-curve/random.ts";
import { MoveLedger } from "./moves.ts";
import { bgpChoice, capacitiesOf, costOf, loadsOf, NAMES, weights } from "./network.ts";
import { RuledOracle } from "./oracle.ts";
import type { Outcome, RunPlan } from "./run.ts";
import { UnseenLoss } from "./unseen-loss.ts";
import { World } from "./world.ts";

/** What whoever knows the truth of each cycle that is over, and nothing of the next, does and wins: whoever only measures knows less. */
export type Bound = Pick<Outcome, "moves" | "hours" | "bgpAlone" | "ruled">;

/**
 * The oracle of the curve (oracle.ts) alone, without evidence; its own moves are judged as the decisions' are. It decides as they
 * do, at the end of each cycle for the next.
 * @param patience cycles for which a peer must have been better in truth before a destination moves: more of them, fewer regrets
 * @param probed of losses nothing is known before a probe was lost (unseen-loss.ts); of all else the truth
 */
export function bound(seed: number, plan: RunPlan, patience: number, probed = false): Bound {
  const world = new World(new Random(seed), plan);
  const names = NAMES.slice(0, plan.peers);
  const bgp = world.targets.map((target) => bgpChoice(target, names));
  world.capacities = capacitiesOf(world, bgp, names.length, plan.equal ? 4 : 1);
  const numbers = { ...DEFAULT_EPE.decide, ...plan.numbers };
  const lossMs = weights.lossPercent * 100;
  const unseen = probed ? new UnseenLoss(world, new Random(seed + 1)) : undefined;
  const hiddenMs = (at: number, peer: number): number => lossMs * (unseen?.of(at, peer) ?? 0);
  const oracle = new RuledOracle(world, bgp, numbers, plan.cycleS, patience, hiddenMs);
  const ledger = new MoveLedger(world, { cycleS: plan.cycleS, lossMs });
  let [bgpAlone, ruled] = [0, 0];
  const cycles = plan.warmCycles + plan.countedCycles;
  for (let cycle = 1; cycle <= cycles; cycle++) {
    world.step();
    const loads = loadsOf(world, oracle.used, names.length);
    const alone = loadsOf(world, bgp, names.length);
    const costs = world.targets.map((target) => names.map((_, peer) => costOf(world, target, peer, loads)));
    for (const [at, target] of world.targets.entries()) {
      const [own, used] = [bgp[at] ?? 0, oracle.used[at] ?? 0];
      ledger.meet(at, own, used, costs[at] ?? [], loads);
      if (cycle <= plan.warmCycles || target.paths[own]?.hole === true) continue;
      const weight = world.demand(target);
      bgpAlone += weight * costOf(world, target, own, alone);
      ruled += weight * (costs[at]?.[used] ?? 0);
    }
    const before = [...oracle.used];
    unseen?.look(loads);
    oracle.decide(bgp, cycle);
    for (const at of world.targets.keys()) {
      const [own, used, from] = [bgp[at] ?? 0, oracle.used[at] ?? 0, before[at] ?? 0];
      if (used === from) continue;
      ledger.close(at, own);
      const saidMs = (costs[at]?.[from] ?? 0) - (costs[at]?.[used] ?? 0);
      if (used !== own) ledger.begin(at, { reason: "gain", from, to: used, saidMs, cycle, loads });
    }
  }
  ledger.closeAll(bgp);
  return { moves: ledger.moves, hours: (cycles * plan.cycleS) / 3600, bgpAlone, ruled };
}

/**
 * A table: for each patience, over the same networks, moves, how many made it worse, and what was won of what the first wins; by whoever
 * knows the truth, and by whoever knows of losses what probes could tell at most.
 */
export function boundMarkdown(seeds: readonly number[], plan: RunPlan, patiences: readonly number[]): string {
  let most: number | undefined;
  const rows = patiences.map((patience) => {
    const cells = [false, true].map((probed) => {
      const runs = seeds.map((seed) => bound(seed, plan, patience, probed));
      const moves = runs.flatMap((one) => one.moves);
      const [events, trials] = [
        moves.filter(({ gainMs, stepMs }) => Math.min(gainMs, stepMs) < 0).length,
        moves.length,
      ];
      const wonMs = runs.reduce((sum, one) => sum + one.bgpAlone - one.ruled, 0);
      most ??= wonMs;
      const [low, high] = wilson({ events, trials }, 0.025);
      const worse = `${percent(events / Math.max(1, trials))} (${percent(low)} to ${percent(high)})`;
      return `${trials} | ${worse} | ${percent(wonMs / most)}`;
    });
    return `| ${patience} | ${cells.join(" | ")} |`;
  });
  const head =
    "| cycles waited | moves | made it worse | won | losses known by probes: moves | made it worse | won |";
  return [head, "|---:|---:|---|---:|---:|---|---:|", ...rows].join("\n");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
