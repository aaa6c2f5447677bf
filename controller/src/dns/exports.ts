import { CSV_HEAD, csvOf } from "./csv.ts";
import { viewOf } from "./pair-view.ts";
import { ParquetExport } from "./parquet.ts";
import type { PairView, Where } from "./questions.ts";
import { BadQuestion, filterOf, scan } from "./scan.ts";
import type { SegmentSource, StoredSegment } from "./segment-source.ts";

export const EXPORT_FORMATS = ["csv", "parquet"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Exports under way at once; the one that has rested longest makes room. */
const MAX_EXPORTS = 4;
/** An export that takes longer ends: where segments have gone is forgotten after twice as long (compact.ts). */
const MAX_TIME_MS = 12 * 3_600_000;

interface Export {
  readonly where: Where;
  readonly left: StoredSegment[];
  readonly parquet: ParquetExport | undefined;
  /** Monotonic. */
  readonly sinceMs: number;
  begun: boolean;
}

/** Exports under way, each asked for piece by piece, so that other questions are answered in between. */
export class Exports {
  readonly #source: SegmentSource;
  readonly #exports = new Map<number, Export>();
  #number = 0;

  constructor(source: SegmentSource) {
    this.#source = source;
  }

  /** The number to ask on with. Throws BadQuestion. */
  begin(where: Where, format: ExportFormat): number {
    filterOf(where);
    const [oldest] = this.#exports.keys();
    if (this.#exports.size >= MAX_EXPORTS && oldest !== undefined) this.#exports.delete(oldest);
    const parquet = format === "parquet" ? new ParquetExport() : undefined;
    const left = [...this.#source.within(where.fromMs * 1000, where.untilMs * 1000)];
    this.#exports.set(++this.#number, { where, left, parquet, begun: false, sinceMs: performance.now() });
    return this.#number;
  }

  /** The next octets, of one segment; null after the last. Throws BadQuestion where others took its place. */
  next(number: number): Uint8Array<ArrayBuffer> | null {
    const one = this.#exports.get(number);
    if (one === undefined) throw new BadQuestion("this export is over: there were too many at once");
    if (performance.now() - one.sinceMs > MAX_TIME_MS)
      throw new BadQuestion("this export took more than twelve hours; ask for less of the time at once");
    // The last to have been asked for is the last to go.
    this.#exports.delete(number);
    const stored = one.left.shift();
    if (stored === undefined && one.begun) return null;
    this.#exports.set(number, one);
    const pairs = stored === undefined ? [] : this.#pairs(one.where, stored);
    const head = one.begun ? "" : CSV_HEAD;
    one.begun = true;
    if (one.parquet === undefined) return Uint8Array.from(Buffer.from(head + csvOf(pairs)));
    const bytes = one.parquet.add(pairs);
    if (one.left.length > 0) return bytes;
    return Uint8Array.from(Buffer.concat([bytes, one.parquet.finish()]));
  }

  end(number: number): void {
    this.#exports.delete(number);
  }

  /** Since the export began it may have been put together with others: then its own rows of those. */
  #pairs(where: Where, listed: StoredSegment): PairView[] {
    const found = this.#source.find(listed);
    if (found === undefined) return [];
    const { stored, fromRow, untilRow } = found;
    const pairs: PairView[] = [];
    const only = {
      within: () => [stored],
      open: (...of: Parameters<SegmentSource["open"]>) => this.#source.open(...of),
      digest: (of: StoredSegment) => this.#source.digest(of),
    };
    scan(only, where, {}, (segment, rows) => {
      for (const row of rows) if (row >= fromRow && row < untilRow) pairs.push(viewOf(segment, row, stored));
      return undefined;
    });
    return pairs;
  }
}
