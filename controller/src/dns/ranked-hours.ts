import { encodeColumn } from "@vsix/shared/dns/planes.ts";
import { SegmentColumns } from "@vsix/shared/dns/segment-columns.ts";
import { DnsSegmentError } from "@vsix/shared/dns/segment-error.ts";
import { COLUMN, MAX_SEGMENT } from "@vsix/shared/dns/segment-layout.ts";
import { SegmentStatistics } from "@vsix/shared/dns/segment-statistics.ts";
import { writeSegment } from "@vsix/shared/dns/segment-writer.ts";
import type { Database } from "./database.ts";
import { type RankedKind, WIDTH } from "./rank-rows.ts";
import type { PackedRanking, Ranking } from "./ranking.ts";
import { SEGMENT_CODEC } from "./segment-parts.ts";

const HOUR_S = 3_600;

/**
 * Every name and client of an hour with its counts, made when the hour is counted: a ranking of hours that are whole adds these up and
 * opens no pair. Kept no longer than the hour's pairs.
 */
export class RankedHours {
  readonly #put;
  readonly #get;
  readonly #starts;
  readonly #forget;
  readonly #dirty;

  constructor(db: Database) {
    this.#put = db.prepare("INSERT OR REPLACE INTO ranked_hour (start_s, kind, body) VALUES (?, ?, ?)");
    this.#get = db.prepare("SELECT body FROM ranked_hour WHERE start_s = ? AND kind = ?").pluck();
    this.#starts = db
      .prepare(
        "SELECT start_s FROM ranked_hour WHERE kind = ? AND start_s > ? AND start_s < ? ORDER BY start_s",
      )
      .pluck();
    this.#forget = db.prepare("DELETE FROM ranked_hour WHERE start_s >= ? AND start_s <= ?");
    this.#dirty = db
      .prepare(
        "SELECT 1 FROM dirty WHERE level IN ('minute', 'hour') AND start_s >= ? AND start_s < ? LIMIT 1",
      )
      .pluck();
  }

  /**
   * Within the transaction that counts the hour, after `forget` of it. What let keys go, or is too large, is not kept: its hour is
   * ranked from pairs.
   */
  put(startS: number, kind: RankedKind, ranking: Ranking): void {
    const packed = ranking.packed();
    if (packed.inexact || packed.octets.length > MAX_SEGMENT / 2) return;
    this.#put.run(startS, kind, encode(packed));
  }

  /** Of hours that overlap this time: some of their pairs are gone. */
  forget(firstUs: number, lastUs: number): void {
    const hour = (us: number): number => Math.floor(us / 1e6 / HOUR_S) * HOUR_S;
    this.#forget.run(hour(firstUs), hour(lastUs));
  }

  /** Hours after the one time and before the other, in their order; all milliseconds. */
  starts(kind: RankedKind, afterMs: number, beforeMs: number): readonly number[] {
    const starts = this.#starts.all(kind, afterMs / 1000, beforeMs / 1000) as number[];
    return starts.map((startS) => startS * 1000);
  }

  /** Undefined where the hour has not been counted since something came for it. Throws {@link DnsSegmentError}. */
  get(startS: number, kind: RankedKind): PackedRanking | undefined {
    if (this.#dirty.get(startS, startS + HOUR_S) !== undefined) return undefined;
    const body = this.#get.get(startS, kind) as Uint8Array | undefined;
    return body === undefined ? undefined : decode(body);
  }
}

function encode({ lengths, octets, counts }: PackedRanking): Uint8Array {
  return writeSegment({
    rows: 0,
    leastNs: 0n,
    greatestNs: 0n,
    firstEndNs: 0n,
    statistics: new SegmentStatistics(),
    columns: [
      encodeColumn(COLUMN.rankedLengths, lengths, lengths.length, SEGMENT_CODEC),
      encodeColumn(COLUMN.rankedOctets, octets, octets.length, SEGMENT_CODEC),
      encodeColumn(COLUMN.rankedCounts, counts, counts.length, SEGMENT_CODEC),
    ],
  });
}

function decode(body: Uint8Array): PackedRanking {
  const columns = new SegmentColumns(body, SEGMENT_CODEC);
  const lengths = columns.octets("rankedLengths");
  const octets = columns.octets("rankedOctets");
  const counts = columns.numbers("rankedCounts");
  const sum = lengths.reduce((all, length) => all + length, 0);
  if (sum !== octets.length || counts.length !== lengths.length * WIDTH)
    throw new DnsSegmentError("bad-column", "a ranking whose parts do not fit");
  return { lengths, octets, counts, inexact: false };
}
