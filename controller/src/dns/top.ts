import type { Scanned, TopAnswer, TopQuestion, Where } from "./questions.ts";
import type { RankedKind } from "./rank-rows.ts";
import type { RankedHours } from "./ranked-hours.ts";
import { Ranking } from "./ranking.ts";
import type { ReadRollups } from "./read-rollups.ts";
import { filterOf, scan } from "./scan.ts";
import type { SegmentSource } from "./segment-source.ts";

const HOUR_MS = 3_600_000;

export interface TopSources {
  readonly source: SegmentSource;
  readonly hours: RankedHours;
  readonly rollups: ReadRollups;
  /** Of hash tables. */
  readonly seed: number;
}

/**
 * Names or clients by how much they were asked or asked. Whole hours that are counted are taken as they were counted, the rest is counted from
 * its pairs, and what has no pairs any more from what is kept of it. Throws BadQuestion, DnsSegmentError.
 */
export function topOf({ where, kind, by, limit }: TopQuestion, sources: TopSources): TopAnswer {
  const { source, rollups, seed } = sources;
  const startMs = performance.now();
  const ranking = new Ranking(kind, seed);
  const counted = { class: "client" as const, ...where };
  filterOf(counted);
  const scanned = { rows: 0, segments: 0, skipped: 0, unreadable: 0 };
  for (const span of addHours(counted, kind, ranking, sources)) {
    const one = scan(source, { ...counted, ...span }, {}, (segment, rows, _, digest) => {
      ranking.add(segment, rows, digest);
      return undefined;
    });
    for (const name of ["rows", "segments", "skipped", "unreadable"] as const) scanned[name] += one[name];
  }
  const older = rollups.rankedBefore(where, kind);
  if (older !== undefined) for (const { key, tally } of older.rows) ranking.addTally(key, tally);
  const tookMs = performance.now() - startMs;
  return {
    ...ranking.top(limit, by),
    total: ranking.total(),
    source: older?.source ?? "pairs",
    inexact: ranking.inexact || older !== undefined,
    scanned: { ...scanned, tookMs } satisfies Scanned,
  };
}

type Span = Pick<Where, "fromMs" | "untilMs">;

/** Adds hours that are ranked already, and returns what is left of the time. */
function addHours(
  where: Where,
  kind: RankedKind,
  ranking: Ranking,
  { source, hours }: TopSources,
): readonly Span[] {
  const { fromMs, untilMs, class: of, ...rest } = where;
  if (of !== "client" || Object.values(rest).some((value) => value !== undefined))
    return [{ fromMs, untilMs }];
  const isEmpty = (from: number, until: number): boolean =>
    from >= until || source.within(from * 1000, until * 1000).length === 0;
  const left: Span[] = [];
  let restMs = fromMs;
  for (const startMs of hours.starts(kind, fromMs - HOUR_MS, untilMs)) {
    const endMs = startMs + HOUR_MS;
    // An hour that reaches beyond the time counts where nothing was captured there.
    if (!isEmpty(startMs, Math.min(fromMs, endMs)) || !isEmpty(Math.max(untilMs, startMs), endMs)) continue;
    const packed = hours.get(startMs / 1000, kind);
    if (packed === undefined) continue;
    ranking.addPacked(packed);
    if (startMs > restMs) left.push({ fromMs: restMs, untilMs: startMs });
    restMs = endMs;
  }
  if (restMs < untilMs) left.push({ fromMs: restMs, untilMs });
  return left;
}
