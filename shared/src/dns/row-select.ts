import type { SegmentColumns } from "./segment-columns.ts";
import { DnsSegmentError } from "./segment-error.ts";
import type { ColumnName } from "./segment-layout.ts";

/** What a column must have for a row to be wanted. */
export interface RowTest {
  readonly columns: SegmentColumns;
  readonly name: ColumnName;
  /** By value: 1 where it is wanted, 0 where not. Greater values are in no sane column. */
  readonly wanted: Uint8Array;
  /** Of all values, how many are wanted: what the smallest of is looked at first. */
  readonly share: number;
}

/** In a table of what is wanted: no value that a column may have. */
const ABSENT = 2;

/** Rows for which all tests hold, in their order; good until the next call. @throws DnsSegmentError */
export function selectRows(rows: number, tests: readonly RowTest[]): Uint32Array {
  if (room.length < rows) room = new Uint32Array(rows);
  const found = room;
  const [first, ...rest] = tests.toSorted((a, b) => a.share - b.share);
  let count = rows;
  if (first === undefined) for (let row = 0; row < rows; row++) found[row] = row;
  else count = scan(first, rows, found);
  for (const test of rest) if (count > 0) count = keep(test, rows, found, count);
  return found.subarray(0, count);
}

/** Taken once, and again for each segment. */
let room = new Uint32Array(4096);

/** Adds one at the value of each row. @throws DnsSegmentError */
export function countValues(
  columns: SegmentColumns,
  name: ColumnName,
  total: number,
  rows: Uint32Array,
  counts: Uint32Array,
): void {
  const value = valueReader(columns, name, total);
  for (let i = 0; i < rows.length; i++) {
    const at = value(rows[i] as number);
    if (at >= counts.length) throw wrongValue(name, at, counts.length);
    counts[at] = (counts[at] as number) + 1;
  }
}

/** The value of a row, of `total` ones. @throws DnsSegmentError */
export function valueReader(
  columns: SegmentColumns,
  name: ColumnName,
  total: number,
): (row: number) => number {
  const pairs = columns.octetPairs(name, total);
  if (pairs === undefined) {
    const values = columns.numbers(name, total);
    return (row) => values[row] as number;
  }
  const { low, high } = pairs;
  if (high === undefined) return (row) => low[row] as number;
  return (row) => (low[row] as number) | ((high[row] as number) << 8);
}

function scan({ columns, name, wanted }: RowTest, rows: number, found: Uint32Array): number {
  const pairs = columns.octetPairs(name, rows);
  let count = 0;
  if (pairs === undefined) {
    const values = columns.numbers(name, rows, wanted.length);
    for (let row = 0; row < rows; row++) if (wanted[values[row] as number] === 1) found[count++] = row;
    return count;
  }
  const { low, high } = pairs;
  const table = tableOf(wanted, high === undefined ? 256 : 65_536);
  let absent = 0;
  if (high === undefined)
    for (let row = 0; row < rows; row++) {
      const is = table[low[row] as number] as number;
      if (is === 0) continue;
      absent |= is;
      found[count++] = row;
    }
  else
    for (let row = 0; row < rows; row++) {
      const is = table[(low[row] as number) | ((high[row] as number) << 8)] as number;
      if (is === 0) continue;
      absent |= is;
      found[count++] = row;
    }
  if ((absent & ABSENT) !== 0) throw wrongValue(name, wanted.length, wanted.length);
  return count;
}

function keep({ columns, name, wanted }: RowTest, rows: number, found: Uint32Array, count: number): number {
  const value = valueReader(columns, name, rows);
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const row = found[i] as number;
    const at = value(row);
    if (at >= wanted.length) throw wrongValue(name, at, wanted.length);
    if (wanted[at] === 1) found[kept++] = row;
  }
  return kept;
}

/** As long as any value needs: nothing is looked up beyond its end. */
function tableOf(wanted: Uint8Array, length: number): Uint8Array {
  const table = new Uint8Array(length);
  if (wanted.length < length) table.fill(ABSENT, wanted.length);
  table.set(wanted.subarray(0, length));
  return table;
}

function wrongValue(name: string, is: number, below: number): DnsSegmentError {
  return new DnsSegmentError("bad-index", `${name} ${is} of ${below}`);
}
