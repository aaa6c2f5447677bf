import type { EpeNumbers } from "@vsix/shared/fabric/epe-model.ts";
import { type Bouts, boutsIn } from "./bouts.ts";
import { type CycleView, FLAG, sentIn } from "./evidence/view.ts";
import type { LossPosterior, LossPrior } from "./loss-prior.ts";
import type { CycleOrder } from "./reading.ts";

/** What is asked of one pair of ways. */
export interface LossQuestion {
  readonly view: CycleView;
  readonly order: CycleOrder;
  /** Harm is looked for in so many of the newest cycles alone: begun after the move. */
  readonly held: number;
  /** Bases of the cells in the view. */
  readonly from: number;
  readonly to: number;
  readonly numbers: EpeNumbers;
  /** A gain must be shown; else it was before the move, and what was lost is believed as it stands. */
  readonly shown: boolean;
  /** How often ways lose here; undefined: too few are known to say. */
  readonly prior: LossPrior | undefined;
}

export interface LossGain {
  /** Share that is lost less by the other way; below 0 where it seems to lose more. */
  readonly difference: number;
  /** How sure a gain is; 1 where there is none. */
  readonly p: number;
  /** What both lose, as far as that is known; undefined: nothing is said of it. */
  readonly known?: { readonly from: LossPosterior; readonly to: LossPosterior };
}

export const NO_LOSS: LossGain = { difference: 0, p: 1 };

/** Of a host that limits its answers in more than this part of the cycles, nothing that is lost says anything of a way. */
export const LIMITED_SHARE = 0.5;

/** Places in the order of the cycles that say something of both ways of the question at hand, newest first. */
let usable = new Int32Array(128);

/** A host that limits its answers loses by every way; which one more is chance, or the order of asking. @returns how many there are */
export function findUsable({ view, order, from, to, numbers }: LossQuestion): number {
  const { told } = view;
  const { slots } = order;
  if (usable.length < slots.length) usable = new Int32Array(slots.length);
  let count = 0;
  for (let place = 0; place < slots.length && count < numbers.lossCycles; place++) {
    const slot = slots[place] ?? 0;
    const [a, b] = [told[from + slot] ?? 0, told[to + slot] ?? 0];
    if (sentIn(a) === 0 || sentIn(b) === 0 || ((a | b) & FLAG.backedOff) !== 0) continue;
    usable[count++] = place;
  }
  return count;
}

/** Place in the order of one of the usable cycles. */
export function usablePlace(at: number): number {
  return usable[at] ?? -1;
}

/** Of the usable cycles those after the move, which are the newest. */
export function heldOf({ held }: LossQuestion, count: number): number {
  let at = count;
  while (at > 0 && (usable[at - 1] ?? 0) >= held) at--;
  return at;
}

/** Of the newest usable cycles. */
export function usableBouts({ view, order }: LossQuestion, count: number, base: number): Bouts {
  return boutsIn(view, order, usable, count, base);
}

export function mostlyLimited({ view, order, from, numbers }: LossQuestion): boolean {
  let [cycles, limits] = [0, 0];
  for (const slot of order.slots) {
    const told = view.told[from + slot] ?? 0;
    if (sentIn(told) === 0) continue;
    if ((told & FLAG.backedOff) !== 0) limits++;
    if (++cycles >= numbers.lossCycles) break;
  }
  return limits > LIMITED_SHARE * cycles;
}

/** Did it limit its answers in any cycle since the oldest of so many usable ones? */
export function limitedIn({ view, order, from, to }: LossQuestion, count: number): boolean {
  const sinceMs = order.beganMs[usablePlace(count - 1)] ?? 0;
  return order.slots.some(
    (slot, place) =>
      (order.beganMs[place] ?? 0) >= sinceMs &&
      (((view.told[from + slot] ?? 0) | (view.told[to + slot] ?? 0)) & FLAG.backedOff) !== 0,
  );
}
