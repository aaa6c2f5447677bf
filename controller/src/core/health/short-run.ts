import type { Health, HealthLayer, HealthVerdict } from "@vsix/shared/contract/up-health.ts";

/** What is kept of a run for long, besides the states of its layers. Plain JSON. */
export interface ShortRun {
  readonly tookMs: number;
  readonly verdicts: readonly HealthVerdict[];
  /** Microseconds, median of the checks of a layer that have a time. */
  readonly us: Readonly<Partial<Record<HealthLayer, number>>>;
  /** The same, by plane. */
  readonly planeUs: Readonly<Record<string, number>>;
}

export function shortRun({ tookMs, verdicts, checks }: Health): ShortRun {
  const us = new Map<HealthLayer, number[]>();
  const planeUs = new Map<string, number[]>();
  for (const { layer, plane, us: one } of checks) {
    if (one === undefined) continue;
    us.set(layer, [...(us.get(layer) ?? []), one]);
    if (plane !== undefined) planeUs.set(plane, [...(planeUs.get(plane) ?? []), one]);
  }
  return { tookMs, verdicts, us: medians(us), planeUs: medians(planeUs) };
}

function medians<K extends string>(
  groups: ReadonlyMap<K, readonly number[]>,
): Partial<Record<K, number>> & Record<string, number> {
  return Object.fromEntries([...groups].map(([key, values]) => [key, median(values)])) as Partial<
    Record<K, number>
  > &
    Record<string, number>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
