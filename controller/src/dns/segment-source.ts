import { zstdCodec } from "@vsix/shared/compress/zstd.ts";
import { Segment } from "@vsix/shared/dns/segment.ts";
import type { SegmentHeader } from "@vsix/shared/dns/segment-header.ts";
import { COLUMN, type ColumnName } from "@vsix/shared/dns/segment-layout.ts";
import type { Database } from "./database.ts";
import { SegmentParts } from "./segment-parts.ts";

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

/** What to read for which question. */
export const READ = {
  times: ["time", "latency"],
  kinds: ["kind"],
  questions: ["question", "questionName", "questionType"],
  names: ["nameLengths", "nameOctets"],
  clients: ["client", "clientLengths", "clientOctets"],
  replies: ["reply", "kind", "question", "replyOutcome", "replyRcode"],
  points: ["point", "pointLengths", "pointOctets"],
  exchange: ["clientPort", "server", "serverLengths", "serverOctets", "id", "hash"],
  answers: ["replyAnswers", "answerOwner", "answerType", "answerLength", "answerOctets"],
} as const satisfies Readonly<Record<string, readonly ColumnName[]>>;

export const ALL_COLUMNS = Object.keys(COLUMN) as readonly ColumnName[];

export const SEGMENT_CODEC = zstdCodec();

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

  /** Undefined where it has been pruned meanwhile. Throws DnsSegmentError. */
  open({ id, octets }: StoredSegment, columns: readonly ColumnName[]): Segment | undefined {
    const bytes = this.#parts.read(id, octets, numbersOf(columns));
    return bytes === undefined ? undefined : new Segment(bytes, SEGMENT_CODEC);
  }

  /** As `open`, but undefined, and nothing but the header is read, where that tells that it is not wanted. */
  openIf(
    stored: StoredSegment,
    isWanted: (header: SegmentHeader) => boolean,
    columns: readonly ColumnName[],
  ): Segment | undefined {
    const bytes = this.#parts.read(stored.id, stored.octets, []);
    if (bytes === undefined || !isWanted(new Segment(bytes, SEGMENT_CODEC).header)) return undefined;
    this.#parts.fill(stored.id, bytes, numbersOf(columns));
    return new Segment(bytes, SEGMENT_CODEC);
  }
}

const numbersOf = (columns: readonly ColumnName[]): number[] => [
  ...new Set(columns.map((name) => COLUMN[name])),
];

export function isMarked(marks: Uint8Array | null, row: number): boolean {
  return marks !== null && (((marks[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;
}

/** Microseconds of a row's time, from what `Segment.times()` holds. */
export function baseUs(segment: Segment): number {
  return Number(segment.header.firstEndNs / 1000n);
}
