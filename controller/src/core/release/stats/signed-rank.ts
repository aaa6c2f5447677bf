import { normalTail } from "./normal.ts";
import { selectMiddle } from "./order.ts";

/** Wilcoxon's test of paired differences (1945). */
export interface SignedRank {
  /** Sum of the ranks of positive differences. */
  readonly w: number;
  /** Differences that are not 0. */
  readonly n: number;
  readonly method: "exact" | "normal";
  /** P of a sum at least so great when differences are symmetric about 0: small says that they are positive. */
  readonly pGreater: number;
}

/** The exact distribution costs n^3; beyond, the normal one is right to a few per cent. */
const EXACT_UP_TO = 25;

/**
 * Are paired differences greater than `over`? For two things that were measured in the same moments: what befell both is in both,
 * and falls out. Equal magnitudes share their ranks, and the exact distribution is that of the shared ranks.
 * @param count of the differences the first so many
 */
export function signedRank(
  differences: ArrayLike<number>,
  over = 0,
  count: number = differences.length,
): SignedRank {
  const magnitudes = new Float64Array(count);
  let n = 0;
  for (let at = 0; at < count; at++) {
    const magnitude = Math.abs((differences[at] ?? 0) - over);
    if (magnitude !== 0) magnitudes[n++] = magnitude;
  }
  if (n === 0) return { w: 0, n, method: "exact", pGreater: 1 };
  const sorted = magnitudes.subarray(0, n).sort();
  // Twice the midrank is whole.
  const ranks = new Int32Array(n);
  let ties = 0;
  for (let at = 0; at < n; ) {
    let end = at + 1;
    while (end < n && sorted[end] === sorted[at]) end++;
    ranks.fill(at + end + 1, at, end);
    ties += (end - at) ** 3 - (end - at);
    at = end;
  }
  let twice = 0;
  for (let at = 0; at < count; at++) {
    const signed = (differences[at] ?? 0) - over;
    if (signed > 0) twice += ranks[placeOf(sorted, signed)] ?? 0;
  }
  const w = twice / 2;
  if (n <= EXACT_UP_TO) return { w, n, method: "exact", pGreater: exactTail(ranks, ties > 0, twice) };
  const mean = (n * (n + 1)) / 4;
  const sigma = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - ties / 48);
  return { w, n, method: "normal", pGreater: sigma > 0 ? normalTail((w - mean - 0.5) / sigma) : 1 };
}

/** Of a value that is there. */
function placeOf(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const known = new Map<number, Float64Array>();

/** P(2 W >= twice), each rank counted with chance one half. Without ties it depends on n alone, and is kept. */
function exactTail(ranks: Int32Array, tied: boolean, twice: number): number {
  const before = tied ? undefined : known.get(ranks.length);
  const tails = before ?? tailsOf(ranks);
  if (!tied && before === undefined) known.set(ranks.length, tails);
  return tails[twice] ?? 0;
}

function tailsOf(ranks: Int32Array): Float64Array {
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const chances = new Float64Array(total + 1);
  chances[0] = 1;
  let reached = 0;
  for (const rank of ranks) {
    reached += rank;
    for (let at = reached; at >= 0; at--)
      chances[at] = ((chances[at] ?? 0) + (at >= rank ? (chances[at - rank] ?? 0) : 0)) / 2;
  }
  for (let at = total - 1; at >= 0; at--)
    chances[at] = Math.min(1, (chances[at] ?? 0) + (chances[at + 1] ?? 0));
  return chances;
}

/** Room for the means of all pairs of so many. */
const MEANS_OF = 128;
const means = new Float64Array((MEANS_OF * (MEANS_OF + 1)) / 2);

/**
 * Hodges and Lehmann's estimate of the centre of paired differences: the median of the means of all pairs of them.
 * @param count of the differences the first so many
 */
export function pairedShift(
  differences: ArrayLike<number>,
  count: number = differences.length,
): number | undefined {
  const list = count <= MEANS_OF ? means : new Float64Array((count * (count + 1)) / 2);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const own = differences[i] ?? 0;
    for (let j = i; j < count; j++) list[at++] = (own + (differences[j] ?? 0)) / 2;
  }
  return selectMiddle(list, at);
}
