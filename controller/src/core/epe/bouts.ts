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

/** Of probes of full size at most one in so many may be lost for those to be witnesses of loss; where more are, it is their size. */
const FULLS_LOST = 4;

/**
 * Is a lost probe of full size a loss like any other? Where they mostly arrive it is; and it is sent at another moment of the cycle, so that
 * it sees bursts that fall between the small ones.
 */
export function fullsTell({ fullsOf, fullsLostOf }: CycleView, cell: number): boolean {
  return (fullsOf[cell] ?? 0) >= FULLS_LOST * (fullsLostOf[cell] ?? 0);
}

/** Nothing was lost of all that is kept. */
export function isClean(view: CycleView, base: number): boolean {
  const cell = base / view.slots;
  return view.lostOf[cell] === 0 && (view.fullsLostOf[cell] === 0 || !fullsTell(view, cell));
}

/** Of the newest `count` cycles. */
export function boutsOf(view: CycleView, order: CycleOrder, count: number, base: number): Bouts {
  return boutsIn(view, order, undefined, Math.min(count, order.slots.length), base);
}

/** @param places in the order, of the cycles looked at; undefined: its first ones */
export function boutsIn(
  view: CycleView,
  { slots }: CycleOrder,
  places: Int32Array | undefined,
  count: number,
  base: number,
): Bouts {
  const { told } = view;
  const fulls = fullsTell(view, base / view.slots);
  let [sent, lost, bouts] = [0, 0, 0];
  let [age, oldest] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let before = -2;
  for (let at = 0; at < count; at++) {
    const now = told[base + (slots[places === undefined ? at : (places[at] ?? 0)] ?? 0)] ?? 0;
    sent += fulls ? allSent(now) : sentIn(now);
    const gone = fulls ? allLost(now) : lostIn(now);
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

/** Probes of one cycle, that of full size too; and what was lost of them. */
export function allSent(told: number): number {
  return sentIn(told) + ((told & FLAG.fullMask) === 0 ? 0 : 1);
}

export function allLost(told: number): number {
  return lostIn(told) + ((told & FLAG.fullMask) === FLAG.lost ? 1 : 0);
}

/** Bouts that should have come since the newest, at the pace of those before, for it to have been the last. */
const MISSED_BOUTS = 6;

/** Nothing was lost for so long that what made it lose is over. */
export function isOver({ bouts, age, oldest }: Bouts): boolean {
  return bouts > 0 && (bouts / (oldest - age + 1)) * age >= MISSED_BOUTS;
}

/**
 * Chance that what lost in so many bouts still does: either the cycles since the newest were spared by chance, or it ended in one of
 * them; for that, in each cycle, one in as many as it had lasted.
 */
export function goesOn({ bouts, age, oldest }: Bouts): number {
  if (bouts === 0) return 1;
  const spared = Math.exp((-bouts / (oldest - age + 1)) * age);
  return spared / (spared + (1 - spared) / bouts);
}
