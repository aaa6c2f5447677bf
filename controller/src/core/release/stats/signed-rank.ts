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
  const magnitudes = roomFor(count);
  let n = 0;
  for (let at = 0; at < count; at++) {
    const magnitude = Math.abs((differences[at] ?? 0) - over);
    if (magnitude !== 0) magnitudes[n++] = magnitude;
  }
  if (n === 0) return { w: 0, n, method: "exact", pGreater: 1 };
  sortFirst(magnitudes, n);
  let ties = 0;
  for (let at = 0; at < n; ) {
    const end = endOfTie(magnitudes, n, at);
    ties += (end - at) ** 3 - (end - at);
    at = end;
  }
  // Twice the midrank is whole.
  let twice = 0;
  for (let at = 0; at < count; at++) {
    const signed = (differences[at] ?? 0) - over;
    if (signed <= 0) continue;
    const place = placeOf(magnitudes, n, signed);
    twice += ties === 0 ? 2 * (place + 1) : place + endOfTie(magnitudes, n, place) + 1;
  }
  const w = twice / 2;
  if (n <= EXACT_UP_TO) return { w, n, method: "exact", pGreater: exactTail(magnitudes, n, ties > 0, twice) };
  const mean = (n * (n + 1)) / 4;
  const sigma = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - ties / 48);
  return { w, n, method: "normal", pGreater: sigma > 0 ? normalTail((w - mean - 0.5) / sigma) : 1 };
}

/** Room that is used again by each test. */
let room = new Float64Array(128);

function roomFor(count: number): Float64Array {
  if (room.length < count) room = new Float64Array(2 * count);
  return room;
}

/** Up to so many values are sorted by insertion: calling for a sort takes longer. */
const FEW = 40;

function sortFirst(values: Float64Array, count: number): void {
  if (count > FEW) {
    values.subarray(0, count).sort();
    return;
  }
  for (let at = 1; at < count; at++) {
    const value = values[at] ?? 0;
    let to = at;
    for (; to > 0 && (values[to - 1] ?? 0) > value; to--) values[to] = values[to - 1] ?? 0;
    values[to] = value;
  }
}

/** Behind the values that are equal to the one at this place. */
function endOfTie(sorted: Float64Array, count: number, at: number): number {
  let end = at + 1;
  while (end < count && sorted[end] === sorted[at]) end++;
  return end;
}

/** The first place of a value that is there. */
function placeOf(sorted: Float64Array, count: number, value: number): number {
  let [low, high] = [0, count - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const known = new Map<number, Float64Array>();

/** P(2 W >= twice), each rank counted with chance one half. Without ties it depends on n alone, and is kept. */
function exactTail(sorted: Float64Array, n: number, tied: boolean, twice: number): number {
  const before = tied ? undefined : known.get(n);
  const tails = before ?? tailsOf(ranksOf(sorted, n));
  if (!tied && before === undefined) known.set(n, tails);
  return tails[twice] ?? 0;
}

/** Twice the midranks. */
function ranksOf(sorted: Float64Array, n: number): Int32Array {
  const ranks = new Int32Array(n);
  for (let at = 0; at < n; ) {
    const end = endOfTie(sorted, n, at);
    ranks.fill(at + end + 1, at, end);
    at = end;
  }
  return ranks;
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

/** The estimate, or `most` where that is less: which is found out by counting, without selecting the estimate, mostly. */
export function shiftUpTo(most: number, differences: ArrayLike<number>, count: number): number {
  const pairs = (count * (count + 1)) / 2;
  let less = 0;
  for (let i = 0; i < count; i++) {
    const own = differences[i] ?? 0;
    for (let j = i; j < count; j++) if ((own + (differences[j] ?? 0)) / 2 < most) less++;
  }
  // Neither of the middle ones is less.
  if (less <= (pairs - 1) >> 1) return most;
  return Math.min(most, pairedShift(differences, count) ?? most);
}
