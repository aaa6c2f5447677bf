import { normalTail } from "../release/stats/normal.ts";
import { median } from "../release/stats/order.ts";

/** Deviations from the median, in units of the usual one, beyond which a value counts no more: queues make wild ones. */
const CLIP = 3;
/** Milliseconds that are nothing, so that what hardly varies is not cut to nothing. */
const NOTHING_MS = 0.1;

/**
 * P that the mean of a series is not more than `over`. Cycles that follow each other meet the same weather, and ten that hang together
 * are hardly more than one: signed ranks take each for a witness, and find a gain wherever noise is slow. Here the number of
 * witnesses is what an AR(1) series of this lag-one correlation is worth, n (1 - r) / (1 + r).
 */
export function serialP(values: readonly number[], over: number): number {
  const n = values.length;
  const centre = median(values);
  if (centre === undefined || n < 3) return 1;
  const usual = 1.4826 * (median(values.map((value) => Math.abs(value - centre))) ?? 0);
  const most = CLIP * Math.max(usual, NOTHING_MS);
  const clipped = values.map((value) => Math.min(most, Math.max(-most, value - centre)));
  const mean = clipped.reduce((sum, value) => sum + value, 0) / n;
  let [square, next] = [0, 0];
  for (let at = 0; at < n; at++) {
    const own = (clipped[at] ?? 0) - mean;
    square += own * own;
    if (at + 1 < n) next += own * ((clipped[at + 1] ?? 0) - mean);
  }
  if (square === 0) return mean + centre > over ? 0 : 1;
  const correlation = Math.min(0.95, Math.max(0, next / square));
  const error = Math.sqrt((square / (n - 1) / n) * ((1 + correlation) / (1 - correlation)));
  return normalTail((mean + centre - over) / error);
}
