import { findNames, writeBuckets } from "./name-buckets.ts";
import { type EncodedColumn, encodeColumn } from "./planes.ts";
import { cellsOf, type RowCells } from "./row-cells.ts";
import { countValues } from "./row-select.ts";
import type { Segment } from "./segment.ts";
import { SegmentColumns } from "./segment-columns.ts";
import { DnsSegmentError } from "./segment-error.ts";
import { COLUMN, type PlaneCodec } from "./segment-layout.ts";
import { SegmentStatistics } from "./segment-statistics.ts";
import { writeSegment } from "./segment-writer.ts";

/**
 * What whoever keeps segments writes beside one, to find rows of it and to count them without opening most of its columns: the cells of
 * its rows (row-cells.ts), and the names asked for by domain (name-buckets.ts). Three pieces, for most questions need but one.
 */
export interface DigestParts {
  /** Every cell and its rows, as segments are written; nothing in it is compressed. */
  readonly cells: Uint8Array;
  /** The cell of each row, as segments are written. */
  readonly rows: Uint8Array;
  readonly names: Uint8Array;
}
export type DigestPart = keyof DigestParts;

const PLAIN: PlaneCodec = { pack: (octets) => octets, unpack: (octets) => octets };

/** Undefined for a segment that a node has made up: that one is read as it is. @throws DnsSegmentError */
export function digestOf(segment: Segment, codec: PlaneCodec): DigestParts | undefined {
  const cells = cellsOf(segment);
  if (cells === undefined) return undefined;
  const count = cells.facts.length;
  const starts = segment.dictionary("nameLengths", "nameOctets");
  const asked = new Uint8Array(starts.length - 1);
  for (const name of segment.questionNames()) asked[name] = 1;
  return {
    cells: written([
      encodeColumn(COLUMN.cellTypes, cells.types, count, PLAIN),
      encodeColumn(COLUMN.cellFacts, cells.facts, count, PLAIN),
      encodeColumn(COLUMN.cellRows, cells.rows, count, PLAIN),
    ]),
    rows: written([encodeColumn(COLUMN.cells, cells.cellOf, segment.rows, codec)]),
    names: writeBuckets({ octets: segment.columns.octets("nameOctets"), starts }, asked, codec),
  };
}

/** A digest to be read, each piece when it is first needed. What cannot be read is a DnsSegmentError. */
export class SegmentDigest {
  readonly #rows: number;
  readonly #load: (part: DigestPart) => Uint8Array;
  readonly #codec: PlaneCodec;
  #cells: RowCells | undefined;
  #columns: SegmentColumns | undefined;

  /** @param rows of the segment. @param load a piece; it may throw DnsSegmentError. */
  constructor(rows: number, load: (part: DigestPart) => Uint8Array, codec: PlaneCodec) {
    this.#rows = rows;
    this.#load = load;
    this.#codec = codec;
  }

  /** @throws DnsSegmentError */
  cells(): RowCells {
    if (this.#cells !== undefined) return this.#cells;
    const columns = new SegmentColumns(this.#load("cells"), PLAIN);
    const count = columns.count("cellFacts");
    const types = columns.numbers("cellTypes", count, 65_536);
    const facts = columns.numbers("cellFacts", count);
    const rows = columns.numbers("cellRows", count);
    if (rows.reduce((sum, one) => sum + one, 0) !== this.#rows)
      throw new DnsSegmentError("bad-column", `cells of other than ${this.#rows} rows`);
    this.#cells = { types: Uint16Array.from(types), facts, rows };
    return this.#cells;
  }

  /** Where the cell of each row is: column `cells`. @throws DnsSegmentError */
  columns(): SegmentColumns {
    this.#columns ??= new SegmentColumns(this.#load("rows"), this.#codec);
    return this.#columns;
  }

  /** Numbers of names that were asked for; see findNames. @throws DnsSegmentError */
  names(name: Uint8Array, below: boolean): readonly number[] | undefined {
    return findNames(this.#load("names"), this.#codec, name, below);
  }

  /** How many of these rows are in each cell. @throws DnsSegmentError */
  count(rows: Uint32Array): Uint32Array {
    const { facts, rows: all } = this.cells();
    if (rows.length === this.#rows) return all;
    const counts = new Uint32Array(facts.length);
    countValues(this.columns(), "cells", this.#rows, rows, counts);
    return counts;
  }
}

function written(columns: readonly EncodedColumn[]): Uint8Array {
  const none = { rows: 0, leastNs: 0n, greatestNs: 0n, firstEndNs: 0n };
  return writeSegment({ ...none, statistics: new SegmentStatistics(), columns });
}
