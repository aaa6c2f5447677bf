import type { Level } from "../paths/verdict.ts";

/** A node finds the network broken, or well again, run after run: as people are told of it. Plain JSON. */
export interface HealthEvent {
  readonly type: "turned-bad" | "turned-good";
  readonly level: Level;
  readonly node: string;
  readonly site: string;
  /** What is wrong, the gravest first; none where all is well. */
  readonly verdicts: readonly string[];
  /** Wall clock, milliseconds. */
  readonly at: number;
}

/** So many verdicts of a notice are told. */
export const MAX_HEALTH_VERDICTS = 5;
