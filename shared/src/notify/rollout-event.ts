import type { Level } from "../paths/verdict.ts";

export const ROLLOUT_EVENT_TYPES = [
  "started",
  "verdict-failed",
  "going-back",
  "aborted",
  "done",
  "failed-to-go-back",
] as const;
export type RolloutEventType = (typeof ROLLOUT_EVENT_TYPES)[number];

/** A turn that a rollout has taken, as people are told of it. Plain JSON. */
export interface RolloutEvent {
  /**
   * `verdict-failed`: one of those that it bears before it goes back; `going-back`: everybody moved is led back, by a verdict, a deadline or a person; `aborted`: everybody was seen back, or
   * nobody had been moved; `failed-to-go-back`: somebody was not seen back, and a person has to look.
   */
  readonly type: RolloutEventType;
  readonly level: Level;
  /** Its number. */
  readonly rollout: number;
  /** Planes. */
  readonly from: string;
  readonly to: string;
  /** As people count; 0 before anybody moves. */
  readonly step: number;
  readonly steps: number;
  /** Edges of the cohort, and those of them on the new plane before and after this. */
  readonly edges: number;
  readonly movedBefore: number;
  readonly moved: number;
  readonly who: string;
  /** What the evidence says of it, one line. */
  readonly words: string;
  /** Wall clock, milliseconds. */
  readonly at: number;
}

const LEVELS: Readonly<Record<RolloutEventType, Level>> = {
  started: "notice",
  "verdict-failed": "warning",
  "going-back": "alarm",
  aborted: "warning",
  done: "notice",
  "failed-to-go-back": "alarm",
};

export function levelOfRollout(type: RolloutEventType): Level {
  return LEVELS[type];
}
