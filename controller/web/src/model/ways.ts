import type { PathDetail } from "../api/types.ts";

/** Flows of a trace that went the same way, together. Pure. */
export interface Way {
  readonly flows: readonly number[];
  readonly hops: readonly {
    readonly hop: number;
    /** Who answered first; undefined: nobody. */
    readonly address: string | undefined;
    readonly rttUs: number | undefined;
  }[];
}

export function waysOf(trace: PathDetail["trace"]): readonly Way[] {
  if (trace === null) return [];
  const ways = new Map<string, { flows: number[]; hops: Way["hops"] }>();
  for (const { flow, hops } of trace.flows) {
    const name = hops.map(({ answers }) => answers[0]?.address ?? "*").join(" ");
    const known = ways.get(name);
    if (known !== undefined) known.flows.push(flow);
    else
      ways.set(name, {
        flows: [flow],
        hops: hops.map(({ hop, answers: [first] }) => ({
          hop,
          address: first?.address,
          rttUs: first?.rttUs,
        })),
      });
  }
  return [...ways.values()];
}
