import { mannWhitneySorted } from "./mann-whitney.ts";
import { middleOf } from "./order.ts";

/** How much greater x is than y, in their unit. */
export interface Shift {
  /** Hodges and Lehmann's estimate: the median of all differences x - y. */
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * The shift between two samples with its confidence interval: all shifts that Mann and Whitney's test would not refuse
 * (Hodges & Lehmann 1963). The limits are differences x - y, so with ties the interval is a little wide, never narrow.
 * @param tail probability that may lie beyond each limit; 0.025 for the usual 95 %
 * @throws RangeError as mannWhitney
 */
export function shiftBetween(x: readonly number[], y: readonly number[], tail: number): Shift {
  const [left, right] = [Float64Array.from(x).sort(), Float64Array.from(y).sort()];
  const differences = new Float64Array(x.length * y.length);
  let at = 0;
  for (const a of left) for (const b of right) differences[at++] = a - b;
  differences.sort();
  // pGreater falls as the shift grows. The lower limit is the first difference that the test does not refuse.
  const first = (refused: (shift: number) => boolean): number => {
    let [low, high] = [0, differences.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (refused(differences[middle] ?? 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  // A hair beside each difference, where nothing ties.
  const hair = 1e-9 * Math.max(1, Math.abs(differences[0] ?? 0), Math.abs(differences.at(-1) ?? 0));
  const lower = first((shift) => mannWhitneySorted(left, right, shift + hair).pGreater <= tail);
  const upper = first((shift) => mannWhitneySorted(left, right, shift + hair).pLess > tail);
  return {
    estimate: middleOf(differences) ?? 0,
    lower: differences[lower] ?? 0,
    upper: differences[upper] ?? 0,
  };
}
