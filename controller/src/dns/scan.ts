import { parseName } from "@vsix/shared/dns/name.ts";
import type { Segment } from "@vsix/shared/dns/segment.ts";
import { DnsSegmentError } from "@vsix/shared/dns/segment-error.ts";
import { matchRows, mayMatch, type PairFilter } from "@vsix/shared/dns/segment-filter.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { parseIpPrefix } from "../core/dns/ip.ts";
import type { Scanned, Where } from "./questions.ts";
import { Scratch } from "./segment-parts.ts";
import { isMarked, type SegmentSource, type StoredSegment } from "./segment-source.ts";

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

/**
 * Calls back with the rows of each segment that match, in the order of time; marked ones, which count elsewhere, are left out
 * unless wanted. A visitor that returns false ends it. Throws {@link BadQuestion}.
 */
export function scan(
  source: Pick<SegmentSource, "within" | "open">,
  where: Where,
  wanted: { readonly marked?: boolean; readonly newestFirst?: boolean },
  visit: (segment: Segment, rows: Uint32Array, stored: StoredSegment) => boolean | undefined,
): Scanned {
  const startMs = performance.now();
  const filter = filterOf(where);
  const [fromUs, untilUs] = [where.fromMs * 1000, where.untilMs * 1000];
  const scanned = { rows: 0, segments: 0, skipped: 0, unreadable: 0 };
  const found = source.within(fromUs, untilUs);
  const scratch = new Scratch();
  for (const stored of wanted.newestFirst === true ? found.toReversed() : found) {
    if (where.node !== undefined && stored.node !== where.node) continue;
    try {
      const segment = source.open(stored, scratch);
      if (segment === undefined || !mayMatch(segment.header, filter)) {
        scanned.skipped++;
        continue;
      }
      scanned.segments++;
      scanned.rows += segment.rows;
      let rows = matchRows(segment, filter);
      const { marks } = stored;
      if (marks !== null && wanted.marked !== true) rows = rows.filter((row) => !isMarked(marks, row));
      if (rows.length > 0 && visit(segment, rows, stored) === false) break;
    } catch (error) {
      if (!(error instanceof DnsSegmentError)) throw error;
      scanned.unreadable++;
    }
  }
  return { ...scanned, tookMs: performance.now() - startMs };
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
