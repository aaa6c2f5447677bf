import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { findNode } from "@vsix/shared/fabric/query.ts";
import { baselineOf } from "../core/release/compare-latency.ts";
import type { Baseline, TargetEvidence } from "../core/release/evidence.ts";
import type { MeasuredBefore } from "../core/release/known-before.ts";
import type { JudgeSettings } from "../core/release/settings.ts";
import { routersOf } from "./plane-facts.ts";
import type { Span } from "./samples.ts";
import { seriesOf } from "./series.ts";
import type { WindowStore } from "./window-store.ts";

/** By what a subject is called: SITE TARGET. JSON. */
export type Baselines = Readonly<
  Record<string, { readonly candidate: Baseline; readonly reference: Baseline }>
>;

interface Pair {
  readonly name: string;
  readonly candidate: string;
  readonly reference: string;
  readonly target: { readonly name: string; readonly address: string };
}

/** Both planes' routers of each site, each with each, by target. */
function pairsOf(fabric: Fabric, from: string, to: string): readonly Pair[] {
  const routers = routersOf(fabric, [from, to]);
  return fabric.sites.flatMap((site) => {
    const [candidates, references] = [to, from].map((plane) =>
      routers.filter((router) => router.site === site && router.plane === plane),
    );
    return (candidates ?? []).flatMap((candidate) =>
      (references ?? []).flatMap((reference) =>
        fabric.measure.targets.map((target) => ({
          name: `${candidate.name} and ${reference.name} to ${target.name}`,
          candidate: candidate.name,
          reference: reference.name,
          target,
        })),
      ),
    );
  });
}

/** Both planes over the same targets in the same span. */
export function targetEvidence(
  store: WindowStore,
  fabric: Fabric,
  planes: { readonly from: string; readonly to: string; readonly baselines: Baselines },
  span: Span,
): readonly TargetEvidence[] {
  return pairsOf(fabric, planes.from, planes.to).map(({ name, candidate, reference, target }) => {
    const baseline = planes.baselines[name];
    return {
      target: name,
      candidate: seriesOf(store, candidate, target, span),
      reference: seriesOf(store, reference, target, span),
      ...(baseline === undefined ? {} : { baseline }),
    };
  });
}

/** What both planes are by nature, if this span is what they are. */
export function baselinesOf(
  store: WindowStore,
  fabric: Fabric,
  planes: { readonly from: string; readonly to: string },
  span: Span,
  settings: JudgeSettings,
): Baselines {
  const found: Record<string, { candidate: Baseline; reference: Baseline }> = {};
  for (const { name, candidate, reference, target } of pairsOf(fabric, planes.from, planes.to)) {
    const [c, r] = [candidate, reference].map((node) =>
      baselineOf(seriesOf(store, node, target, span), settings),
    );
    if (c !== undefined && r !== undefined) found[name] = { candidate: c, reference: r };
  }
  return found;
}

/** Edges that have not been moved, as External Edges measure them. */
export function unmovedEvidence(
  store: WindowStore,
  fabric: Fabric,
  edges: readonly string[],
  span: Span,
): readonly MeasuredBefore[] {
  return edges.flatMap((edge) => {
    const node = findNode(fabric, edge);
    if (node === undefined) return [];
    const target = { name: edge, address: node.loopback };
    return observersOf(fabric).map((observer) => ({
      target: `${edge} from ${observer}`,
      series: seriesOf(store, observer, target, span),
    }));
  });
}

function observersOf(fabric: Fabric): readonly string[] {
  return fabric.nodes
    .filter(({ role, software }) => role === "external-edge" && software === "vsix")
    .map(({ name }) => name);
}

/**
 * Moved Edges as External Edges measure them, there and back by the way that their users' packets take; the reference is the
 * same before the Edge was first moved. Nothing of an Edge for which that is no longer kept.
 */
export function userEvidence(
  store: WindowStore,
  fabric: Fabric,
  moved: readonly { readonly edge: string; readonly before: Span }[],
  span: Span,
): readonly TargetEvidence[] {
  const observers = observersOf(fabric);
  return moved.flatMap(({ edge, before }) => {
    const node = findNode(fabric, edge);
    if (node === undefined) return [];
    const target = { name: edge, address: node.loopback };
    return observers.flatMap((name): TargetEvidence[] => {
      const reference = seriesOf(store, name, target, before);
      if (reference.atMs.length === 0) return [];
      return [{ target: `${edge} from ${name}`, candidate: seriesOf(store, name, target, span), reference }];
    });
  });
}
