import type { PathLook } from "./evidence.ts";

/** `hold` is neither: too little is known, or something looks wrong but is not proven. It never counts as a pass. */
export type Result = "pass" | "fail" | "hold";

/** What the judge remembers from look to look; one a rollout, kept with it. */
export interface JudgeHistory {
  readonly looks: number;
  /** For how many looks in a row something was wrong: by `metric subject`, or `metric` for one that is not critical. */
  readonly streaks: Readonly<Record<string, number>>;
}

export const NO_HISTORY: JudgeHistory = { looks: 0, streaks: {} };

/** The arithmetic of one comparison of round trips. Milliseconds. */
export interface LatencyArithmetic {
  readonly test: "mann-whitney";
  readonly method: "exact" | "normal";
  /** Blocks compared: new plane, old plane. */
  readonly blocks: readonly [number, number];
  /** Of the same, before anything was taken off: the median of each side's blocks, of a plane as a whole over its targets. */
  readonly mediansMs: readonly [number, number];
  /** Whether the planes' own baselines were taken off first. */
  readonly baseline: boolean;
  /** Hodges and Lehmann's shift of the new plane against the old, and its interval at 95 %. */
  readonly shiftMs: number;
  readonly lowerMs: number;
  readonly upperMs: number;
  /** More than this is too much, and less than that is well: tolerances with the baselines' own uncertainty. */
  readonly failAboveMs: number;
  readonly passBelowMs: number;
  readonly u: number;
  /** Cliff's delta beyond failAboveMs. */
  readonly delta: number;
  /** P of such values if the shift were just failAboveMs, and if it were just passBelowMs. */
  readonly pFail: number;
  readonly pPass: number;
}

/** The arithmetic of one comparison of lost probes. */
export interface ProportionArithmetic {
  readonly test: "score";
  readonly candidate: Counted;
  readonly reference: Counted;
  /** How many times the variance is that of single losses: `lost` and `sent` were divided by it for the test. */
  readonly designEffect: number;
  readonly difference: number;
  /** Miettinen and Nurminen's interval of it at 95 %. */
  readonly lower: number;
  readonly upper: number;
  readonly failAbove: number;
  readonly passBelow: number;
  readonly z: number;
  readonly pFail: number;
  readonly pPass: number;
}

export interface Counted {
  readonly lost: number;
  readonly sent: number;
}

export interface FactArithmetic {
  readonly test: "fact";
  readonly ok: boolean | null;
  readonly detail: string;
  readonly looksInARow: number;
  readonly needed: number;
}

export interface CountArithmetic {
  readonly test: "count";
  readonly now: number | null;
  readonly before: number;
  readonly tolerance: number;
  readonly looksInARow: number;
  readonly needed: number;
}

export interface PathArithmetic {
  readonly test: "path";
  readonly plane: string;
  readonly looks: readonly PathLook[];
  /** Of the newest looks, how many in a row are wrong. */
  readonly wrongInARow: number;
  readonly needed: number;
  readonly others: { readonly asked: number; readonly unreachable: number };
}

/** One comparison: a plane as a whole (`all targets`), or one target, user or subject. */
export interface SubjectVerdict {
  readonly subject: string;
  readonly result: Result;
  /** A sentence for people; empty for a pass. */
  readonly why: string;
  /** pFail after Holm's adjustment, to be compared with the look's alpha; null where there was no test. */
  readonly pAdjusted: number | null;
  readonly arithmetic:
    | LatencyArithmetic
    | ProportionArithmetic
    | FactArithmetic
    | CountArithmetic
    | PathArithmetic
    | null;
}

export interface MetricVerdict {
  readonly metric: string;
  readonly critical: boolean;
  /** `absent`: no data, and none is asked for. */
  readonly result: Result | "absent";
  readonly why: string;
  /** The plane as a whole, where the metric has that. */
  readonly whole: SubjectVerdict | null;
  readonly subjects: readonly SubjectVerdict[];
}

export interface Verdict {
  readonly result: Result;
  /** The sentences of all that did not pass, the worst first. */
  readonly why: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Which look of the rollout this was, from 1, and what chance of a false alarm it spent. */
  readonly look: number;
  readonly alpha: number;
  readonly metrics: readonly MetricVerdict[];
  /** To be given to the next look. */
  readonly history: JudgeHistory;
}
