import type { EpeNumbers } from "@vsix/shared/fabric/epe-model.ts";
import { costOf, DETOUR_AT, fits, loadsOf } from "./network.ts";
import type { World } from "./world.ts";

/**
 * Who knows the truth of each cycle, and nothing of the next, and is bound by the same policy as our decisions: what a move must gain,
 * what it must keep, the hold between two moves of one destination, the caps of a cycle, and the share up to which a link may be
 * loaded. It lives in a loop of its own: its moves change its loads. It waits for no evidence, is wrong about nothing, and takes
 * back at no cost.
 */
export class RuledOracle {
  readonly used: number[];
  /** Cycle in which each destination was last moved or taken back, and since when it is where it is. */
  readonly changed: number[];
  readonly #world: World;
  readonly #numbers: EpeNumbers;
  readonly #cycleS: number;

  /** For how many cycles each destination (row) has been better by each peer (column), by enough. */
  readonly #streaks: Int32Array;
  readonly #patience: number;
  readonly #hiddenMs: (at: number, peer: number) => number;

  /**
   * @param patience a peer must have been better for so many cycles, this one counted
   * @param hiddenMs of what a destination's way by a peer costs, so much is not known; nothing where it is not given
   */
  constructor(
    world: World,
    bgp: readonly number[],
    numbers: EpeNumbers,
    cycleS: number,
    patience = 1,
    hiddenMs: (at: number, peer: number) => number = () => 0,
  ) {
    this.#hiddenMs = hiddenMs;
    this.#world = world;
    this.#numbers = numbers;
    this.#cycleS = cycleS;
    this.used = [...bgp];
    this.changed = bgp.map(() => Number.NEGATIVE_INFINITY);
    this.#streaks = new Int32Array(bgp.length * world.capacities.length);
    this.#patience = patience;
  }

  /** BGP has come to choose another peer for a destination: what was not moved follows. */
  follow(at: number, before: number, choice: number): void {
    if (this.used[at] === before) this.used[at] = choice;
  }

  /** Decides by the truth of this cycle, for this cycle. Costs are asked again as loads change by what it moves. */
  decide(bgp: readonly number[], cycle: number): void {
    const { minimumGainMs, minimumGainPercent, keepGainMs, holdS, maxMovesPerCycle, maxMbpsPerCycle } =
      this.#numbers;
    const world = this.#world;
    const peers = world.capacities.length;
    const loads = loadsOf(world, this.used, peers);
    const cost = (at: number, peer: number): number => {
      const target = world.targets[at];
      return target === undefined ? 0 : costOf(world, target, peer, loads) - this.#hiddenMs(at, peer);
    };
    const put = (at: number, peer: number): void => {
      const target = world.targets[at];
      if (target === undefined) return;
      const mbps = world.demand(target);
      const from = this.used[at] ?? 0;
      loads[from] = (loads[from] ?? 0) - mbps;
      loads[peer] = (loads[peer] ?? 0) + mbps;
      this.used[at] = peer;
      this.changed[at] = cycle;
    };
    const wishes: { readonly at: number; readonly gainMs: number }[] = [];
    for (const [at, target] of world.targets.entries()) {
      const [own, now] = [bgp[at] ?? 0, this.used[at] ?? 0];
      if (own !== now && (!fits(world, target, now) || cost(at, own) - cost(at, now) < keepGainMs))
        put(at, own);
      const current = cost(at, this.used[at] ?? 0);
      const neededMs = Math.max(minimumGainMs, (minimumGainPercent / 100) * current);
      let best = current;
      for (let peer = 0; peer < peers; peer++) {
        const there = fits(world, target, peer) ? cost(at, peer) : Number.POSITIVE_INFINITY;
        const place = at * peers + peer;
        this.#streaks[place] = current - there >= neededMs ? (this.#streaks[place] ?? 0) + 1 : 0;
        if ((this.#streaks[place] ?? 0) >= this.#patience) best = Math.min(best, there);
      }
      if (cycle - (this.changed[at] ?? 0) < holdS / this.#cycleS) continue;
      if (current - best >= neededMs) wishes.push({ at, gainMs: current - best });
    }
    wishes.sort((a, b) => b.gainMs - a.gainMs || a.at - b.at);
    let [moves, mbps] = [maxMovesPerCycle, maxMbpsPerCycle];
    for (const { at } of wishes) {
      const target = world.targets[at];
      if (target === undefined || moves < 1) break;
      const demand = world.demand(target);
      if (demand > mbps) continue;
      const current = cost(at, this.used[at] ?? 0);
      const neededMs = Math.max(minimumGainMs, (minimumGainPercent / 100) * current);
      let [to, best] = [-1, current - neededMs];
      for (let peer = 0; peer < peers; peer++) {
        if (!fits(world, target, peer) || peer === this.used[at]) continue;
        if ((this.#streaks[at * peers + peer] ?? 0) < this.#patience) continue;
        if ((loads[peer] ?? 0) + demand > DETOUR_AT * (world.capacities[peer] ?? 1)) continue;
        const there = cost(at, peer);
        if (there <= best) [to, best] = [peer, there];
      }
      if (to < 0) continue;
      put(at, to);
      moves--;
      mbps -= demand;
    }
  }
}
