import type { Series } from "./stats/blocks.ts";

/**
 * What the judge is given: plain data, JSON both ways, so that a verdict can be taken again from the evidence file. All
 * times are milliseconds on one clock.
 */
export interface Evidence {
  /**
   * The window. Begin it with the step's move and let it grow while the step is held, to three minutes; then let it slide.
   * So a fault that is too small for one minute shows in three, and what is over is forgotten after as many.
   */
  readonly fromMs: number;
  readonly toMs: number;
  /** Both planes, measured over the same targets in the same window. One entry a target; name it by source and target. */
  readonly targets: readonly TargetEvidence[];
  /**
   * The moved users' own: `candidate` after the move, `reference` before it, or of users of the old plane now. Their
   * `baseline` may be that of their site's routers: what the last mile adds to both planes cancels out.
   */
  readonly users: readonly TargetEvidence[];
  readonly facts: readonly Fact[];
  readonly counts: readonly Count[];
}

export interface TargetEvidence {
  readonly target: string;
  /** By the plane that users are moved to. */
  readonly candidate: Series;
  /** By the plane that they come from. */
  readonly reference: Series;
  /**
   * Both planes as they were when both were well: before the rollout, and before the change to the idle plane that the
   * rollout is to bring into use; else a fault that came with the change is taken for the plane's nature.
   */
  readonly baseline?: { readonly candidate: Baseline; readonly reference: Baseline };
}

/** One plane's ordinary round trips to one target; see baselineOf. */
export interface Baseline {
  readonly rttMs: number;
  /** Standard errors of what stands before them. */
  readonly rttErrorMs: number;
  readonly jitterMs: number;
  readonly jitterErrorMs: number;
}

/** Something that is right or wrong: a path as expected, a BGP session up. */
export interface Fact {
  /** Name of a metric of kind `fact`. */
  readonly metric: string;
  readonly subject: string;
  /** Null: nobody knows. */
  readonly ok: boolean | null;
  /** What was seen, for people. */
  readonly detail: string;
}

/** A number of things now and before: prefixes of a session, errors of an interface. */
export interface Count {
  /** Name of a metric of kind `count`. */
  readonly metric: string;
  readonly subject: string;
  /** Null: nobody knows. */
  readonly now: number | null;
  readonly before: number;
}
