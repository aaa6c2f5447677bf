import type { MetricChange } from "./settings.ts";

/** What a rollout asks of whoever judges it, and what it may be told. */

export interface Question {
  readonly rollout: number;
  readonly from: string;
  readonly to: string;
  /** Edges that are on `to` by this rollout; empty before the first and between the two halves of the rehearsal. */
  readonly moved: readonly string[];
  /** Edges that are steered to `to`, seen there or not: what is measured of them now is not what they were before. */
  readonly steered: readonly string[];
  /** Edges that a pass would move: what they were before has to be known well enough by then. */
  readonly next: readonly string[];
  /** What was measured in between counts; milliseconds on the controller's monotonic clock. */
  readonly windowFromMs: number;
  readonly windowToMs: number;
  /** 0 before anybody moved, 1 with the canaries and their rehearsal, then 2, 3, … */
  readonly step: number;
  /** How long the stage lasts at least. */
  readonly intervalMs: number;
  /** What both planes are before anybody moves is their nature. */
  readonly baselineNow: boolean;
  /** What this rollout wants of single metrics in place of their defaults, by name. */
  readonly metrics: Readonly<Record<string, MetricChange>>;
  /** What the judge gave as `memory` with its verdict before, in this rollout; null at first. Kept across restarts. */
  readonly memory: unknown;
}

export type Verdict = "pass" | "fail" | "hold";

export interface Judgement {
  /** `hold`: what was measured decides nothing, or is missing. */
  readonly verdict: Verdict;
  /** In words; empty for a plain pass. */
  readonly reasons: readonly string[];
  /** JSON for the evidence: what was measured, and the arithmetic. */
  readonly detail: unknown;
  /** JSON, given back with the next question of this rollout; what it was stays where this is left out. */
  readonly memory?: unknown;
  /** What could not be looked at, and is not held against anybody: `METRIC: why`. */
  readonly unjudged?: readonly string[];
}

export type Judge = (question: Question) => Judgement;
