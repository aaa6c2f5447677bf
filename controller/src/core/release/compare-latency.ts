import { type Comparison, type CutTarget, cutWindow, spanOf, WHOLE } from "./comparison.ts";
import type { Baseline } from "./evidence.ts";
import type { JudgeSettings, LatencyMetric } from "./settings.ts";
import type { Block, Series } from "./stats/blocks.ts";
import { mannWhitneySorted } from "./stats/mann-whitney.ts";
import { median, medianError } from "./stats/order.ts";
import { shiftBetween } from "./stats/shift.ts";
import type { LatencyArithmetic } from "./verdict.ts";

/** One plane's ordinary round trips to a target. Undefined when too few were answered to say. */
export function baselineOf(series: Series, settings: JudgeSettings): Baseline | undefined {
  const blocks = cutWindow(series, spanOf(series), settings);
  const rtts = blocks.flatMap(({ medianMs }) => medianMs ?? []);
  const jitters = blocks.flatMap(({ jitterMs }) => jitterMs ?? []);
  const [rttMs, jitterMs] = [median(rtts), median(jitters)];
  if (rttMs === undefined || jitterMs === undefined) return undefined;
  return { rttMs, rttErrorMs: medianError(rtts), jitterMs, jitterErrorMs: medianError(jitters) };
}

/** Both planes' blocks of one target, with what is natural taken off; a hole where a block had too few answers. */
interface Centred {
  readonly target: string;
  readonly candidate: readonly (number | undefined)[];
  readonly reference: readonly (number | undefined)[];
  /** Medians of both, before anything was taken off. */
  readonly mediansMs: readonly [number, number];
  /** How far the baselines may be wrong, ms; undefined without them. */
  readonly slackMs: number | undefined;
}

/**
 * Compares round trips, or their variation, block by block. Blue may go round where Green goes straight, so what counts is
 * how far each plane is from its own baseline: the new plane's change against the old plane's change in the same window
 * (a target that got slower for everybody is nobody's fault). The uncertainty of the baselines widens the tolerance. Without
 * baselines nature and fault look alike between `toleranceMs` and `betweenMs`: that holds. Of the plane as a whole the
 * median over targets is taken in each block, which a few odd targets cannot move; those are compared by themselves.
 */
export function compareLatency(metric: LatencyMetric, targets: readonly CutTarget[]): Comparison[] {
  const centred = targets
    .map((one) => centre(metric, one))
    .filter((one) => metric.mustHaveData || present(one.candidate).length > 0);
  if (centred.length === 0) return [];
  const singles = centred.map((one) => compare(metric, one, metric.targetToleranceMs));
  const known = centred.filter(({ slackMs }) => slackMs !== undefined);
  const together = known.length > 0 ? known : centred;
  const slack = together.reduce((sum, one) => sum + (one.slackMs ?? 0), 0) / together.length;
  const whole = compare(
    metric,
    {
      target: WHOLE,
      candidate: overTargets(together.map(({ candidate }) => candidate)),
      reference: overTargets(together.map(({ reference }) => reference)),
      mediansMs: [
        median(together.map(({ mediansMs: [own] }) => own)) ?? 0,
        median(together.map(({ mediansMs: [, other] }) => other)) ?? 0,
      ],
      slackMs: known.length > 0 ? slack : undefined,
    },
    metric.toleranceMs,
  );
  return [whole, ...singles];
}

function centre(metric: LatencyMetric, { target, evidence, candidate, reference }: CutTarget): Centred {
  const read = (block: Block): number | undefined => (metric.of === "rtt" ? block.medianMs : block.jitterMs);
  const [here, there] = [candidate.map(read), reference.map(read)];
  const { baseline } = evidence;
  const mediansMs = [median(present(here)) ?? 0, median(present(there)) ?? 0] as const;
  if (baseline === undefined) {
    // Targets are near and far: taken together they need one zero, and the old plane's now is that of the new one too.
    const zero = median(present(there)) ?? 0;
    return {
      target,
      candidate: less(here, zero),
      reference: less(there, zero),
      mediansMs,
      slackMs: undefined,
    };
  }
  const [own, other] = [of(metric, baseline.candidate), of(metric, baseline.reference)];
  return {
    target,
    candidate: less(here, own.value),
    reference: less(there, other.value),
    mediansMs,
    slackMs: 1.96 * Math.hypot(own.error, other.error),
  };
}

