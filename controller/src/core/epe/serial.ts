import { normalTail } from "../release/stats/normal.ts";
import { copied, medianOfFirst, selectMiddle } from "../release/stats/order.ts";

/** Deviations from the median, in units of the usual one, beyond which a value counts no more: queues make wild ones. */
const CLIP = 3;
/** Milliseconds that are nothing, so that what hardly varies is not cut to nothing. */
const NOTHING_MS = 0.1;

/**
 * P that the mean of a series is not more than `over`. Cycles that follow each other meet the same weather, and ten that hang together
 * are hardly more than one: signed ranks take each for a witness, and find a gain wherever noise is slow. Here the number of
 * witnesses is what an AR(1) series of this lag-one correlation is worth, n (1 - r) / (1 + r).
 * @param n of the values the first so many
 */
export function serialP(values: ArrayLike<number>, over: number, n: number = values.length): number {
  const centre = medianOfFirst(values, n);
  if (centre === undefined || n < 3) return 1;
  const clipped = copied(values, 0, n);
  for (let at = 0; at < n; at++) clipped[at] = Math.abs((clipped[at] ?? 0) - centre);
  const usual = 1.4826 * (selectMiddle(clipped, n) ?? 0);
  const most = CLIP * Math.max(usual, NOTHING_MS);
  let sum = 0;
  for (let at = 0; at < n; at++) {
    const one = Math.min(most, Math.max(-most, (values[at] ?? 0) - centre));
    clipped[at] = one;
    sum += one;
  }
  const mean = sum / n;
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
