import { DnsSegmentError } from "./segment-error.ts";
import { type ColumnPlace, readSegmentHeader, type SegmentHeader } from "./segment-header.ts";
import { CODEC, COLUMN, type ColumnName, MAX_SEGMENT, type PlaneCodec } from "./segment-layout.ts";

/** Columns whose values say how many values others have: what they come to is checked at first use. */
type Numbers = Uint32Array;

/** Values of up to two octets, the lower and the higher ones: whoever only looks them up need not put them together. */
export interface OctetPairs {
  readonly low: Uint8Array;
  /** Undefined where no value has more than one octet. */
  readonly high: Uint8Array | undefined;
}

/** The columns of one segment, each opened when it is first asked for. */
export class SegmentColumns {
  readonly header: SegmentHeader;
  readonly #blob: Uint8Array;
  readonly #codec: PlaneCodec;
  readonly #load: ((column: number) => void) | undefined;
  readonly #opened = new Map<number, Numbers>();
  readonly #octets = new Map<number, Uint8Array>();
  readonly #pairs = new Map<number, OctetPairs>();
  #unpacked = 0;

  /**
   * @param load called before a plane of a column is read: whoever has only the header at first puts the column's octets in place
   * @throws DnsSegmentError
   */
  constructor(blob: Uint8Array, codec: PlaneCodec, load?: (column: number) => void) {
    this.header = readSegmentHeader(blob);
    // Whoever reads a file has a Buffer, whose slice() shares memory.
    this.#blob = new Uint8Array(blob.buffer, blob.byteOffset, blob.byteLength);
    this.#codec = codec;
    this.#load = load;
  }

  /**
   * Values of a column. With `count` exactly so many, with `below` each less than that.
   * @throws DnsSegmentError
   */
  numbers(name: ColumnName, count?: number, below?: number): Numbers {
    const number = COLUMN[name];
    let values = this.#opened.get(number);
    if (values === undefined) {
      const place = this.#place(name, count);
      values = this.#open(name, place);
      if (below !== undefined && 256 ** place.planes.length > below) checkBelow(name, values, below);
      this.#opened.set(number, values);
    } else if (count !== undefined && values.length !== count) throw wrongLength(name, values.length, count);
    return values;
  }

