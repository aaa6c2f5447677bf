import type { Trace } from "@vsix/shared/paths/trace.ts";
import { type Context, requireInForce } from "./context.ts";

export interface TracesNow {
  readonly traces: { readonly ageMs: number; readonly trace: Trace }[];
  readonly missing: { readonly source: string; readonly target: string }[];
}

/** What is traced from `source` or to `target`, or at all: the newest of each, and what has not been told yet. Throws `no-fabric`. */
export function tracesNow(
  { desired, evidence, clock }: Context,
  { source, target }: { readonly source?: string; readonly target?: string },
): TracesNow {
  const { orders } = requireInForce(desired.inForce);
  const nowMs = clock.monotonicMs();
  const asked = [...orders]
    .filter(([node]) => source === undefined || node === source)
    .flatMap(([node, own]) => own.map(({ name }) => ({ source: node, target: name })))
    .filter((pair) => target === undefined || pair.target === target);
  const newest = evidence.traces.newest({
    ...(source === undefined ? {} : { source }),
    ...(target === undefined ? {} : { target }),
  });
  return {
    traces: newest.map(({ trace, atMs }) => ({ ageMs: Math.round(nowMs - atMs), trace })),
    missing: asked.filter((pair) => evidence.traces.traces(pair.source, pair.target).length === 0),
  };
}
