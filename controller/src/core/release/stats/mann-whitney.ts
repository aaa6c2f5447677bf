import { normalTail } from "./normal.ts";

/** Mann and Whitney's test of two samples, and the effect size that belongs to it. */
export interface MannWhitney {
  /** Pairs in which x is greater than y; a tie counts one half. */
  readonly u: number;
  readonly sizes: readonly [x: number, y: number];
  /** `exact`: by counting arrangements; `normal`: approximation with tie and continuity correction. */
  readonly method: "exact" | "normal";
  /** The standardised U, corrected for ties and continuity; what R's wilcox.test takes its p from. Null when exact. */
  readonly z: number | null;
  /** P of a U at least so great when both samples are of one distribution: small says that x is greater. */
  readonly pGreater: number;
  /** The same for a U at most so great: small says that x is less. */
  readonly pLess: number;
  /** Twice the smaller, at most 1. */
  readonly pTwoSided: number;
  /** Cliff's delta, P(x > y) - P(x < y), from -1 to 1. (1 + delta) / 2 is the common-language effect size. */
  readonly delta: number;
}

/** R's wilcox.test counts exactly below 50 values a sample; so do we, when there are no ties. */
const EXACT_BELOW = 50;

/**
 * Mann-Whitney U. The values must be independent; samples of one path are not until they are put into blocks (blocks.ts).
 * @param shift is taken from every x first: the test of "x exceeds y by more than shift"
 * @throws RangeError for an empty sample or a value that is no number
 */
export function mannWhitney(x: readonly number[], y: readonly number[], shift = 0): MannWhitney {
  return mannWhitneySorted(Float64Array.from(x).sort(), Float64Array.from(y).sort(), shift);
}

/** The same of samples in ascending order; for asking about many shifts. */
export function mannWhitneySorted(x: Float64Array, y: Float64Array, shift: number): MannWhitney {
  const [n, m] = [x.length, y.length];
  if (n === 0 || m === 0) throw new RangeError("Mann-Whitney needs two samples");
  // Sorting puts NaN last, infinities at the ends.
  for (const value of [x[0], x[n - 1], y[0], y[m - 1]])
    if (!Number.isFinite(value)) throw new RangeError(`no sample value: ${value}`);
  const { rankSum, ties } = rank(x, y, shift);
  const u = rankSum - (n * (n + 1)) / 2;
  const exact = ties === 0 && n < EXACT_BELOW && m < EXACT_BELOW;
  const { z, pGreater, pLess } = exact ? exactTails(u, n, m) : normalTails(u, n, m, ties);
  return {
    u,
    sizes: [n, m],
    method: exact ? "exact" : "normal",
    z,
    pGreater,
    pLess,
    pTwoSided: Math.min(1, 2 * Math.min(pGreater, pLess)),
    delta: (2 * u) / (n * m) - 1,
  };
}

/** The sum of x's midranks, and the sum of t^3 - t over groups of t equal values. */
function rank(x: Float64Array, y: Float64Array, shift: number): { rankSum: number; ties: number } {
  let [rankSum, ties, i, j] = [0, 0, 0, 0];
  const [n, m] = [x.length, y.length];
  while (i < n || j < m) {
    const left = i < n ? (x[i] ?? 0) - shift : Infinity;
    const right = j < m ? (y[j] ?? 0) : Infinity;
    const value = Math.min(left, right);
    const [beforeI, beforeJ] = [i, j];
    while (i < n && (x[i] ?? 0) - shift === value) i++;
    while (j < m && y[j] === value) j++;
    const group = i - beforeI + (j - beforeJ);
    rankSum += (i - beforeI) * (beforeI + beforeJ + (group + 1) / 2);
    if (group > 1) ties += group ** 3 - group;
  }
  return { rankSum, ties };
}

interface Tails {
  readonly z: number | null;
  readonly pGreater: number;
  readonly pLess: number;
}

function normalTails(u: number, n: number, m: number, ties: number): Tails {
  const all = n + m;
  const sigma = Math.sqrt(((n * m) / 12) * (all + 1 - ties / (all * (all - 1))));
  // All values are equal: nothing can be said.
  if (!(sigma > 0)) return { z: 0, pGreater: 1, pLess: 1 };
  const distance = u - (n * m) / 2;
  return {
    z: (distance - Math.sign(distance) * 0.5) / sigma,
    pGreater: normalTail((distance - 0.5) / sigma),
    pLess: normalTail((-distance - 0.5) / sigma),
  };
}

function exactTails(u: number, n: number, m: number): Tails {
  const tails = upperTails(Math.min(n, m), Math.max(n, m));
  // The distribution is symmetric.
  return { z: null, pGreater: tails[u] ?? 1, pLess: tails[n * m - u] ?? 1 };
}

const known = new Map<number, Float64Array>();

/**
 * How large a part of all arrangements of n and m values has each U or a greater one, by Mann and Whitney's recursion (1947). Shares, not
 * counts, so that nothing overflows. Kept: at most 1,225 pairs of sizes exist, and windows of one length need one.
 */
function upperTails(n: number, m: number): Float64Array {
  const key = n * EXACT_BELOW + m;
  const before = known.get(key);
  if (before !== undefined) return before;
  let rows: Float64Array[] = Array.from({ length: m + 1 }, () => Float64Array.of(1));
  for (let i = 1; i <= n; i++) {
    const next: Float64Array[] = [Float64Array.of(1)];
    for (let j = 1; j <= m; j++) {
      // The greatest of the i + j values is an x (it exceeds j values of y) or a y.
      const row = new Float64Array(i * j + 1);
      const [isX, isY] = [rows[j] ?? row, next[j - 1] ?? row];
      const weight = i / (i + j);
      for (let at = 0; at < isX.length; at++) row[at + j] = (isX[at] ?? 0) * weight;
      for (let at = 0; at < isY.length; at++) row[at] = (row[at] ?? 0) + (isY[at] ?? 0) * (1 - weight);
      next.push(row);
    }
    rows = next;
  }
  const tails = rows[m] ?? Float64Array.of(1);
  // Smallest shares first: nothing is rounded away.
  for (let at = tails.length - 2; at >= 0; at--)
    tails[at] = Math.min(1, (tails[at] ?? 0) + (tails[at + 1] ?? 0));
  known.set(key, tails);
  return tails;
}
