/** Which way a metric gets worse. */
export type Direction = "increase" | "decrease" | "either";

interface Metric {
  readonly name: string;
  /** A failure ends the rollout at once. One that is not critical must fail `patience` looks in a row. */
  readonly critical: boolean;
  /** Without data: hold. Otherwise the metric is passed over. */
  readonly mustHaveData: boolean;
  /** Looked at only where a rollout asks for it: each comparison more makes all the others less sure of themselves. */
  readonly onRequest?: boolean;
}

/** What a rollout asks of one metric in place of its default. */
export interface MetricChange {
  readonly critical?: boolean;
  readonly mustHaveData?: boolean;
  /** It is not looked at at all. */
  readonly off?: boolean;
}

/** Round trips or their variation, compared block by block (stats/blocks.ts) with Mann-Whitney U. */
export interface LatencyMetric extends Metric {
  readonly kind: "latency";
  readonly of: "rtt" | "jitter";
  readonly scope: "targets" | "users";
  readonly direction: Direction;
  /** How much worse than its own baseline the new plane may be, after what the old plane did meanwhile; ms. */
  readonly toleranceMs: number;
  /** A single target passes while it is surely no worse than this; ms. */
  readonly targetToleranceMs: number;
  /** Without a baseline nobody knows what is a plane's nature: worse than the other by more than this fails; ms. */
  readonly betweenMs: number;
  /** Cliff's delta, beyond the tolerance, that a failure must have; 0.33 is called medium, 0.47 large (Romano 2006). */
  readonly effect: number;
  /** Blocks with a value that each side must have. */
  readonly minimumBlocks: number;
}

/** Probes lost, of those sent, with Miettinen and Nurminen's test on effective numbers. */
export interface ProportionMetric extends Metric {
  readonly kind: "proportion";
  readonly scope: "targets" | "users";
  /** How much greater than the other plane's the share may be: 0.0025 is a quarter of a per cent. */
  readonly tolerance: number;
  /** All together pass while they are surely no worse than this: no less than `tolerance`, more where probes are few. */
  readonly passTolerance: number;
  /** The same for a single target. */
  readonly targetTolerance: number;
  /** Blocks with probes that each side must have: how much losses hang together is not seen in a few. */
  readonly minimumBlocks: number;
}

/** Right or wrong. */
export interface FactMetric extends Metric {
  readonly kind: "fact";
  /** Looks in a row that must see it wrong: a reading taken amid a change is not one. */
  readonly consecutive: number;
}

/** A number against what it was before. */
export interface CountMetric extends Metric {
  readonly kind: "count";
  readonly direction: Direction;
  /** How far it may be from before. */
  readonly tolerance: number;
  readonly consecutive: number;
}

/** Paths as an operator's file expects them. Without data: one that is expected and was not seen holds in any case. */
export interface PathMetric extends Metric {
  readonly kind: "path";
  /** Traces in a row that must be wrong, as for the path watch: one may have been amid a change. */
  readonly consecutive: number;
}

export type MetricDefinition = LatencyMetric | ProportionMetric | FactMetric | CountMetric | PathMetric;

/** Metrics as one rollout wants them. A name that is none changes nothing; whoever takes names from people refuses those. */
export function withChanges(
  metrics: readonly MetricDefinition[],
  changes: Readonly<Record<string, MetricChange>>,
): readonly MetricDefinition[] {
  return metrics.flatMap((metric) => {
    const change = Object.hasOwn(changes, metric.name) ? changes[metric.name] : undefined;
    if (change?.off === true || (metric.onRequest === true && change === undefined)) return [];
    const { onRequest: _, ...rest } = metric;
    const { critical = metric.critical, mustHaveData = metric.mustHaveData } = change ?? {};
    return [{ ...rest, critical, mustHaveData }];
  });
}

