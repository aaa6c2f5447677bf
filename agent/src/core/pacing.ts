/**
 * When which target is asked: each at its own place of the interval, so that echoes leave evenly. A process that wakes up
 * for each of them spends more on waking than on asking, so those of half an interval at most leave together, and few
 * targets are asked all at once.
 */

export interface Pacing {
  readonly targets: number;
  /** Between echoes to one target, microseconds; longer than asked for when there are too many of them. */
  readonly intervalUs: number;
  /** Between slots. */
  readonly stepUs: number;
  /** Targets asked in a slot. */
  readonly perSlot: number;
}

/** So many targets make no burst that would measure itself. */
const FEW = 4;

/** Of slots that are due at once no more are used, each for another target. */
const MAX_AT_ONCE = 32;
/** Between two moments of asking, whatever the interval. */
const MAX_QUANTUM_US = 50_000;

export function paceOf(targets: number, intervalMs: number, maxPacketsPerS: number): Pacing {
  const count = Math.max(1, targets);
  const intervalUs = Math.max(intervalMs * 1000, (count * 1_000_000) / maxPacketsPerS);
  const perSlot = count <= FEW ? count : 1;
  return { targets, intervalUs, stepUs: (intervalUs * perSlot) / count, perSlot };
}

export interface Due {
  /** Indexes of the targets to ask now; none twice. */
  readonly targets: readonly number[];
  /** Number of the first slot that is still to come. */
  readonly next: number;
  /** Until it is time to look again. */
  readonly waitUs: number;
}

/**
 * What is due at `sinceUs` after the beginning when slots before `next` are done. A late timer makes up for what it
 * missed by less than three quarters of the interval: no target is asked twice within the last one. The rest is left out, for
 * a burst measures itself.
 */
export function dueSlots(pacing: Pacing, next: number, sinceUs: number): Due {
  const { targets, intervalUs, stepUs, perSlot } = pacing;
  const reached = Math.floor(sinceUs / stepUs);
  const oldest = Math.max(
    next,
    Math.ceil((sinceUs - (intervalUs * 3) / 4) / stepUs),
    reached - MAX_AT_ONCE + 1,
  );
  const due: number[] = [];
  for (let index = oldest * perSlot; index < (reached + 1) * perSlot && targets > 0; index++)
    due.push(index % targets);
  const following = Math.max(next, reached + 1);
  const quantumUs = Math.min(MAX_QUANTUM_US, intervalUs / 2);
  const wakeUs = Math.ceil((following * stepUs) / quantumUs) * quantumUs;
  return { targets: due, next: following, waitUs: wakeUs - sinceUs };
}
