import type { Verdict } from "./question.ts";
import type { Stage } from "./rollout-state.ts";

/** What is kept of a rollout, for whoever asks later why it went as it did. JSON, bounded. */

/** A transition, or what somebody did. */
export interface ChangeBody {
  readonly told: string;
  readonly stage: Stage;
  /** Step as people count. */
  readonly step: number;
  readonly ageMs: number;
  /** Edges on the new plane by the rollout, from here on. */
  readonly moved: readonly string[];
  /** Failed verdicts until now; absent from old records. */
  readonly failures?: number;
}

/** One verdict, or, once there are many, several in a row that say the same: the first is kept, and the last. */
export interface VerdictBody {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly stage: Stage;
  readonly step: number;
  /** Age at which it was given. */
  readonly ageMs: number;
  /** Verdicts that said the same and are not kept, between the one before and this one. */
  readonly leftOut: number;
  readonly detail: unknown;
}

/** Octets of a verdict's detail, as JSON; reasons; characters of a reason. */
const MAX_DETAIL = 512 * 1024;
const MAX_REASONS = 20;
const MAX_REASON = 500;
/** Events of a rollout up to which every verdict is kept; from then on the first and the last of those that say the same. */
export const ALL_EVENTS = 200;
/** Events after which only the newest verdict is kept, whatever it says. */
export const MAX_EVENTS = 2000;

/** Shortens reasons to what is shown and kept. */
export function boundReasons(reasons: readonly string[]): readonly string[] {
  const kept = reasons.slice(0, MAX_REASONS).map((reason) => reason.slice(0, MAX_REASON));
  const more = reasons.length - kept.length;
  return more > 0 ? [...kept, `and ${more} more`] : kept;
}

/** A detail as it is kept: itself, or how large it was. */
export function boundDetail(detail: unknown): unknown {
  const text = JSON.stringify(detail) ?? "null";
  return text.length <= MAX_DETAIL
    ? (detail ?? null)
    : { tooLarge: text.length, begins: text.slice(0, 1024) };
}

/**
 * Where a verdict goes: after what is kept, or in the place of the newest event. Once there are many, the first of a row that
 * says the same and the last of it stay; numbers in its reasons may differ.
 */
export function placeVerdict(
  body: Omit<VerdictBody, "leftOut">,
  newest: VerdictBody | undefined,
  second: VerdictBody | undefined,
  events: number,
): { readonly replace: boolean; readonly body: VerdictBody } {
  const inRow = newest !== undefined && sameRow(body, newest);
  const hasFirst = events >= ALL_EVENTS && inRow && second !== undefined && sameRow(newest, second);
  const replace = hasFirst || (newest !== undefined && events >= MAX_EVENTS);
  return { replace, body: { ...body, leftOut: replace ? newest.leftOut + 1 : 0 } };
}

function sameRow(one: Omit<VerdictBody, "leftOut">, other: VerdictBody): boolean {
  return (
    one.verdict === other.verdict &&
    one.stage === other.stage &&
    one.step === other.step &&
    wordsOf(one.reasons) === wordsOf(other.reasons)
  );
}

function wordsOf(reasons: readonly string[]): string {
  return reasons.join("\n").replaceAll(/(?<![\w-])[0-9][0-9.]*/g, "#");
}
