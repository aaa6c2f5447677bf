import type { EpeNumbers } from "@vsix/shared/fabric/epe-model.ts";
import { type ClusteredShare, clusteredOf } from "../release/stats/blocks.ts";
import { type Share, scoreTest } from "../release/stats/proportions.ts";
import { type CycleView, FLAG, lostIn, sentIn } from "./evidence/view.ts";
import type { CycleOrder } from "./reading.ts";

/**
 * What one way lost over some cycles. Losses come in bursts, and a burst is one witness however many probes it took: a bout is a cycle
 * that lost something, unless another bout began in the cycle before.
 */
export interface Bouts {
  sent: number;
  lost: number;
  bouts: number;
  /** Cycles since the newest of them, and since the oldest; Infinity without. */
  age: number;
  oldest: number;
}

export interface LossGain {
  /** Share that is lost less by the other way; below 0 where it seems to lose more. */
  readonly difference: number;
  /** How sure a gain is; 1 where there is none. */
  readonly p: number;
}

/** Bouts more by which a way is believed to be worse whenever they were; and probes more, of late. */
const HARM_BOUTS = 2;
const HARM_LOST = 2;
/** Before a move harm is taken to be so many times what was seen of it: of few bouts that is still likely. */
const CAUTION = 2;
/** Bouts more without which no gain is seen. */
const LEAST_BOUTS = 3;
/** Chance that two ways that lose alike share their bouts so unevenly, above which they are alike. */
const ALIKE = 0.13;
/** Of ways that are nothing special some lose so many times as often as their mean. */
const USUAL_TIMES = 2;
/** Bouts that should have come since the newest, at the pace of those before, for it to have been the last. */
const MISSED_BOUTS = 6;
/** Of a host that limits its answers in more than this part of the cycles, nothing that is lost says anything of a way. */
const LIMITED_SHARE = 0.5;
const NO_LOSS: LossGain = { difference: 0, p: 1 };

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
  /** Bouts a cycle of most ways here; undefined: too few to say. */
  readonly usual: number | undefined;
}

/**
 * Harm is believed where suspected, a gain only where shown. It is shown by one of two tests. The first asks whether two equal
 * ways would differ so: it is sure whatever the network, and needs hundreds of probes. The second asks whether a way such as most
 * are here would lose so often; one that does is bad long before another is shown to be better. What that is worth is
 * the lower end of what it may be.
 */
export function lossGain(asked: LossQuestion): LossGain {
  const { view, order, from, to, numbers, shown, usual } = asked;
  const { cycles, lossCycles, error } = numbers;
  // Mostly neither has lost anything in all cycles that are kept.
  if (view.lostOf[from / view.slots] === 0 && view.lostOf[to / view.slots] === 0) return NO_LOSS;
  const count = findUsable(asked);
  if (count < LIMITED_SHARE * lossCycles && mostlyLimited(asked)) return NO_LOSS;
  const held = heldOf(asked, count);
  const harm = Math.min(harmIn(asked, held), harmIn(asked, Math.min(held, cycles)));
  if (harm < 0) return { difference: harm, p: 1 };
  const [a, b] = [usableBouts(asked, count, from), usableBouts(asked, count, to)];
  if (a.sent === 0 || b.sent === 0) return NO_LOSS;
  const clean = a.lost / a.sent - b.lost / b.sent;
  if (clean <= 0 || isOver(a)) return NO_LOSS;
  const more = a.bouts - b.bouts;
  if (!shown) return { difference: clean * lowerShare(more), p: 1 };
  const judged = Math.min(count, cycles);
  const [now, other] = [usableBouts(asked, judged, from), usableBouts(asked, judged, to)];
  // What was lost long ago and is not any more is no reason to move now.
  const difference = now.lost / now.sent - other.lost / other.sent;
  const sinceMs = order.beganMs[usable[count - 1] ?? -1] ?? 0;
  if (a.lost - b.lost < LEAST_BOUTS || difference <= 0 || limited(asked, sinceMs)) return NO_LOSS;
  const looks = [count, judged, Math.min(count, Math.ceil(cycles / 2.4))];
  // Three looks, at what hangs together.
  const p = looks.length * Math.min(...looks.map((look) => test(asked, look)));
  if (p <= error) return { difference, p };
  if (usual === undefined || more < LEAST_BOUTS || now.bouts <= other.bouts) return NO_LOSS;
  const likely = poissonTail(a.bouts, USUAL_TIMES * usual * count) > error;
  const alike = binomialTail(a.bouts, a.bouts + b.bouts);
  return likely || alike > ALIKE ? NO_LOSS : { difference: clean * lowerShare(more), p: alike };
}

/** Nothing was lost for so long that what made it lose is over. */
function isOver({ bouts, age, oldest }: Bouts): boolean {
  return bouts > 0 && (bouts / (oldest - age + 1)) * age >= MISSED_BOUTS;
}

/** Places in the order of the cycles that say something of both ways of the question at hand, newest first. */
let usable = new Int32Array(128);

