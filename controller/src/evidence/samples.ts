import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { findNode } from "@vsix/shared/fabric/query.ts";
import type { WindowStore } from "./window-store.ts";

/** A stretch of time on the controller's monotonic clock. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Target {
  readonly name: string;
  readonly address: string;
}

/** What one node measured to one target within a span. */
export interface Samples {
  readonly node: string;
  readonly target: string;
  readonly sent: number;
  readonly lost: number;
  /** Of the lost, those that never left the node: it had no route, or its queue was full. */
  readonly unsent: number;
  readonly late: number;
  /** Microseconds in the order of sending; -1 is lost, so that bursts can be seen. */
  readonly rttsUs: readonly number[];
  /** Echoes that should be here, of those asked for in the span; 0 to 1. Below it nothing should be concluded. */
  readonly complete: number;
}

/**
 * What one node measured to one target. Only whole windows count: one that began before the span may show what was before. So
 * two windows less than the span holds are all that can be expected.
 */
export function samplesOf(store: WindowStore, node: string, target: Target, span: Span): Samples {
  const { fromMs, toMs } = span;
  const rttsUs: number[] = [];
  let [unsent, late, lengthMs, intervalMs] = [0, 0, 1000, 100];
  for (const window of store.windows(node, fromMs, toMs)) {
    lengthMs = window.endMs - window.startMs;
    intervalMs = window.intervalMs;
    const samples = window.targets.get(target.name);
    // A name that meant another host before tells nothing of this one.
    if (samples?.address !== target.address) continue;
    for (const rtt of samples.rttsUs) rttsUs.push(rtt);
    unsent += samples.unsent;
    late += samples.late;
  }
  const windows = Math.max(1, Math.floor((toMs - fromMs) / lengthMs) - 1);
  const expected = Math.max(1, Math.floor((windows * lengthMs) / intervalMs));
  const lost = rttsUs.filter((rtt) => rtt < 0).length;
  const complete = Math.min(1, rttsUs.length / expected);
  return { node, target: target.name, sent: rttsUs.length, lost, unsent, late, rttsUs, complete };
}

/** What every router of a plane measured to one target; one entry a router, also for one that said nothing. */
export function planeSamples(
  store: WindowStore,
  fabric: Fabric,
  plane: string,
  target: Target,
  span: Span,
): readonly Samples[] {
  return fabric.nodes
    .filter((node) => node.role === "plane" && node.plane === plane)
    .map(({ name }) => samplesOf(store, name, target, span));
}

/** What every External Edge measured to one Edge, by whichever plane that was on: the users' own way, there and back. */
export function edgeSamples(
  store: WindowStore,
  fabric: Fabric,
  edge: string,
  span: Span,
): readonly Samples[] {
  const target = findNode(fabric, edge);
  if (target === undefined) return [];
  return fabric.nodes
    .filter(({ role }) => role === "external-edge")
    .map(({ name }) => samplesOf(store, name, { name: edge, address: target.loopback }, span));
}
