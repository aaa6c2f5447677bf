import type { Segment } from "@vsix/shared/dns/segment.ts";
import type { SegmentDigest } from "@vsix/shared/dns/segment-digest.ts";
import type { Database } from "./database.ts";
import { FRESH, type Scratch, SegmentParts } from "./segment-parts.ts";

/** A stored segment, as the database's row says. */
export interface StoredSegment {
  readonly id: number;
  readonly node: string;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly pairs: number;
  readonly octets: number;
  /** Of what was written beside it; 0 where nothing was. */
  readonly digest: number;
  /** Interfaces that were captured, as the node told. */
  readonly points: readonly string[];
  /** One bit a row: not counted. */
  readonly marks: Uint8Array | null;
  /** Put together from others, which came long ago. */
  readonly merged: boolean;
}

/** Rows of a stored segment, from one to before another. */
export interface StoredRows {
  readonly stored: StoredSegment;
  readonly fromRow: number;
  readonly untilRow: number;
}

type Row = Omit<StoredSegment, "points" | "merged"> & { readonly points: string; readonly merged: number };

const COLUMNS =
  "id, node, first_us AS firstUs, last_us AS lastUs, pairs, octets, digest, points, marks, merged";

/** Finds stored segments and opens those columns of them that are wanted. */
export class SegmentSource {
  readonly #parts: SegmentParts;
  readonly #within;
  readonly #one;
  readonly #moved;

  constructor(db: Database) {
    this.#parts = new SegmentParts(db);
    this.#within = db.prepare(
      `SELECT ${COLUMNS} FROM segment WHERE last_us >= ? AND first_us < ? ORDER BY last_us, id`,
    );
    this.#one = db.prepare(`SELECT ${COLUMNS} FROM segment WHERE id = ?`);
    this.#moved = db.prepare("SELECT into_id AS intoId, start FROM moved WHERE id = ?");
  }

  /** Those that have a row within the time, or may have; until exclusive. */
  within(fromUs: number, untilUs: number): readonly StoredSegment[] {
    return (this.#within.all(fromUs, untilUs) as Row[]).map(storedOf);
  }

  /** Where the rows of a segment are that was found some time ago; undefined where they have been pruned. */
  find({ id, pairs }: Pick<StoredSegment, "id" | "pairs">): StoredRows | undefined {
    let [at, fromRow] = [id, 0];
    // By the hour and by the day, and once more for each that came late.
    for (let steps = 0; steps < 64; steps++) {
      const row = this.#one.get(at) as Row | undefined;
      if (row !== undefined) return { stored: storedOf(row), fromRow, untilRow: fromRow + pairs };
      const moved = this.#moved.get(at) as { readonly intoId: number; readonly start: number } | undefined;
      if (moved === undefined) return undefined;
      at = moved.intoId;
      fromRow += moved.start;
    }
    return undefined;
  }

  /** Undefined where it has been pruned meanwhile. With a scratch it is good until the next. Throws DnsSegmentError. */
  open({ id, octets }: StoredSegment, scratch: Scratch = FRESH): Segment | undefined {
    return this.#parts.open(id, octets, scratch);
  }

  /** Undefined where there is none: a small segment, or one of before there were any. */
  digest({ id, digest, pairs }: StoredSegment): SegmentDigest | undefined {
    return digest === 0 ? undefined : this.#parts.digest(id, pairs);
  }
}

function storedOf(row: Row): StoredSegment {
  return { ...row, points: JSON.parse(row.points) as string[], merged: row.merged > 0 };
}

export function isMarked(marks: Uint8Array | null, row: number): boolean {
  return marks !== null && (((marks[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;
}

/** Microseconds of a row's time, from what `Segment.times()` holds. */
export function baseUs(segment: Segment): number {
  return Number(segment.header.firstEndNs / 1000n);
}
