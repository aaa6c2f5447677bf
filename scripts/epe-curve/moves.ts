import { addParts, noParts, type PartSums, whyWorse } from "./causes.ts";
import type { World } from "./world.ts";

/** What each move did over its life, in truth. A move lives until the destination is moved on or taken back. */

export interface Move {
  readonly reason: string;
  readonly lie: string;
  readonly cycles: number;
  /** Over its life, against what BGP would have done: mean, ms of the objective. */
  readonly gainMs: number;
  /** The same against the peer that it left, as if it had stayed there. */
  readonly stepMs: number;
  /** Mean ms over its life of the round trip alone, against BGP's choice. */
  readonly rttGainMs: number;
  /** What the decision said that it would gain: ms of the objective, against the peer that it left. */
  readonly saidMs: number;
  /** `gainMs`, and the lesser of `gainMs` and `stepMs`, times traffic times cycles. */
  readonly gainByTraffic: number;
  readonly leastByTraffic: number;
  /** BGP's own choice is a hole: everything is better, by a second. */
  readonly outOfHole: boolean;
  /** Where it was worse than either. */
  readonly why: string;
}

interface Open {
  readonly reason: string;
  readonly from: number;
  readonly atMove: PartSums;
  readonly sums: PartSums;
  readonly saidMs: number;
  cycles: number;
  sumMs: number;
  stepMs: number;
  rttMs: number;
  gainByTraffic: number;
  stepByTraffic: number;
}

interface LedgerPlan {
  readonly cycleS: number;
  /** What one of all lost is worth. */
  readonly lossMs: number;
}

const HOUR_S = 3600;

export class MoveLedger {
  readonly moves: Move[] = [];
  /** Moves of a destination within an hour after its last one. */
  movedAgain = 0;
  /** Moves to a peer that the destination had left within the hour before: to and fro. */
  wentBack = 0;
  readonly #world: World;
  readonly #plan: LedgerPlan;
  readonly #open = new Map<number, Open>();
  readonly #again = new Set<number>();
  /** By destination the cycle of its last move; by destination and peer that in which it last left it. */
  readonly #movedIn = new Map<number, number>();
  readonly #leftIn = new Map<string, number>();

  constructor(world: World, plan: LedgerPlan) {
    this.#world = world;
    this.#plan = plan;
  }

  /** Destinations of `movedAgain`. */
  get movedAgainWho(): number {
    return this.#again.size;
  }

  begin(
    at: number,
    given: {
      readonly reason: string;
      readonly from: number;
      readonly to: number;
      readonly saidMs: number;
      readonly cycle: number;
      readonly loads: readonly number[];
    },
  ): void {
    const { reason, from, to, saidMs, cycle, loads } = given;
    const { lossMs } = this.#plan;
    const target = this.#world.targets[at];
    if (target === undefined) return;
    if (this.#lately(this.#movedIn.get(at), cycle)) {
      this.movedAgain++;
      this.#again.add(at);
    }
    this.#movedIn.set(at, cycle);
    if (this.#lately(this.#leftIn.get(`${at} ${to}`), cycle)) this.wentBack++;
    const atMove = noParts();
    const [before, after] = [from, to].map((peer) => this.#world.parts(target, peer, loads, lossMs));
    if (before !== undefined && after !== undefined) addParts(atMove, before, after);
    this.#open.set(at, {
      reason,
      from,
      saidMs,
      atMove,
      sums: noParts(),
      cycles: 0,
      sumMs: 0,
      stepMs: 0,
      rttMs: 0,
      gainByTraffic: 0,
      stepByTraffic: 0,
    });
  }

  /** Traffic of a destination leaves by another peer from now on, for whatever reason. */
  left(at: number, peer: number, cycle: number): void {
    this.#leftIn.set(`${at} ${peer}`, cycle);
  }

  /** One cycle of a destination's move, if there is one. @param costs ms of the objective by peer, in truth */
  meet(at: number, bgp: number, used: number, costs: readonly number[], loads: readonly number[]): void {
    const world = this.#world;
    const [move, target] = [this.#open.get(at), world.targets[at]];
    if (move === undefined || target === undefined) return;
    const [own, now, left] = [costs[bgp] ?? 0, costs[used] ?? 0, costs[move.from] ?? 0];
    const demand = world.demand(target);
    move.cycles++;
    move.sumMs += own - now;
    move.stepMs += left - now;
    move.rttMs += world.truth(target, bgp, loads).rttMs - world.truth(target, used, loads).rttMs;
    move.gainByTraffic += demand * (own - now);
    move.stepByTraffic += demand * (left - now);
    const [other, taken] = [bgp, used].map((peer) => world.parts(target, peer, loads, this.#plan.lossMs));
    if (other !== undefined && taken !== undefined) addParts(move.sums, other, taken);
  }

  /** Moved on or taken back. @param bgp peer that BGP chooses for it */
  close(at: number, bgp: number): void {
    const one = this.#open.get(at);
    if (one === undefined) return;
    this.#open.delete(at);
    const { reason, saidMs, cycles, sumMs, stepMs, gainByTraffic } = one;
    if (cycles === 0) return;
    const target = this.#world.targets[at];
    const lie = target?.lie ?? "";
    const bad = Math.min(sumMs, stepMs) < 0;
    this.moves.push({
      reason,
      lie,
      cycles,
      saidMs,
      gainMs: sumMs / cycles,
      stepMs: stepMs / cycles,
      rttGainMs: one.rttMs / cycles,
      gainByTraffic,
      leastByTraffic: Math.min(gainByTraffic, one.stepByTraffic),
      outOfHole: target?.paths[bgp]?.hole === true,
      why: bad ? whyWorse(one.atMove, one.sums, cycles, lie) : "",
    });
  }

  /** The run is over. */
  closeAll(bgp: readonly number[]): void {
    for (const at of [...this.#open.keys()]) this.close(at, bgp[at] ?? 0);
  }

  #lately(then: number | undefined, cycle: number): boolean {
    return then !== undefined && (cycle - then) * this.#plan.cycleS < HOUR_S;
  }
}
