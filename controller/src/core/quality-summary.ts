/** What people look at of many round trips. Pure. */
export interface QualitySummary {
  readonly sent: number;
  readonly lost: number;
  /** Null where nothing was sent. */
  readonly lossPercent: number | null;
  /** Round trips, microseconds; null where nothing was answered. */
  readonly p50Us: number | null;
  readonly p95Us: number | null;
  /** Mean difference of an answered echo to the answered one before it, microseconds; null where there are no two. */
  readonly jitterUs: number | null;
}

/** Each series is what one node measured, in the order of sending; -1 is lost. */
export function summarize(series: readonly (readonly number[])[]): QualitySummary {
  const answered: number[] = [];
  let [sent, differences, pairs] = [0, 0, 0];
  for (const rttsUs of series) {
    sent += rttsUs.length;
    let before: number | undefined;
    for (const rtt of rttsUs) {
      if (rtt < 0) continue;
      answered.push(rtt);
      if (before !== undefined) {
        differences += Math.abs(rtt - before);
        pairs++;
      }
      before = rtt;
    }
  }
  const sorted = Float64Array.from(answered).sort();
  const lost = sent - sorted.length;
  return {
    sent,
    lost,
    lossPercent: sent === 0 ? null : Math.round((lost / sent) * 1e5) / 1e3,
    p50Us: quantile(sorted, 0.5),
    p95Us: quantile(sorted, 0.95),
    jitterUs: pairs === 0 ? null : Math.round(differences / pairs),
  };
}

/** The nearest rank (smallest value that a share `q` of all does not exceed); null of none. */
export function quantile(sorted: ArrayLike<number>, q: number): number | null {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
}
