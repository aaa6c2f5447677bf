import type { Decision } from "../../controller/src/core/epe/decision.ts";
import type { Target, TruthParts } from "./world.ts";

/** Why something was lost: by what an oracle used instead, and why a move ended up worse. For whoever improves the method. */

/** Of parts of the truth that a move met over its life, sums of (other - used); positive is good. */
export interface PartSums {
  own: number;
  region: number;
  episode: number;
  queue: number;
  loss: number;
}

export function noParts(): PartSums {
  return { own: 0, region: 0, episode: 0, queue: 0, loss: 0 };
}

export function addParts(sums: PartSums, other: TruthParts, used: TruthParts): void {
  sums.own += other.ownMs - used.ownMs;
  sums.region += other.regionMs - used.regionMs;
  sums.episode += other.episodeMs - used.episodeMs;
  sums.queue += other.queueMs - used.queueMs;
  sums.loss += other.lossMs - used.lossMs;
}

/** The part that took most away between the moment of the move and its life; or that the move was wrong at once. */
export function whyWorse(atMove: PartSums, sums: PartSums, cycles: number, lie: string): string {
  if (lie !== "none") return `lie ${lie}`;
  const total = (of: PartSums): number => of.own + of.region + of.episode + of.queue + of.loss;
  if (total(atMove) < 0) return "wrong when it was decided";
  let [worst, most] = ["nothing", 0];
  for (const key of ["own", "region", "episode", "queue", "loss"] as const) {
    const fell = atMove[key] - sums[key] / cycles;
    if (fell > most) [worst, most] = [key, fell];
  }
  return `${worst} changed`;
}

/** Why we were not where the oracle was. */
export function whyElsewhere(given: {
  readonly target: Target;
  readonly decision: Decision | undefined;
  readonly oracle: number;
  readonly bgp: number;
  readonly used: number;
  readonly worseThanBgp: boolean;
  readonly age: number;
  readonly byLoss: boolean;
}): string {
  const { target, decision, oracle, bgp, used, worseThanBgp, age, byLoss } = given;
  if (target.lie !== "none") return `lie ${target.lie}`;
  const old = age < 4 ? "<2 min" : age < 10 ? "<5 min" : age < 24 ? "<12 min" : ">12 min";
  if (used !== bgp && worseThanBgp) return "worse than BGP, not taken back yet";
  if (oracle === bgp) return "oracle by BGP, ours elsewhere";
  const code = decision?.peers()[oracle]?.code ?? "?";
  const rule = decision?.rule ?? "?";
  return `${used === bgp ? "by BGP" : "elsewhere"}, ${code}/${rule}${byLoss ? ", loss" : ""}, ${old}`;
}
