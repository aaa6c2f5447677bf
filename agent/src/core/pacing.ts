/**
 * When which target is asked: each at its own place of the interval, so that echoes leave evenly. Waking up for each of them
 * would cost more than asking, so those of a tick leave together, and few targets are asked all at once.
 */

export interface Pacing {
  readonly targets: number;
  /** Between echoes to one target, microseconds; longer than asked for when there are too many of them. */
  readonly intervalUs: number;
  /** In an interval; in each as many targets are asked as in any other, or one less. */
  readonly ticks: number;
  /** Whole microseconds. */
  readonly tickUs: number;
}

/** So many targets make no burst that would measure itself. */
const FEW = 4;
/** Between two moments of asking, whatever the interval. */
const MAX_TICK_US = 50_000;

export function paceOf(targets: number, intervalMs: number, maxPacketsPerS: number): Pacing {
  const count = Math.max(1, targets);
  const wantedUs = Math.max(intervalMs * 1000, (count * 1_000_000) / maxPacketsPerS);
  const ticks = count <= FEW ? 1 : Math.ceil(wantedUs / Math.min(MAX_TICK_US, wantedUs / 2));
  const tickUs = Math.ceil(wantedUs / ticks);
  return { targets, intervalUs: tickUs * ticks, ticks, tickUs };
}
