import type { VerdictKind } from "@vsix/shared/paths/verdict.ts";
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
  /** Each path that an operator expects of a moved user or of the new plane's routers; none where no file says any. */
  readonly paths: readonly PathEvidence[];
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

/** One expected path, and how it was seen. */
export interface PathEvidence {
  /** SOURCE to TARGET. */
  readonly subject: string;
  /** The plane that it has to keep to, whatever else the file allows. */
  readonly plane: string;
  /** Traces begun since it has to be so, oldest first; none that is too old to say anything of now. */
  readonly looks: readonly PathLook[];
  /** Who traces the same target by the old plane, and how many of them do not reach it either. */
  readonly others: { readonly asked: number; readonly unreachable: number };
}

/** A trace as the file of expected paths judges it (shared/src/paths/judge.ts). */
export interface PathLook {
  /** When it came. */
  readonly atMs: number;
  readonly kind: VerdictKind;
  /** Planes of the hops that are known. */
  readonly planes: readonly string[];
  readonly words: string;
}
