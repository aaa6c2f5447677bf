import type { CycleTime, CycleView } from "./evidence/view.ts";

/** What the fabric file lets be judged together at most (epe-schema.ts). */
export const MOST_CYCLES = 64;

/** Where medians of a view's cells were when they were last looked at: three of each cell. They are likely to be there again. */
const marksOf = new WeakMap<CycleView, Uint16Array>();

function marksFor(view: CycleView): Uint16Array {
  let marks = marksOf.get(view);
  if (marks === undefined || marks.length !== 3 * view.cyclesOf.length) {
    marks = new Uint16Array(3 * view.cyclesOf.length);
    marksOf.set(view, marks);
  }
  return marks;
}

/** Slots of a view from the newest cycle on, and when those began. */
export interface CycleOrder {
  readonly slots: Int32Array;
  readonly beganMs: Float64Array;
}

/** How the cells of a view are looked at. */
export interface Reading {
  readonly view: CycleView;
  readonly order: CycleOrder;
  /** Cycles that are judged. */
  readonly judged: number;
  /** As many of the newest cycles follow each other slot by slot, in a ring, and none is missing among those kept. */
  readonly unbroken: boolean;
  readonly marks: Uint16Array;
}

export function readingOf(view: CycleView, order: CycleOrder, cycles: number): Reading {
  const { slots } = order;
  const judged = Math.min(cycles, MOST_CYCLES);
  let follow = 1;
  while (follow < slots.length && slots[follow] === ((slots[0] ?? 0) - follow + view.slots) % view.slots)
    follow++;
  return { view, order, judged, unbroken: follow >= judged, marks: marksFor(view) };
}

export function orderOf(times: readonly CycleTime[]): CycleOrder {
  return {
    slots: Int32Array.from(times, ({ slot }) => slot),
    beganMs: Float64Array.from(times, ({ beganMs }) => beganMs),
  };
}

/** How many cycles began after a moment: the newest ones, for none began after one that followed it. */
export function begunAfter({ beganMs }: CycleOrder, ms: number): number {
  let count = 0;
  while (count < beganMs.length && (beganMs[count] ?? 0) > ms) count++;
  return count;
}
