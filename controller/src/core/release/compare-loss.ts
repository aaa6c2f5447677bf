import { type Comparison, type CutTarget, WHOLE } from "./comparison.ts";
import type { ProportionMetric } from "./settings.ts";
import { type Block, type ClusteredShare, clustered } from "./stats/blocks.ts";
import { type Share, scoreInterval, scoreTest } from "./stats/proportions.ts";

/**
 * Compares what was lost by both planes in the same window: of every target, and of all together, which sees one per cent
 * where no single target could. A loss has no natural place in a plane, so no baseline excuses it; what both planes lose
 * alike is the target's own and no reason to stay. Losses come in bursts, and an outage of a plane takes from all targets
 * at once: a cluster is a block of time of one target, or over all targets. Both planes are taken to lose in clusters as great
 * as the one that shows greater ones: a plane that lost nothing tells nothing of how it would, and six hundred witnesses of
 * nothing against two effective losses of forty would be taken for proof.
 */
export function compareLoss(metric: ProportionMetric, targets: readonly CutTarget[]): Comparison[] {
  const used = targets.filter(({ candidate }) => metric.mustHaveData || sentOf(candidate) > 0);
  const singles = used.map((one) =>
    compare(metric, one.target, clusters([one.candidate]), clusters([one.reference]), metric.targetTolerance),
  );
  if (used.length === 0) return [];
  const whole = compare(
    metric,
    WHOLE,
    clusters(used.map(({ candidate }) => candidate)),
    clusters(used.map(({ reference }) => reference)),
    metric.passTolerance,
  );
  return [whole, ...singles];
}

function compare(
  metric: ProportionMetric,
  subject: string,
  candidate: ClusteredShare,
  reference: ClusteredShare,
  passBelow: number,
): Comparison {
  const { tolerance: failAbove, minimumBlocks } = metric;
  const [here, there] = [candidate.counted, reference.counted];
  if (candidate.clusters < minimumBlocks || reference.clusters < minimumBlocks) {
    const holds = `${metric.name} of ${subject}: ${candidate.clusters} and ${reference.clusters} blocks of time, of ${minimumBlocks} needed`;
    return { metric, subject, arithmetic: null, holds, worse: "" };
  }
  const designEffect = Math.max(candidate.designEffect, reference.designEffect);
  const [first, second] = [effective(here, designEffect), effective(there, designEffect)];
  const test = scoreTest(first, second, failAbove);
  const [lower, upper] = scoreInterval(first, second, 0.025);
  const dead = here.events === here.trials && there.events === there.trials;
  return {
    metric,
    subject,
    arithmetic: {
      test: "score",
      candidate: { lost: here.events, sent: here.trials },
      reference: { lost: there.events, sent: there.trials },
      designEffect,
      difference: here.events / here.trials - there.events / there.trials,
      lower,
      upper,
      failAbove,
      passBelow,
      z: test.z,
      pFail: test.pGreater,
      pPass: passBelow === failAbove ? test.pLess : scoreTest(first, second, passBelow).pLess,
    },
    holds: dead ? `${metric.name} of ${subject}: answers by neither plane` : "",
    worse: `${metric.name} of ${subject}: ${percent(here.events / here.trials)} against ${percent(there.events / there.trials)}`,
  };
}

/** The blocks of one or of many targets, put together by time. */
function clusters(targets: readonly (readonly Block[])[]): ClusteredShare {
  const length = targets.reduce((most, blocks) => Math.max(most, blocks.length), 0);
  return clustered(
    Array.from({ length }, (_, index) => {
      let [events, trials] = [0, 0];
      for (const blocks of targets) {
        events += blocks[index]?.lost ?? 0;
        trials += blocks[index]?.sent ?? 0;
      }
      return { events, trials };
    }),
  );
}

function sentOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + block.sent, 0);
}

function effective({ events, trials }: Share, designEffect: number): Share {
  return { events: events / designEffect, trials: trials / designEffect };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
