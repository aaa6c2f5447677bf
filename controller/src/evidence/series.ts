import type { Series } from "../core/release/stats/blocks.ts";
import type { Span, Target } from "./samples.ts";
import type { WindowStore } from "./window-store.ts";

/** What one node measured to one target within a span, as the judge takes it. Only whole windows count. */
export function seriesOf(store: WindowStore, node: string, target: Target, span: Span): Series {
  const atMs: number[] = [];
  const rttMs: (number | null)[] = [];
  for (const { startMs, intervalMs, targets } of store.windows(node, span.fromMs, span.toMs)) {
    const samples = targets.get(target.name);
    // A name that meant another host before tells nothing of this one.
    if (samples?.address !== target.address) continue;
    for (const [i, rttUs] of samples.rttsUs.entries()) {
      atMs.push(startMs + i * intervalMs);
      rttMs.push(rttUs < 0 ? null : rttUs / 1000);
    }
  }
  return { atMs, rttMs };
}
