/** Median; of an even number of values the mean of the middle two. Undefined for none. */
export function median(values: readonly number[]): number | undefined {
  return middleOf(Float64Array.from(values).sort());
}

/** The same of values that are sorted already. */
export function middleOf(sorted: Float64Array): number | undefined {
  const high = sorted[sorted.length >> 1];
  const low = sorted[(sorted.length - 1) >> 1];
  return high === undefined || low === undefined ? undefined : (low + high) / 2;
}

/** Median of the first `count`, whose order is lost: Hoare's FIND (1961), for sorting them takes three times as long. Undefined for none. */
export function selectMiddle(values: Float64Array, count: number): number | undefined {
  if (count === 0) return undefined;
  const wanted = count >> 1;
  let [left, right] = [0, count - 1];
  while (left < right) {
    const pivot = values[wanted] ?? 0;
    let [low, high] = [left, right];
    while (low <= high) {
      while ((values[low] ?? 0) < pivot) low++;
      while (pivot < (values[high] ?? 0)) high--;
      if (low > high) continue;
      const kept = values[low] ?? 0;
      values[low++] = values[high] ?? 0;
      values[high--] = kept;
    }
    if (high < wanted) left = low;
    if (wanted < low) right = high;
  }
  const upper = values[wanted] ?? 0;
  if (count % 2 === 1) return upper;
  let lower = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < wanted; at++) lower = Math.max(lower, values[at] ?? 0);
  return (lower + upper) / 2;
}

/** Median of the first `count` of values that stay as they are. Undefined for none. */
export function medianOfFirst(values: ArrayLike<number>, count: number): number | undefined {
  return selectMiddle(copied(values, 0, count), count);
}

/** Room that is used again by whoever needs some values in another order for a moment, and by nobody for longer. */
let room = new Float64Array(64);

/** The values of a range, in that room. */
export function copied(values: ArrayLike<number>, from: number, to: number): Float64Array {
  if (room.length < to - from) room = new Float64Array(2 * (to - from));
  for (let at = from; at < to; at++) room[at - from] = values[at] ?? 0;
  return room;
}

/**
 * Standard error of the median of independent values, from their median absolute deviation: robust against a few wild
 * ones. For a normal sample sigma = 1.4826 MAD, and the median's error is sqrt(pi/2) sigma / sqrt(n). 0 for no values.
 */
export function medianError(values: readonly number[]): number {
  const centre = median(values);
  if (centre === undefined) return 0;
  const deviation = median(values.map((value) => Math.abs(value - centre))) ?? 0;
  return (1.4826 * deviation * Math.sqrt(Math.PI / 2)) / Math.sqrt(values.length);
}
