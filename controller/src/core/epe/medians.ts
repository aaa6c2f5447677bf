import { msOf } from "./evidence/time-code.ts";

/** Passes after which the search begun at the mark is given up: the values have moved, and selecting is quicker. */
const MOST_PASSES = 4;
/** Greater than any code. */
const ABOVE = 0x1_0000;
const scratch = new Int32Array(64);

/** A ring of slots in a list, and which of them is the newest; older ones lie before it, and then at the end. */
export interface Ring {
  readonly base: number;
  readonly slots: number;
  readonly newest: number;
}

/**
 * Median of the newest `count` codes of times in a ring, 1 to 64, which stay as they are; in milliseconds. A window that moves by one
 * cycle has its median where it was, or beside it; so it is looked for from there, and that place is left in `marks[mark]`. The mark
 * says only where to begin: whatever it is, the median is the same.
 */
export function medianIn(
  codes: Uint16Array,
  { base, slots, newest }: Ring,
  count: number,
  marks: Uint16Array,
  mark: number,
): number {
  // Of the codes before the newest one so many; the others at the end.
  const before = Math.min(count, newest + 1);
  const first = base + newest + 1 - before;
  const second = base + slots - (count - before);
  return searched(codes, first, before, second, count, marks, mark);
}

/** Median of the first `count` codes, in the same way. */
export function medianOf(codes: Uint16Array, count: number, marks: Uint16Array, mark: number): number {
  return searched(codes, 0, count, 0, count, marks, mark);
}

/** Of `before` codes from `first` on, and from `second` on as many more as make up `count`. */
function searched(
  codes: Uint16Array,
  first: number,
  before: number,
  second: number,
  count: number,
  marks: Uint16Array,
  mark: number,
): number {
  const wanted = count >> 1;
  let pivot = marks[mark] ?? 0;
  let stepped = -1;
  for (let pass = 0; pivot > 0 && pass < MOST_PASSES; pass++) {
    // How many are less than the pivot, the greatest of those, and the least of the others; no branch depends on a code.
    let less = 0;
    let lower = 0;
    let upper = ABOVE;
    for (let part = 0; part < 2; part++) {
      const begin = part === 0 ? first : second;
      const end = begin + (part === 0 ? before : count - before);
      for (let at = begin; at < end; at++) {
        const code = codes[at] ?? 0;
        const below = (code - pivot) >> 31;
        less -= below;
        const over = (code & below) - lower;
        lower += over & ~(over >> 31);
        const under = (code | (below & ABOVE)) - upper;
        upper += under & (under >> 31);
      }
    }
    if (less === wanted) {
      marks[mark] = upper;
      return count % 2 === 1 ? msOf(upper) : (msOf(lower) + msOf(upper)) / 2;
    }
    // Equal codes on both sides of the middle: the pivot stepped over all of them, and both middle ones are of them.
    const all = less < wanted ? upper : lower;
    if (all === stepped) {
      marks[mark] = all;
      return msOf(all);
    }
    stepped = all;
    pivot = less < wanted ? all + 1 : all;
  }
  for (let at = 0; at < before; at++) scratch[at] = codes[first + at] ?? 0;
  for (let at = before; at < count; at++) scratch[at] = codes[second + at - before] ?? 0;
  return selected(scratch, count, marks, mark);
}

/** By Hoare's FIND (1961), again without a branch that depends on a code; the order of the codes is lost. */
function selected(codes: Int32Array, count: number, marks: Uint16Array, mark: number): number {
  const wanted = count >> 1;
  let left = 0;
  let right = count - 1;
  while (left < right) {
    const at = (left + right) >> 1;
    const pivot = codes[at] ?? 0;
    codes[at] = codes[right] ?? 0;
    let less = left;
    for (let place = left; place < right; place++) {
      const value = codes[place] ?? 0;
      codes[place] = codes[less] ?? 0;
      codes[less] = value;
      less += (value - pivot) >>> 31;
    }
    codes[right] = codes[less] ?? 0;
    codes[less] = pivot;
    if (less === wanted) break;
    if (less < wanted) left = less + 1;
    else right = less - 1;
  }
  const upper = codes[wanted] ?? 0;
  marks[mark] = upper;
  if (count % 2 === 1) return msOf(upper);
  let lower = 0;
  for (let at = 0; at < wanted; at++) lower = Math.max(lower, codes[at] ?? 0);
  return (msOf(lower) + msOf(upper)) / 2;
}