export interface JudgeSettings {
  readonly metrics: readonly MetricDefinition[];
  /** No window shorter than this passes; it may fail. Milliseconds. */
  readonly minimumWindowMs: number;
  readonly blockMs: number;
  /** A longer window has longer blocks, not more: below 50 the test counts exactly, and long blocks hang together less. */
  readonly maximumBlocks: number;
  /** Answers that a block must have to count. */
  readonly minimumAnswers: number;
  /**
   * Chance that a rollout between equal planes is ever failed by a statistical metric: over all metrics, all targets and
   * all looks together (core/release/spending.ts).
   */
  readonly falseAlarm: number;
  /** Looks that share it evenly. More may follow; they get less and less. */
  readonly plannedLooks: number;
  /**
   * Chance that something just as bad as the tolerance passes at one look: a plane as a whole, and a single target. Not
   * shared between looks as false alarms are: what is twice as bad passes at none of them (see the operating curve).
   */
  readonly passError: number;
  readonly targetPassError: number;
  /** What would be so unlikely if all were well does not pass, though it does not fail either. */
  readonly suspicion: number;
  /** Looks in a row after which a metric that is not critical fails the rollout. */
  readonly patience: number;
}

/**
 * The defaults, which the operating curve (controller/OPERATING-CURVE.md) is of. Its budget: ten probes a second to each of
 * twenty targets by either plane, which decides in a step of 60 s.
 */
export const DEFAULT_JUDGE: JudgeSettings = {
  metrics: [
    {
      name: "loss",
      kind: "proportion",
      scope: "targets",
      critical: true,
      mustHaveData: true,
      tolerance: 0.0025,
      passTolerance: 0.0025,
      targetTolerance: 0.05,
      minimumBlocks: 8,
    },
    {
      name: "rtt",
      kind: "latency",
      of: "rtt",
      scope: "targets",
      direction: "increase",
      critical: true,
      mustHaveData: true,
      toleranceMs: 2,
      targetToleranceMs: 5,
      betweenMs: 10,
      effect: 0.33,
      minimumBlocks: 8,
    },
    {
      name: "jitter",
      kind: "latency",
      of: "jitter",
      scope: "targets",
      direction: "increase",
      critical: false,
      mustHaveData: false,
      toleranceMs: 3,
      targetToleranceMs: 6,
      betweenMs: 10,
      effect: 0.33,
      minimumBlocks: 8,
    },
    {
      name: "user-loss",
      kind: "proportion",
      scope: "users",
      critical: true,
      mustHaveData: false,
      // One user at first: what a minute of one can show. The targets are there for less.
      tolerance: 0.01,
      passTolerance: 0.05,
      targetTolerance: 0.05,
      minimumBlocks: 8,
    },
    {
      // No baseline of a user by the other plane exists, and Green may go straight where Blue goes round.
      name: "user-rtt",
      kind: "latency",
      of: "rtt",
      scope: "users",
      direction: "increase",
      critical: true,
      mustHaveData: false,
      toleranceMs: 10,
      targetToleranceMs: 12,
      betweenMs: 12,
      effect: 0.33,
      minimumBlocks: 8,
    },
    { name: "path", kind: "fact", critical: true, mustHaveData: true, consecutive: 2 },
    { name: "expected-path", kind: "path", critical: true, mustHaveData: false, consecutive: 2 },
    { name: "bgp-session", kind: "fact", critical: true, mustHaveData: true, consecutive: 2 },
    {
      name: "prefixes",
      kind: "count",
      direction: "either",
      tolerance: 0,
      critical: true,
      mustHaveData: true,
      consecutive: 2,
    },
    {
      name: "interface-errors",
      kind: "count",
      direction: "increase",
      tolerance: 10,
      critical: false,
      mustHaveData: false,
      consecutive: 2,
    },
  ],
  minimumWindowMs: 60_000,
  blockMs: 3_000,
  maximumBlocks: 40,
  minimumAnswers: 5,
  falseAlarm: 0.005,
  plannedLooks: 40,
  passError: 0.05,
  targetPassError: 0.05,
  suspicion: 0.01,
  patience: 3,
};

/** Beyond the defaults: of what the operating curve is not. */
export const ON_REQUEST: readonly MetricDefinition[] = [
  {
    // Against the same Edge's own before its move, as `user-rtt`.
    name: "user-jitter",
    kind: "latency",
    of: "jitter",
    scope: "users",
    direction: "increase",
    critical: false,
    mustHaveData: false,
    onRequest: true,
    toleranceMs: 5,
    targetToleranceMs: 8,
    betweenMs: 8,
    effect: 0.33,
    minimumBlocks: 8,
  },
];
