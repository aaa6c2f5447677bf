/** When which target is asked: each at its own place of the interval, so that echoes leave evenly and never in a bunch. */

export interface Pacing {
  readonly targets: number;
  /** Between echoes to one target, microseconds; longer than asked for when there are too many of them. */
  readonly intervalUs: number;
  /** Between echoes to any. */
  readonly stepUs: number;
}

/** Timers are late by a few milliseconds: slots missed by no more are made up for. */
const TOLERANCE_US = 10_000;

export function paceOf(targets: number, intervalMs: number, maxPacketsPerS: number): Pacing {
  const count = Math.max(1, targets);
  const intervalUs = Math.max(intervalMs * 1000, (count * 1_000_000) / maxPacketsPerS);
  return { targets, intervalUs, stepUs: intervalUs / count };
}

export interface Due {
  /** Indexes of the targets to ask now; none twice. */
  readonly targets: readonly number[];
  /** Number of the first slot that is still to come. */
  readonly next: number;
  /** Until that. */
  readonly waitUs: number;
}

/**
 * What is due at `sinceUs` after the beginning when slots before `next` are done. What a late timer has missed by more than
 * the tolerance is left out for good: to make up for it would be a burst, and a burst measures itself.
 */
export function dueSlots(pacing: Pacing, next: number, sinceUs: number): Due {
  const { targets, stepUs } = pacing;
  const reached = Math.floor(sinceUs / stepUs);
  const oldest = Math.max(next, Math.ceil((sinceUs - TOLERANCE_US) / stepUs), reached - targets + 1, 0);
  const due: number[] = [];
  for (let slot = oldest; slot <= reached && targets > 0; slot++) due.push(slot % targets);
  const following = Math.max(next, reached + 1);
  return { targets: due, next: following, waitUs: following * stepUs - sinceUs };
}
