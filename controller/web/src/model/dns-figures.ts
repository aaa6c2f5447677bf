import { AAAA_RESULTS } from "../../../../shared/src/dns/model.ts";
import type { DnsOutcomes } from "../api/types.ts";

/** Captured DNS of clients, out of tallies (controller/TELESCREEN.md): CLASS.WHAT by count. Pure. */

export type Outcome = (typeof AAAA_RESULTS)[number];

type Tally = Readonly<Record<string, number>>;

const TYPE_A = "client.type.1";
const TYPE_AAAA = "client.type.28";

export interface OutcomeShare {
  readonly outcome: Outcome;
  readonly count: number;
  /** Of all questions for AAAA, 0 to 1; 0 of none. */
  readonly share: number;
}

export function outcomeShares(total: Tally): readonly OutcomeShare[] {
  const counts = AAAA_RESULTS.map((outcome) => ({ outcome, count: total[`client.outcome.${outcome}`] ?? 0 }));
  const all = counts.reduce((sum, { count }) => sum + count, 0);
  return counts.map((one) => ({ ...one, share: all === 0 ? 0 : one.count / all }));
}

export interface DnsCourse {
  /** Seconds since 1970. */
  readonly timeS: readonly number[];
  /** Questions a second. */
  readonly all: readonly number[];
  readonly a: readonly number[];
  readonly aaaa: readonly number[];
}

export function courseOf({ series, stepS }: Pick<DnsOutcomes, "series" | "stepS">): DnsCourse {
  const rate = (name: string): readonly number[] =>
    series.map(({ tally }) => (tally[name] ?? 0) / Math.max(1, stepS));
  return {
    timeS: series.map(({ startMs }) => startMs / 1000),
    all: rate("client.pairs"),
    a: rate(TYPE_A),
    aaaa: rate(TYPE_AAAA),
  };
}