/** A host that limits its answers loses by every way; which one more is chance, or the order of asking. @returns how many there are */
function findUsable({ view, order, from, to, numbers }: LossQuestion): number {
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

/** Of the usable cycles those after the move, which are the newest. */
function heldOf({ held }: LossQuestion, count: number): number {
  let at = count;
  while (at > 0 && (usable[at - 1] ?? 0) >= held) at--;
  return at;
}

function mostlyLimited({ view, order, from, numbers }: LossQuestion): boolean {
  let [cycles, limits] = [0, 0];
  for (const slot of order.slots) {
    const told = view.told[from + slot] ?? 0;
    if (sentIn(told) === 0) continue;
    if ((told & FLAG.backedOff) !== 0) limits++;
    if (++cycles >= numbers.lossCycles) break;
  }
  return limits > LIMITED_SHARE * cycles;
}

/** Did it limit its answers in any cycle of this time? */
function limited({ view, order, from, to }: LossQuestion, sinceMs: number): boolean {
  return order.slots.some(
    (slot, place) =>
      (order.beganMs[place] ?? 0) >= sinceMs &&
      (((view.told[from + slot] ?? 0) | (view.told[to + slot] ?? 0)) & FLAG.backedOff) !== 0,
  );
}

/** By how much less `from` lost than `to` in the newest usable cycles, at most 0; 0 where that may well be chance. */
function harmIn(asked: LossQuestion, count: number): number {
  const { from, to, numbers, shown } = asked;
  const [a, b] = [usableBouts(asked, count, from), usableBouts(asked, count, to)];
  if (b.lost <= a.lost) return 0;
  // Before a move one burst is enough, whenever it was; after it, one that is old and was the only one is forgiven.
  const late = (shown || b.age < numbers.cycles / 3) && b.lost - a.lost >= HARM_LOST;
  if (!late && b.bouts - a.bouts < HARM_BOUTS) return 0;
  return (shown ? CAUTION : 1) * Math.min(0, a.lost / a.sent - b.lost / b.sent);
}

/** Of the newest usable cycles. */
function usableBouts({ view, order }: LossQuestion, count: number, base: number): Bouts {
  return boutsIn(view, order, usable, count, base);
}

/** Of the newest `count` cycles. */
export function boutsOf(view: CycleView, order: CycleOrder, count: number, base: number): Bouts {
  return boutsIn(view, order, undefined, Math.min(count, order.slots.length), base);
}

/** @param places in the order, of the cycles looked at; undefined: its first ones */
function boutsIn(
  { told }: CycleView,
  { slots }: CycleOrder,
  places: Int32Array | undefined,
  count: number,
  base: number,
): Bouts {
  let [sent, lost, bouts] = [0, 0, 0];
  let [age, oldest] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let before = -2;
  for (let at = 0; at < count; at++) {
    const now = told[base + (slots[places === undefined ? at : (places[at] ?? 0)] ?? 0)] ?? 0;
    sent += sentIn(now);
    const gone = lostIn(now);
    if (gone === 0) continue;
    lost += gone;
    if (age > at) age = at;
    if (at - before < 2) continue;
    bouts++;
    oldest = at;
    before = at;
  }
  return { sent, lost, bouts, age, oldest };
}

/** P that `from` does not lose more than `to` in the newest usable cycles. Both are taken to lose in clusters as great as those of either. */
function test(asked: LossQuestion, count: number): number {
  if (count < 3) return 1;
  const [a, b] = [clusters(asked, count, asked.from), clusters(asked, count, asked.to)];
  const effect = Math.max(a.designEffect, b.designEffect);
  const effective = ({ counted }: ClusteredShare): Share => ({
    events: counted.events / effect,
    trials: counted.trials / effect,
  });
  return scoreTest(effective(a), effective(b), 0).pGreater;
}

/** What was lost and sent cycle by cycle, of the way at hand. */
let [events, trials] = [new Uint8Array(128), new Uint8Array(128)];

function clusters({ view, order }: LossQuestion, count: number, base: number): ClusteredShare {
  if (events.length < count) [events, trials] = [new Uint8Array(count), new Uint8Array(count)];
  for (let at = 0; at < count; at++) {
    const told = view.told[base + (order.slots[usable[at] ?? 0] ?? 0)] ?? 0;
    events[at] = lostIn(told);
    trials[at] = sentIn(told);
  }
  return clusteredOf(events, trials, count);
}

/** P(X >= count) of a Poisson variable. */
export function poissonTail(count: number, mean: number): number {
  let [term, below] = [Math.exp(-mean), 0];
  for (let at = 0; at < count; at++) {
    below += term;
    term *= mean / (at + 1);
  }
  return Math.max(0, 1 - below);
}

/** P(X >= count) when each of `all` is one with chance one half. */
export function binomialTail(count: number, all: number): number {
  let [term, sum] = [0.5 ** all, 0];
  for (let at = all; at >= count; at--) {
    sum += term;
    term *= at / (all - at + 1);
  }
  return Math.min(1, sum);
}

/** Of a rate seen in so many bouts the lower end (one in ten is below), as a share of it; Wilson and Hilferty (1931). */
export function lowerShare(bouts: number): number {
  return bouts < 1 ? 0 : Math.max(0, 1 - 1 / (9 * bouts) - 1.2816 / (3 * Math.sqrt(bouts))) ** 3;
}
