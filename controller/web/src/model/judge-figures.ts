import type { RolloutEvents } from "../api/types.ts";

/** What the judge of a rollout found, out of its evidence (core/release/verdict.ts), for plots and tables. Pure. */

export interface MetricFigures {
  readonly metric: string;
  readonly isCritical: boolean;
  readonly result: string;
  readonly why: string;
  /** New plane against old, of the planes as wholes; undefined where it is no comparison. Milliseconds, or shares of 1. */
  readonly compared?: {
    readonly unit: "ms" | "share";
    readonly candidate: number;
    readonly reference: number;
    readonly difference: number;
    readonly lower: number;
    readonly upper: number;
    readonly limit: number;
  };
}

export interface Look {
  readonly number: number;
  readonly at: string;
  readonly ageMs: number;
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly metrics: readonly MetricFigures[];
}

/** A transition, or what somebody did. */
export interface Turn {
  readonly number: number;
  readonly at: string;
  readonly who: string;
  readonly told: string;
}

type Loose = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Loose => typeof value === "object" && value !== null;
const objectsOf = (value: unknown): readonly Loose[] => (Array.isArray(value) ? value.filter(isObject) : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const numberOf = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);

export function looksOf(events: RolloutEvents): readonly Look[] {
  return events.flatMap(({ number, at, kind, body }) => {
    if (kind !== "verdict" || !isObject(body)) return [];
    const detail = isObject(body["detail"]) ? body["detail"] : {};
    const reasons = Array.isArray(body["reasons"]) ? body["reasons"].map(textOf) : [];
    return [
      {
        ...{ number, at, reasons, ageMs: numberOf(body["ageMs"]) ?? 0, verdict: textOf(body["verdict"]) },
        metrics: objectsOf(detail["metrics"]).map(metricOf),
      },
    ];
  });
}

export function turnsOf(events: RolloutEvents): readonly Turn[] {
  return events.flatMap(({ number, at, kind, who, body }) =>
    kind === "change" && isObject(body) ? [{ number, at, who, told: textOf(body["told"]) }] : [],
  );
}

function metricOf(metric: Loose): MetricFigures {
  const whole = isObject(metric["whole"]) ? metric["whole"] : {};
  const compared = isObject(whole["arithmetic"]) ? comparedOf(whole["arithmetic"]) : undefined;
  return {
    metric: textOf(metric["metric"]),
    isCritical: metric["critical"] === true,
    result: textOf(metric["result"]),
    why: textOf(metric["why"]) || textOf(whole["why"]),
    ...(compared === undefined ? {} : { compared }),
  };
}

function comparedOf(arithmetic: Loose): MetricFigures["compared"] {
  const at = (key: string): number => numberOf(arithmetic[key]) ?? Number.NaN;
  if (arithmetic["test"] === "mann-whitney") {
    const medians = Array.isArray(arithmetic["mediansMs"]) ? arithmetic["mediansMs"] : [];
    const [candidate, reference] = medians.map(numberOf);
    return {
      unit: "ms",
      candidate: candidate ?? Number.NaN,
      reference: reference ?? Number.NaN,
      difference: at("shiftMs"),
      lower: at("lowerMs"),
      upper: at("upperMs"),
      limit: at("failAboveMs"),
    };
  }
  if (arithmetic["test"] !== "score") return undefined;
  return {
    unit: "share",
    candidate: shareOf(arithmetic["candidate"]),
    reference: shareOf(arithmetic["reference"]),
    difference: at("difference"),
    lower: at("lower"),
    upper: at("upper"),
    limit: at("failAbove"),
  };
}

function shareOf(counted: unknown): number {
  if (!isObject(counted)) return Number.NaN;
  const [lost, sent] = [numberOf(counted["lost"]), numberOf(counted["sent"])];
  return lost === undefined || sent === undefined || sent === 0 ? Number.NaN : lost / sent;
}

export interface MetricCourse {
  readonly metric: string;
  readonly unit: "ms" | "share";
  /** Seconds of the rollout's age. */
  readonly ageS: readonly number[];
  readonly difference: readonly number[];
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly limit: readonly number[];
}

/** Metric by metric, how the new plane was against the old from look to look. */
export function coursesOf(looks: readonly Look[]): readonly MetricCourse[] {
  const names = [
    ...new Set(
      looks.flatMap(({ metrics }) =>
        metrics.flatMap((one) => (one.compared === undefined ? [] : [one.metric])),
      ),
    ),
  ];
  return names.map((metric) => {
    const points = looks.flatMap(({ ageMs, metrics }) => {
      const compared = metrics.find((one) => one.metric === metric)?.compared;
      return compared === undefined ? [] : [{ ageS: ageMs / 1000, ...compared }];
    });
    return {
      ...{ metric, unit: points[0]?.unit ?? "ms" },
      ageS: points.map(({ ageS }) => ageS),
      difference: points.map(({ difference }) => difference),
      lower: points.map(({ lower }) => lower),
      upper: points.map(({ upper }) => upper),
      limit: points.map(({ limit }) => limit),
    };
  });
}
