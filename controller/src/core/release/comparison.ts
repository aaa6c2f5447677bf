import type { TargetEvidence } from "./evidence.ts";
import type { JudgeSettings, LatencyMetric, ProportionMetric } from "./settings.ts";
import { type Block, cut, type Series } from "./stats/blocks.ts";
import type { LatencyArithmetic, ProportionArithmetic, Result } from "./verdict.ts";

/** The name under which a plane as a whole is compared. */
export const WHOLE = "all targets";

/** One statistical comparison, before it is known how many others were made beside it. */
export interface Comparison {
  readonly metric: LatencyMetric | ProportionMetric;
  readonly subject: string;
  readonly arithmetic: LatencyArithmetic | ProportionArithmetic | null;
  /** Why it holds whatever the arithmetic says; empty otherwise. */
  readonly holds: string;
  /** What a failure would say. */
  readonly worse: string;
}

/** The blocks of one target, cut once for all metrics. */
export interface CutTarget {
  readonly target: string;
  readonly evidence: TargetEvidence;
  readonly candidate: readonly Block[];
  readonly reference: readonly Block[];
}

/** Users were measured before their move, in another window: their reference has its own. */
export function cutTarget(
  evidence: TargetEvidence,
  scope: "targets" | "users",
  window: { readonly fromMs: number; readonly toMs: number },
  settings: JudgeSettings,
): CutTarget {
  const { target, candidate, reference } = evidence;
  return {
    target,
    evidence,
    candidate: cutWindow(candidate, window, settings),
    reference: cutWindow(reference, scope === "users" ? spanOf(reference) : window, settings),
  };
}

/** A window cut as the settings say. */
export function cutWindow(
  series: Series,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  { blockMs, maximumBlocks, minimumAnswers }: JudgeSettings,
): Block[] {
  const length = Math.max(blockMs, (toMs - fromMs) / maximumBlocks);
  return cut(series, { fromMs, toMs, blockMs: length, minimumAnswers });
}

/** From a series' first probe to one interval after its last. */
export function spanOf({ atMs }: Series): { readonly fromMs: number; readonly toMs: number } {
  const [first = 0, last = first] = [atMs[0], atMs.at(-1)];
  return { fromMs: first, toMs: last + (last - first) / Math.max(1, atMs.length - 1) };
}

/** What one comparison comes to, given its p after adjustment and what this look may spend. */
export function decide(
  { metric, subject, arithmetic, holds, worse }: Comparison,
  pAdjusted: number | null,
  { alpha, tooShort }: { readonly alpha: number; readonly tooShort: string },
  settings: JudgeSettings,
): { readonly result: Result; readonly why: string } {
  if (arithmetic === null || pAdjusted === null) return { result: "hold", why: holds };
  const strong =
    arithmetic.test === "score" || (metric.kind === "latency" && arithmetic.delta >= metric.effect);
  if (pAdjusted <= alpha && strong) return { result: "fail", why: worse };
  if (holds !== "") return { result: "hold", why: holds };
  if (tooShort !== "") return { result: "hold", why: tooShort };
  if (arithmetic.pFail < settings.suspicion)
    return { result: "hold", why: `${worse}: suspected, not proven` };
  if (arithmetic.pPass > (subject === WHOLE ? settings.passError : settings.targetPassError))
    return { result: "hold", why: `not yet sure that it is no worse (${worse})` };
  return { result: "pass", why: "" };
}
