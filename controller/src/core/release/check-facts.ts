import type { Count, Fact } from "./evidence.ts";
import type { CountMetric, FactMetric } from "./settings.ts";
import type { JudgeHistory, SubjectVerdict } from "./verdict.ts";

/** Verdicts on things that are no statistics, and how long each has been wrong. */
export interface Checked {
  readonly subjects: readonly SubjectVerdict[];
  readonly streaks: Readonly<Record<string, number>>;
}

interface Reading {
  readonly subject: string;
  /** Undefined: nobody knows. */
  readonly wrong: boolean | undefined;
  readonly why: string;
  readonly arithmetic: (looksInARow: number) => NonNullable<SubjectVerdict["arithmetic"]>;
}

/** Facts of one metric. What is wrong fails once `consecutive` looks in a row have seen it; until then it holds. */
export function checkFacts(metric: FactMetric, facts: readonly Fact[], history: JudgeHistory): Checked {
  return check(
    metric,
    facts.map(({ subject, ok, detail }) => ({
      subject,
      wrong: ok === null ? undefined : !ok,
      why: `${metric.name} of ${subject}: ${detail}`,
      arithmetic: (looksInARow) => ({ test: "fact", ok, detail, looksInARow, needed: metric.consecutive }),
    })),
    history,
  );
}

/** Counts of one metric, against what they were before. */
export function checkCounts(metric: CountMetric, counts: readonly Count[], history: JudgeHistory): Checked {
  return check(
    metric,
    counts.map(({ subject, now, before }) => ({
      subject,
      wrong: now === null ? undefined : strays(metric, now - before),
      why: `${metric.name} of ${subject}: ${now ?? "unknown"}, ${before} before`,
      arithmetic: (looksInARow) => ({
        test: "count",
        now,
        before,
        tolerance: metric.tolerance,
        looksInARow,
        needed: metric.consecutive,
      }),
    })),
    history,
  );
}

function strays({ direction, tolerance }: CountMetric, difference: number): boolean {
  const up = direction !== "decrease" && difference > tolerance;
  const down = direction !== "increase" && -difference > tolerance;
  return up || down;
}

function check(
  metric: FactMetric | CountMetric,
  readings: readonly Reading[],
  history: JudgeHistory,
): Checked {
  const streaks: Record<string, number> = {};
  const subjects = readings.flatMap(({ subject, wrong, why, arithmetic }): SubjectVerdict[] => {
    const key = `${metric.name} ${subject}`;
    const before = Object.hasOwn(history.streaks, key) ? (history.streaks[key] ?? 0) : 0;
    // Not knowing neither adds to a row nor ends it.
    const streak = wrong === undefined ? before : wrong ? before + 1 : 0;
    if (streak > 0) streaks[key] = streak;
    if (wrong === undefined && !metric.mustHaveData) return [];
    const result = wrong === false ? "pass" : streak >= metric.consecutive && wrong ? "fail" : "hold";
    return [
      {
        subject,
        result,
        why:
          result === "pass" ? "" : wrong === undefined ? `${metric.name} of ${subject}: nobody knows` : why,
        pAdjusted: null,
        arithmetic: arithmetic(streak),
      },
    ];
  });
  return { subjects, streaks };
}