function of({ of: what }: LatencyMetric, baseline: Baseline): { value: number; error: number } {
  return what === "rtt"
    ? { value: baseline.rttMs, error: baseline.rttErrorMs }
    : { value: baseline.jitterMs, error: baseline.jitterErrorMs };
}

function compare(metric: LatencyMetric, centred: Centred, tolerance: number): Comparison {
  const { target: subject, slackMs } = centred;
  const [x, y] = [present(centred.candidate), present(centred.reference)];
  if (x.length < metric.minimumBlocks || y.length < metric.minimumBlocks) {
    const holds = `${metric.name} of ${subject}: ${x.length} and ${y.length} blocks of time, of ${metric.minimumBlocks} needed`;
    return { metric, subject, arithmetic: null, holds, worse: "" };
  }
  const failAboveMs = slackMs === undefined ? metric.betweenMs : metric.toleranceMs + slackMs;
  const passBelowMs = tolerance - (slackMs ?? 0);
  const arithmetic = test(metric, centred, failAboveMs, passBelowMs);
  const worse = `${metric.name} of ${subject}: ${arithmetic.shiftMs.toFixed(1)} ms from the other plane${slackMs === undefined ? "" : ", after their baselines"}`;
  return { metric, subject, arithmetic, holds: "", worse };
}

function test(
  { direction }: LatencyMetric,
  { candidate, reference, mediansMs, slackMs }: Centred,
  failAboveMs: number,
  passBelowMs: number,
): LatencyArithmetic {
  const [x, y] = [present(candidate), present(reference)];
  const sides = [
    ...(direction === "decrease" ? [] : [side(x, y, failAboveMs, passBelowMs)]),
    ...(direction === "increase" ? [] : [side(y, x, failAboveMs, passBelowMs)]),
  ];
  const worst = sides.reduce((one, other) => (other.pFail < one.pFail ? other : one));
  const { estimate, lower, upper } = shiftBetween(x, y, 0.025);
  return {
    test: "mann-whitney",
    method: worst.method,
    blocks: [x.length, y.length],
    mediansMs,
    baseline: slackMs !== undefined,
    shiftMs: estimate,
    lowerMs: lower,
    upperMs: upper,
    failAboveMs,
    passBelowMs,
    u: worst.u,
    delta: worst.delta,
    // Looking at both sides doubles the chance of an alarm; to pass, both sides must be well.
    pFail: Math.min(1, sides.length * worst.pFail),
    pPass: Math.max(...sides.map(({ pPass }) => pPass)),
  };
}

function side(x: readonly number[], y: readonly number[], failAboveMs: number, passBelowMs: number) {
  const [left, right] = [Float64Array.from(x).sort(), Float64Array.from(y).sort()];
  const { method, u, delta, pGreater: pFail } = mannWhitneySorted(left, right, failAboveMs);
  return { method, u, delta, pFail, pPass: mannWhitneySorted(left, right, passBelowMs).pLess };
}

/** In each block the median over targets, where at least half of them have a value. */
function overTargets(targets: readonly (readonly (number | undefined)[])[]): (number | undefined)[] {
  const length = targets.reduce((most, one) => Math.max(most, one.length), 0);
  return Array.from({ length }, (_, index) => {
    const values = present(targets.map((one) => one[index]));
    return values.length * 2 >= targets.length ? median(values) : undefined;
  });
}

function present(values: readonly (number | undefined)[]): number[] {
  return values.filter((value) => value !== undefined);
}

function less(values: readonly (number | undefined)[], zero: number): (number | undefined)[] {
  return values.map((value) => (value === undefined ? undefined : value - zero));
}
