/**
 * Percentile by nearest rank: the smallest sample that at least `percent` per cent of all samples do not exceed. Always
 * one of the samples, never a value between two. The 99th of fewer than 101 samples is their largest.
 * @param percent more than 0, at most 100
 * @throws RangeError for no samples, or a percentage that is none.
 */
export function percentile(samples: readonly number[], percent: number): number {
  if (!(percent > 0 && percent <= 100)) throw new RangeError(`no percentile: ${percent}`);
  const sorted = samples.toSorted((a, b) => a - b);
  // One multiplication and one division of integers: 0.99 * 100 would be a little more than 99.
  const value = sorted[Math.ceil((percent * sorted.length) / 100) - 1];
  if (value === undefined) throw new RangeError("no samples");
  return value;
}

/** The 50th percentile: of an even number of samples, the lower of the middle two. */
export function median(samples: readonly number[]): number {
  return percentile(samples, 50);
}

/** Smallest and largest. */
export function spread(samples: readonly number[]): { readonly min: number; readonly max: number } {
  return { min: Math.min(...samples), max: Math.max(...samples) };
}
