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
