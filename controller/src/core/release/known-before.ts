import { cutWindow, spanOf } from "./comparison.ts";
import type { JudgeSettings, MetricDefinition } from "./settings.ts";
import type { Block, Series } from "./stats/blocks.ts";

/** Sentences. */
const SAID = 3;

/** An Edge as one External Edge measures it while it has not been moved. */
export interface MeasuredBefore {
  /** As in `TargetEvidence`. */
  readonly target: string;
  readonly series: Series;
}

/**
 * Of Edges that are about to be moved: what is measured of them already, but not for so long that they could be compared
 * with it afterwards. Empty when all may move. A moved Edge's own past does not grow any more, so what is too short at
 * its move would hold the rollout until its deadline; before the move it only takes a moment.
 *
 * An Edge that is not measured, or does not answer, will not be compared, and is not waited for.
 * @returns sentences, one for each of them but not an endless list
 */
export function tooShortBefore(edges: readonly MeasuredBefore[], settings: JudgeSettings): readonly string[] {
  const wanted = settings.metrics.flatMap((metric) => {
    const minimum = minimumOf(metric);
    return minimum === undefined ? [] : [{ metric, minimum }];
  });
  const short = edges.flatMap(({ target, series }) => {
    if (series.atMs.length === 0) return [];
    const blocks = cutWindow(series, spanOf(series), settings);
    const missing = wanted.flatMap(({ metric, minimum }) => {
      const known = blocks.filter((block) => counts(metric, block)).length;
      const silent = metric.kind === "latency" && known === 0;
      if (known >= minimum || silent) return [];
      return [`${metric.name} of ${target}: ${known} blocks of time before its move, of ${minimum} needed`];
    });
    return missing.slice(0, 1);
  });
  const more = short.length - SAID;
  return more > 0 ? [...short.slice(0, SAID), `and ${more} more that move next`] : short;
}

function minimumOf(metric: MetricDefinition): number | undefined {
  const own = metric.kind === "latency" || metric.kind === "proportion";
  return own && metric.scope === "users" ? metric.minimumBlocks : undefined;
}

function counts(metric: MetricDefinition, { sent, medianMs, jitterMs }: Block): boolean {
  if (metric.kind === "latency") return (metric.of === "rtt" ? medianMs : jitterMs) !== undefined;
  return sent > 0;
}
