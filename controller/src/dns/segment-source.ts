import type { Segment } from "@vsix/shared/dns/segment.ts";
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
  /** Interfaces that were captured, as the node told. */
  readonly points: readonly string[];
  /** One bit a row: not counted. */
  readonly marks: Uint8Array | null;
}

/** Finds stored segments and opens those columns of them that are wanted. */
export class SegmentSource {
  readonly #parts: SegmentParts;
  readonly #within;

  constructor(db: Database) {
    this.#parts = new SegmentParts(db);
    this.#within = db.prepare(
      `SELECT id, node, first_us AS firstUs, last_us AS lastUs, pairs, octets, points, marks FROM segment
       WHERE last_us >= ? AND first_us < ? ORDER BY last_us, id`,
    );
  }

  /** Those that have a row within the time, or may have; until exclusive. */
  within(fromUs: number, untilUs: number): readonly StoredSegment[] {
    const rows = this.#within.all(fromUs, untilUs) as (Omit<StoredSegment, "points"> & { points: string })[];
    return rows.map((row) => ({ ...row, points: JSON.parse(row.points) as string[] }));
  }

  /** Undefined where it has been pruned meanwhile. With a scratch it is good until the next. Throws DnsSegmentError. */
  open({ id, octets }: StoredSegment, scratch: Scratch = FRESH): Segment | undefined {
    return this.#parts.open(id, octets, scratch);
  }
}

export function isMarked(marks: Uint8Array | null, row: number): boolean {
  return marks !== null && (((marks[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;
}

/** Microseconds of a row's time, from what `Segment.times()` holds. */
export function baseUs(segment: Segment): number {
  return Number(segment.header.firstEndNs / 1000n);
}
