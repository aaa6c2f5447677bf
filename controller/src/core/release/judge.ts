import { checkCounts, checkFacts } from "./check-facts.ts";
import { checkPaths } from "./check-paths.ts";
import { compareLatency } from "./compare-latency.ts";
import { compareLoss } from "./compare-loss.ts";
import { type Comparison, type CutTarget, cutTarget, decide, WHOLE } from "./comparison.ts";
import type { Evidence } from "./evidence.ts";
import type { JudgeSettings, MetricDefinition } from "./settings.ts";
import { spend } from "./spending.ts";
import { holm } from "./stats/holm.ts";
import type { JudgeHistory, MetricVerdict, Result, SubjectVerdict, Verdict } from "./verdict.ts";

/** Sentences of one metric in a verdict's `why`. */
const SAID = 5;

/**
 * Whether the new plane is as good as the old one. Pure: the same evidence, settings and history give the same verdict.
 *
 * Called again and again, every few seconds during a step and at its end. A `fail` counts whenever it comes. A `pass` lets
 * a step end, and never comes before `minimumWindowMs`. A `hold` at the end of a step asks for more: the same step, a longer
 * window, until the rollout's deadline.
 *
 * - Many comparisons: half of what a look may spend belongs to the planes as wholes, half to single targets, users and
 *   planes' metrics of those; Holm's method within each. So one black-holed prefix shows although all others are well, and
 *   twenty well ones do not make an alarm between them.
 * - Many looks: each spends its share of `falseAlarm` (spending.ts), so windows may overlap as they like.
 * - To pass, every comparison has to pass: each must be sure by itself, so nothing is adjusted there
 *   (intersection-union: the chance that a bad plane passes is at most that of its worst comparison).
 */
export function judge(evidence: Evidence, settings: JudgeSettings, history: JudgeHistory): Verdict {
  const { fromMs, toMs } = evidence;
  const look = history.looks + 1;
  const alpha = spend(settings.falseAlarm, settings.plannedLooks, look);
  const observedMs = toMs - fromMs;
  const tooShort =
    observedMs < settings.minimumWindowMs
      ? `watched for ${Math.round(observedMs / 1000)} s of ${Math.round(settings.minimumWindowMs / 1000)} s`
      : "";
  const subjects = statistics(evidence, settings, { alpha, tooShort });
  const streaks: Record<string, number> = {};
  const metrics = settings.metrics.map((metric): MetricVerdict => {
    if (metric.kind === "latency" || metric.kind === "proportion")
      return summary(metric, subjects.get(metric.name) ?? []);
    if (metric.kind === "path") return summary(metric, checkPaths(metric, evidence.paths));
    const own = <T extends { readonly metric: string }>(list: readonly T[]): T[] =>
      list.filter((one) => one.metric === metric.name);
    const checked =
      metric.kind === "fact"
        ? checkFacts(metric, own(evidence.facts), history)
        : checkCounts(metric, own(evidence.counts), history);
    Object.assign(streaks, checked.streaks);
    return summary(metric, checked.subjects);
  });
  for (const { metric, critical, result } of metrics) {
    const before = Object.hasOwn(history.streaks, metric) ? (history.streaks[metric] ?? 0) : 0;
    if (!critical && result === "fail") streaks[metric] = before + 1;
  }
  const fails = ({ metric, critical, result }: MetricVerdict): boolean =>
    result === "fail" && (critical || (streaks[metric] ?? 0) >= settings.patience);
  const failed = metrics.some(fails);
  const held = tooShort !== "" || metrics.some(({ result }) => result === "fail" || result === "hold");
  const worstFirst = metrics.toSorted((a, b) => weight(b, fails(b)) - weight(a, fails(a)));
  return {
    result: failed ? "fail" : held ? "hold" : "pass",
    why: failed
      ? reasons(
          worstFirst.filter(({ result }) => result === "fail"),
          "",
        )
      : reasons(worstFirst, tooShort),
    fromMs,
    toMs,
    look,
    alpha,
    metrics,
    history: { looks: look, streaks },
  };
}

/** All statistical comparisons of one look, by metric; that of the whole plane first. */
function statistics(
  evidence: Evidence,
  settings: JudgeSettings,
  look: { readonly alpha: number; readonly tooShort: string },
): Map<string, SubjectVerdict[]> {
  const scopes: Record<"targets" | "users", readonly CutTarget[]> = {
    targets: evidence.targets.map((one) => cutTarget(one, "targets", evidence, settings)),
    users: evidence.users.map((one) => cutTarget(one, "users", evidence, settings)),
  };
  const all = settings.metrics.flatMap((metric): Comparison[] => {
    if (metric.kind === "latency") return compareLatency(metric, scopes[metric.scope]);
    return metric.kind === "proportion" ? compareLoss(metric, scopes[metric.scope]) : [];
  });
  const found = new Map<string, SubjectVerdict[]>();
  for (const family of [
    all.filter(({ subject }) => subject === WHOLE),
    all.filter(({ subject }) => subject !== WHOLE),
  ]) {
    // A comparison that could not be made is one all the same: the family's size must not depend on what was lost.
    const adjusted = holm(family.map(({ arithmetic }) => arithmetic?.pFail ?? 1));
    for (const [at, one] of family.entries()) {
      const pAdjusted = one.arithmetic === null ? null : Math.min(1, 2 * (adjusted[at] ?? 1));
      const { result, why } = decide(one, pAdjusted, look, settings);
      const list = found.get(one.metric.name) ?? [];
      list.push({ subject: one.subject, result, why, pAdjusted, arithmetic: one.arithmetic });
      found.set(one.metric.name, list);
    }
  }
  return found;
}

function summary(metric: MetricDefinition, all: readonly SubjectVerdict[]): MetricVerdict {
  const { name, critical, mustHaveData } = metric;
  const whole = all.find(({ subject }) => subject === WHOLE) ?? null;
  const subjects = all.filter((one) => one !== whole);
  const base = { metric: name, critical, whole, subjects };
  if (all.length === 0)
    return mustHaveData
      ? { ...base, result: "hold", why: `${name}: no data` }
      : { ...base, result: "absent", why: "" };
  const result = worst(all.map((one) => one.result));
  return { ...base, result, why: all.find((one) => one.result === result)?.why ?? "" };
}

function worst(results: readonly Result[]): Result {
  return results.includes("fail") ? "fail" : results.includes("hold") ? "hold" : "pass";
}

function weight({ result }: MetricVerdict, fails: boolean): number {
  return fails ? 3 : result === "fail" ? 2 : result === "hold" ? 1 : 0;
}

/** Of one metric: all that came out as it did, but not an endless list. */
function sentences(
  result: Result,
  why: string,
  whole: SubjectVerdict | null,
  subjects: readonly SubjectVerdict[],
): string[] {
  const alike = (whole === null ? subjects : [whole, ...subjects]).filter((one) => one.result === result);
  const said = alike.slice(0, SAID).map((one) => one.why);
  const more = alike.length - said.length;
  return [...(said.length === 0 ? [why] : said), ...(more > 0 ? [`${why}; and ${more} more alike`] : [])];
}

function reasons(metrics: readonly MetricVerdict[], tooShort: string): string[] {
  const all = metrics.flatMap(({ result, why, whole, subjects }) =>
    result === "pass" || result === "absent" ? [] : why === "" ? [] : sentences(result, why, whole, subjects),
  );
  return [...new Set(tooShort === "" ? all : [tooShort, ...all])];
}
