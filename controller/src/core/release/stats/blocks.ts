import { middleOf } from "./order.ts";
import type { Share } from "./proportions.ts";

/** Probes of one target by one plane, oldest first. Parallel lists, so that half a million stay cheap in JSON. */
export interface Series {
  /** When each probe was sent, milliseconds on any clock that all series of a judgement share. */
  readonly atMs: readonly number[];
  /** Round trip in milliseconds; null for a probe that was not answered. */
  readonly rttMs: readonly (number | null)[];
}

/** What one block of time of a series holds. */
export interface Block {
  readonly sent: number;
  readonly lost: number;
  /** Median round trip; undefined when too few came back to have one. */
  readonly medianMs: number | undefined;
  /** Mean absolute difference of round trips that followed each other: delay variation (RFC 5481, section 4.1). */
  readonly jitterMs: number | undefined;
}

export interface BlockOptions {
  readonly fromMs: number;
  readonly toMs: number;
  readonly blockMs: number;
  /** Answers that a block must have for its median and jitter to count. */
  readonly minimumAnswers: number;
}

/**
 * Cuts a window into blocks of time, of which only whole ones count. Probes follow each other so closely that they meet
 * the same queues and the same bursts of loss; tests that take each for an independent witness alarm many times too often
 * (OPERATING-CURVE.md, second table). A block is one witness: its median forgives microbursts shorter than half of it, and
 * blocks of several correlation times are nearly independent. Effective sample sizes do as well where the noise is of the
 * kind that they assume, and badly where quick and slow noise mix, which is what networks have.
 */
export function cut({ atMs, rttMs }: Series, options: BlockOptions): Block[] {
  const { fromMs, toMs, blockMs, minimumAnswers } = options;
  const blocks: Block[] = [];
  const scratch = new Float64Array(rttMs.length);
  let at = 0;
  while (at < atMs.length && (atMs[at] ?? 0) < fromMs) at++;
  for (let index = 0; index < Math.floor((toMs - fromMs) / blockMs); index++) {
    const end = fromMs + (index + 1) * blockMs;
    let [sent, answered, differences, pairs] = [0, 0, 0, 0];
    let before: number | null = null;
    for (; at < atMs.length && (atMs[at] ?? 0) < end; at++) {
      const rtt = rttMs[at] ?? null;
      sent++;
      if (rtt !== null) scratch[answered++] = rtt;
      if (rtt !== null && before !== null) {
        differences += Math.abs(rtt - before);
        pairs++;
      }
      before = rtt;
    }
    const enough = answered >= minimumAnswers;
    blocks.push({
      sent,
      lost: sent - answered,
      medianMs: enough ? middleOf(scratch.subarray(0, answered).sort()) : undefined,
      jitterMs: enough && pairs > 0 ? differences / pairs : undefined,
    });
  }
  return blocks;
}

export interface ClusteredShare extends Share {
  /** What the events and trials were before they were divided by the design effect. */
  readonly counted: Share;
  /** How many clusters had trials. */
  readonly clusters: number;
  /** How many times the variance is that of independent events; at least 1. */
  readonly designEffect: number;
}

/**
 * A proportion of events that come in clusters, as the effective numbers that tests for independent events may be given
 * (Rao & Scott 1992, "A simple method for the analysis of clustered binary data"): a burst of ten losses counts nearly as
 * one. Never less than independent. Clusters without trials are passed over.
 */
export function clustered(clusters: readonly Share[]): ClusteredShare {
  return clusteredOf(
    clusters.map(({ events }) => events),
    clusters.map(({ trials }) => trials),
    clusters.length,
  );
}

/** The same of clusters side by side. */
export function clusteredOf(
  eventsOf: ArrayLike<number>,
  trialsOf: ArrayLike<number>,
  count: number,
): ClusteredShare {
  let [events, trials, clusters] = [0, 0, 0];
  for (let at = 0; at < count; at++) {
    const own = trialsOf[at] ?? 0;
    if (own <= 0) continue;
    events += eventsOf[at] ?? 0;
    trials += own;
    clusters++;
  }
  const share = trials > 0 ? events / trials : 0;
  const independent = (share * (1 - share)) / trials;
  let designEffect = 1;
  if (clusters > 1 && independent > 0) {
    let residual = 0;
    for (let at = 0; at < count; at++) {
      const own = trialsOf[at] ?? 0;
      if (own > 0) residual += ((eventsOf[at] ?? 0) - share * own) ** 2;
    }
    const variance = (clusters / (clusters - 1)) * (residual / (trials * trials));
    designEffect = Math.max(1, variance / independent);
  }
  return {
    events: events / designEffect,
    trials: trials / designEffect,
    counted: { events, trials },
    clusters,
    designEffect,
  };
}
