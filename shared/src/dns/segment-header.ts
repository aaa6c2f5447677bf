import { AAAA_OUTCOMES, type AaaaOutcome, HALVES, type Half, PAIR_CLASSES, type PairClass } from "./model.ts";
import { DnsSegmentError } from "./segment-error.ts";
import {
  CODEC,
  FIXED_HEADER,
  MAGIC,
  MAX_ROWS,
  MAX_SEGMENT,
  MAX_TYPES,
  MAX_VALUES,
  VERSION,
} from "./segment-layout.ts";

export interface PlanePlace {
  readonly codec: number;
  readonly at: number;
  readonly length: number;
}

export interface ColumnPlace {
  readonly values: number;
  /** Lowest octets first. */
  readonly planes: readonly PlanePlace[];
}

/** What stands before the columns: enough to pass over a segment that has nothing of what is looked for. */
export interface SegmentHeader {
  readonly rows: number;
  /** Least and greatest `timeNs` of a row. */
  readonly leastNs: bigint;
  readonly greatestNs: bigint;
  readonly firstEndNs: bigint;
  readonly outcomes: Readonly<Record<PairClass, Readonly<Record<AaaaOutcome, number>>>>;
  readonly halves: Readonly<Record<Half, number>>;
  /** Rows by type asked for: the 32 most frequent. */
  readonly types: ReadonlyMap<number, number>;
  /** Responses by RCODE: the 32 most frequent. */
  readonly rcodes: ReadonlyMap<number, number>;
  readonly columns: ReadonlyMap<number, ColumnPlace>;
}

/** @throws DnsSegmentError for whatever is no header of a segment that lies whole in `blob`. */
export function readSegmentHeader(blob: Uint8Array): SegmentHeader {
  if (blob.length < FIXED_HEADER + 3) throw new DnsSegmentError("cut-short", `${blob.length} octets`);
  if (blob.length > MAX_SEGMENT) throw new DnsSegmentError("over-limit", `${blob.length} octets`);
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  if (view.getUint32(0, true) !== MAGIC)
    throw new DnsSegmentError("not-a-segment", "does not begin with VDNS");
  const version = view.getUint32(4, true);
  if (version !== VERSION) throw new DnsSegmentError("unknown-version", `version ${version}`);
  const length = view.getUint32(8, true);
  if (length > blob.length || length < FIXED_HEADER + 3) {
    throw new DnsSegmentError("cut-short", `a header of ${length} octets in ${blob.length}`);
  }
  const rows = view.getUint32(12, true);
  if (rows > MAX_ROWS) throw new DnsSegmentError("over-limit", `${rows} rows`);
  let at = 40;
  const counters = (n: number): number[] =>
    Array.from({ length: n }, () => {
      at += 4;
      return view.getUint32(at - 4, true);
    });
  const named = <Name extends string>(names: readonly Name[]): Record<Name, number> => {
    const counts = counters(names.length);
    return Object.fromEntries(names.map((name, i) => [name, counts[i] ?? 0])) as Record<Name, number>;
  };
  const need = (octets: number): void => {
    if (at + octets > length) throw new DnsSegmentError("cut-short", "the header ends amid something");
  };
  const outcomes = Object.fromEntries(PAIR_CLASSES.map((name) => [name, named(AAAA_OUTCOMES)]));
  const halves = named(HALVES);
  const list = (): Map<number, number> => {
    need(1);
    const n = view.getUint8(at++);
    if (n > MAX_TYPES) throw new DnsSegmentError("over-limit", `a list of ${n}`);
    need(n * 6);
    const found = new Map<number, number>();
    for (let i = 0; i < n; i++, at += 6) found.set(view.getUint16(at, true), view.getUint32(at + 2, true));
    return found;
  };
  const types = list();
  const rcodes = list();
  need(1);
  const columns = new Map<number, ColumnPlace>();
  let body = length;
  for (let left = view.getUint8(at++); left > 0; left--) {
    need(6);
    const number = view.getUint8(at);
    const width = view.getUint8(at + 1);
    const values = view.getUint32(at + 2, true);
    at += 6;
    if (width < 1 || width > 7) throw new DnsSegmentError("bad-column", `values of ${width} octets`);
    if (values > MAX_VALUES) throw new DnsSegmentError("over-limit", `${values} values`);
    need(width * 5);
    const planes: PlanePlace[] = [];
    for (let i = 0; i < width; i++, at += 5) {
      const codec = view.getUint8(at);
      const octets = view.getUint32(at + 1, true);
      const right =
        codec === CODEC.raw
          ? octets === values
          : codec === CODEC.constant
            ? octets === 1
            : codec === CODEC.packed;
      if (!right) throw new DnsSegmentError("bad-column", `codec ${codec} with ${octets} octets`);
      if (octets > blob.length - body)
        throw new DnsSegmentError("cut-short", `column ${number} is not whole`);
      planes.push({ codec, at: body, length: octets });
      body += octets;
    }
    if (columns.has(number)) throw new DnsSegmentError("bad-column", `column ${number} is there twice`);
    columns.set(number, { values, planes });
  }
  return {
    rows,
    leastNs: view.getBigInt64(16, true),
    greatestNs: view.getBigInt64(24, true),
    firstEndNs: view.getBigInt64(32, true),
    outcomes: outcomes as SegmentHeader["outcomes"],
    halves,
    types,
    rcodes,
    columns,
  };
}