  /** Values of a column as they lie there; undefined where some have more than two octets. @throws DnsSegmentError */
  octetPairs(name: ColumnName, count: number): OctetPairs | undefined {
    const number = COLUMN[name];
    const place = this.#place(name, count);
    if (place.planes.length > 2) return undefined;
    let pairs = this.#pairs.get(number);
    if (pairs === undefined) {
      const low = this.#plane(name, place, 0);
      pairs = { low, high: place.planes.length === 1 ? undefined : this.#plane(name, place, 1) };
      this.#pairs.set(number, pairs);
    }
    return pairs;
  }

  /** The value that all rows of a column have; undefined where they differ, or were not written so. @throws DnsSegmentError */
  constant(name: ColumnName): number | undefined {
    const place = this.#place(name);
    if (place.planes.length !== 1 || place.planes[0]?.codec !== CODEC.constant) return undefined;
    return this.#plane(name, { ...place, values: 1 }, 0)[0];
  }

  /** A column of single octets. @throws DnsSegmentError */
  octets(name: ColumnName, count?: number): Uint8Array {
    const number = COLUMN[name];
    let octets = this.#octets.get(number);
    if (octets === undefined) {
      const place = this.#place(name, count);
      if (place.planes.length !== 1) throw new DnsSegmentError("bad-column", `${name} has more than octets`);
      octets = this.#plane(name, place, 0);
      this.#octets.set(number, octets);
    } else if (count !== undefined && octets.length !== count) throw wrongLength(name, octets.length, count);
    return octets;
  }

  /** Zigzag values of up to 7 octets, as doubles. @throws DnsSegmentError */
  differences(name: ColumnName, count: number): Float64Array {
    const place = this.#place(name, count);
    const values = new Float64Array(count);
    for (let i = place.planes.length - 1; i >= 0; i--) {
      const plane = this.#plane(name, place, i);
      for (let row = 0; row < count; row++)
        values[row] = (values[row] as number) * 256 + (plane[row] as number);
    }
    for (let row = 0; row < count; row++) {
      const value = values[row] as number;
      values[row] = value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    return values;
  }

  /** Where each value of a dictionary begins, and after the last where that ends. @throws DnsSegmentError */
  starts(lengths: ColumnName, of: ColumnName): Numbers {
    const each = this.numbers(lengths);
    const starts = new Uint32Array(each.length + 1);
    let at = 0;
    for (let i = 0; i < each.length; i++) {
      at += each[i] as number;
      if (at > MAX_SEGMENT)
        throw new DnsSegmentError("over-limit", `${lengths} come to more than ${MAX_SEGMENT}`);
      starts[i + 1] = at;
    }
    const there = this.header.columns.get(COLUMN[of])?.values ?? 0;
    if (there !== at) throw wrongLength(of, there, at);
    return starts;
  }

  count(name: ColumnName): number {
    return this.#place(name).values;
  }

  #place(name: ColumnName, count?: number): ColumnPlace {
    const place = this.header.columns.get(COLUMN[name]);
    if (place === undefined) throw new DnsSegmentError("bad-column", `there is no column ${name}`);
    if (count !== undefined && place.values !== count) throw wrongLength(name, place.values, count);
    return place;
  }

  #open(name: ColumnName, place: ColumnPlace): Numbers {
    if (place.planes.length > 4) throw new DnsSegmentError("bad-column", `${name} has values beyond 32 bits`);
    // Before anything of that size is made.
    this.#account(place.values * 4);
    const values = new Uint32Array(place.values);
    const opened = this.#pairs.get(COLUMN[name]);
    const low = opened?.low ?? this.#plane(name, place, 0);
    if (place.planes.length === 1) values.set(low);
    else {
      const high = opened?.high ?? this.#plane(name, place, 1);
      for (let row = 0; row < values.length; row++)
        values[row] = (low[row] as number) | ((high[row] as number) << 8);
    }
    for (let i = 2; i < place.planes.length; i++) {
      const plane = this.#plane(name, place, i);
      const shift = i * 8;
      for (let row = 0; row < values.length; row++)
        values[row] = (values[row] as number) | ((plane[row] as number) << shift);
    }
    return values;
  }

  #plane(name: ColumnName, { values, planes }: ColumnPlace, index: number): Uint8Array {
    const plane = planes[index];
    if (plane === undefined) throw new DnsSegmentError("bad-column", `${name} has no plane ${index}`);
    this.#load?.(COLUMN[name]);
    const octets = this.#blob.subarray(plane.at, plane.at + plane.length);
    if (plane.codec === CODEC.raw) return octets;
    this.#account(values);
    if (plane.codec === CODEC.constant) return new Uint8Array(values).fill(octets[0] ?? 0);
    try {
      return this.#codec.unpack(octets, values);
    } catch (cause) {
      throw new DnsSegmentError("bad-column", `${name} does not unpack`, { cause });
    }
  }

  /** A hostile segment may promise the most in every column. */
  #account(octets: number): void {
    this.#unpacked += octets;
    if (this.#unpacked > 4 * MAX_SEGMENT) throw new DnsSegmentError("over-limit", "unpacks to too much");
  }
}

function checkBelow(name: string, values: Numbers, below: number): void {
  let greatest = 0;
  for (let i = 0; i < values.length; i++)
    if ((values[i] as number) > greatest) greatest = values[i] as number;
  if (values.length > 0 && greatest >= below)
    throw new DnsSegmentError("bad-index", `${name} ${greatest} of ${below}`);
}

function wrongLength(name: string, is: number, wanted: number): DnsSegmentError {
  return new DnsSegmentError("bad-column", `${name} has ${is} values, not ${wanted}`);
}
