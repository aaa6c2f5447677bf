import { parseName } from "@vsix/shared/dns/name.ts";
import type { Segment } from "@vsix/shared/dns/segment.ts";
import type { SegmentDigest } from "@vsix/shared/dns/segment-digest.ts";
import { DnsSegmentError } from "@vsix/shared/dns/segment-error.ts";
import { matchCells, matchRows, mayMatch, type PairFilter } from "@vsix/shared/dns/segment-filter.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { parseIpPrefix } from "../core/dns/ip.ts";
import { countCells, countRows } from "./count.ts";
import type { Scanned, Where } from "./questions.ts";
import { Scratch } from "./segment-parts.ts";
import { isMarked, type SegmentSource, type StoredSegment } from "./segment-source.ts";
import type { Tally } from "./tallies.ts";

/** A question that cannot be: a name or a prefix that is none. */
export class BadQuestion extends VsixError<"bad-question"> {
  constructor(message: string) {
    super("bad-question", message);
    this.name = "BadQuestion";
  }
}

/** Throws {@link BadQuestion}. */
export function filterOf(where: Where): PairFilter {
  const { fromMs, untilMs, name, below, client, outcome, type } = where;
  return {
    fromNs: BigInt(Math.floor(fromMs)) * 1_000_000n,
    untilNs: BigInt(Math.floor(untilMs)) * 1_000_000n,
    ...(name === undefined ? {} : { name: nameOf(name) }),
    ...(below === undefined ? {} : { below: nameOf(below) }),
    ...(client === undefined ? {} : { client: clientOf(client) }),
    ...(outcome === undefined ? {} : { outcomes: [outcome] }),
    ...(type === undefined ? {} : { types: [type] }),
    ...(where.class === undefined ? {} : { class: where.class }),
  };
}

type Source = Pick<SegmentSource, "within" | "open" | "digest">;

/** A segment that may have rows that match. */
interface Opened {
  readonly stored: StoredSegment;
  readonly segment: Segment;
  readonly digest: SegmentDigest | undefined;
}

/**
 * Calls back with the rows of each segment that match, in the order of time; marked ones, which count elsewhere, are left out
 * unless wanted. A visitor that returns false ends it. Throws {@link BadQuestion}.
 */
export function scan(
  source: Source,
  where: Where,
  wanted: { readonly marked?: boolean; readonly newestFirst?: boolean },
  visit: (
    segment: Segment,
    rows: Uint32Array,
    stored: StoredSegment,
    digest: SegmentDigest | undefined,
  ) => boolean | undefined,
): Scanned {
  const filter = filterOf(where);
  return eachSegment(source, where, filter, wanted.newestFirst === true, ({ stored, segment, digest }) => {
    let rows = matchRows(segment, filter, digest);
    if (wanted.marked !== true) rows = unmarked(rows, stored);
    return rows.length > 0 ? visit(segment, rows, stored, digest) : undefined;
  });
}

/** Counts the rows that match, without those that are marked, into a tally. Throws {@link BadQuestion}. */
export function countPairs(source: Source, where: Where, tally: Tally): Scanned {
  const filter = filterOf(where);
  return eachSegment(source, where, filter, false, ({ stored, segment, digest }) => {
    const cells =
      digest === undefined || stored.marks !== null ? undefined : matchCells(segment, filter, digest);
    if (digest !== undefined && cells !== undefined) countCells(digest.cells(), cells, tally);
    else {
      const rows = unmarked(matchRows(segment, filter, digest), stored);
      if (rows.length === 0) return undefined;
      if (digest === undefined) countRows(segment, rows, tally);
      else countCells(digest.cells(), digest.count(rows), tally);
    }
    return undefined;
  });
}

function eachSegment(
  source: Source,
  where: Where,
  filter: PairFilter,
  newestFirst: boolean,
  visit: (opened: Opened) => boolean | undefined,
): Scanned {
  const startMs = performance.now();
  const scanned = { rows: 0, segments: 0, skipped: 0, unreadable: 0 };
  const found = source.within(where.fromMs * 1000, where.untilMs * 1000);
  const scratch = new Scratch();
  for (const stored of newestFirst ? found.toReversed() : found) {
    if (where.node !== undefined && stored.node !== where.node) continue;
    try {
      const segment = source.open(stored, scratch);
      if (segment === undefined || !mayMatch(segment.header, filter)) {
        scanned.skipped++;
        continue;
      }
      scanned.segments++;
      scanned.rows += segment.rows;
      if (visit({ stored, segment, digest: source.digest(stored) }) === false) break;
    } catch (error) {
      if (!(error instanceof DnsSegmentError)) throw error;
      scanned.unreadable++;
    }
  }
  return { ...scanned, tookMs: performance.now() - startMs };
}

function unmarked(rows: Uint32Array, { marks }: StoredSegment): Uint32Array {
  return marks === null ? rows : rows.filter((row) => !isMarked(marks, row));
}

function nameOf(text: string): Uint8Array {
  const name = parseName(text);
  if (name === undefined) throw new BadQuestion(`${JSON.stringify(text)} is no domain name`);
  return name;
}

function clientOf(text: string): NonNullable<PairFilter["client"]> {
  const client = parseIpPrefix(text);
  if (client === undefined) throw new BadQuestion(`${JSON.stringify(text)} is no address and no prefix`);
  return client;
}
