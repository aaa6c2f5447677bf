import { CODEC, type PlaneCodec } from "./segment-layout.ts";

export interface Plane {
  readonly codec: number;
  readonly octets: Uint8Array;
  /** Octets that nobody else has: {@link letGo} may take them. */
  readonly own?: true;
}

export interface EncodedColumn {
  readonly column: number;
  readonly values: number;
  readonly planes: readonly Plane[];
}

/** Below this a plane is not worth a frame of its own. */
const SMALL = 48;
/** Octets looked at to tell whether compressing could win anything. */
const SAMPLE = 2048;

export type ColumnValues = Uint32Array | Uint16Array | Uint8Array | Float64Array;

/**
 * Splits values of 0 to 2^53 into planes of octets and compresses each. A plane may be of the values' own octets: it is to be
 * written before they change.
 */
export function encodeColumn(
  column: number,
  values: ColumnValues,
  count: number,
  codec: PlaneCodec,
): EncodedColumn {
  return { column, values: count, planes: planesOf(values, count, codec) };
}

/**
 * Columns were written: memory of their own planes goes at once. V8 counts no memory outside of its heap as waste before there are 32 MB of
 * it, which a capture with its empty heap would reach and keep.
 */
export function letGo(columns: readonly EncodedColumn[], codec: PlaneCodec): void {
  for (const { planes } of columns)
    for (const { codec: way, octets, own } of planes) {
      if (own !== true) continue;
      if (way === CODEC.packed) codec.letGo?.(octets);
      else if (octets.buffer instanceof ArrayBuffer) octets.buffer.transfer(0);
    }
}

/** Each kind of number has loops of its own: one loop for all of them is compiled again and again, and ends slow. */
function planesOf(values: ColumnValues, count: number, codec: PlaneCodec): Plane[] {
  if (values instanceof Uint8Array) return [octetsPlane(values.subarray(0, count), codec)];
  if (values instanceof Uint16Array) {
    const split = planeRoom(count);
    const planes: Plane[] = [];
    for (let left = bitsOf16(values, count), shift = 0; shift === 0 || left !== 0; left >>>= 8, shift += 8) {
      split16(values, split, shift);
      planes.push(encodePlane(split, codec));
    }
    return planes;
  }
  if (values instanceof Uint32Array) return planes32(values, count, 1, codec);
  const low = new Uint32Array(count);
  const high = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const value = values[i] as number;
    const above = Math.floor(value / 0x1_0000_0000);
    high[i] = above;
    low[i] = value - above * 0x1_0000_0000;
  }
  if (bitsOf32(high, count) === 0) return planes32(low, count, 1, codec);
  return [...planes32(low, count, 4, codec), ...planes32(high, count, 1, codec)];
}

/** At least so many planes. */
function planes32(values: Uint32Array, count: number, least: number, codec: PlaneCodec): Plane[] {
  const split = planeRoom(count);
  const planes: Plane[] = [];
  for (let left = bitsOf32(values, count); planes.length < least || left !== 0; left >>>= 8) {
    split32(values, split, planes.length * 8);
    planes.push(encodePlane(split, codec));
  }
  return planes;
}

/** Taken once and used for each plane; whatever stays is a copy. */
let room = new Uint8Array(4096);
function planeRoom(count: number): Uint8Array {
  if (room.length < count) room = new Uint8Array(2 ** Math.ceil(Math.log2(count)));
  return room.subarray(0, count);
}

/** All bits that some value has. */
function bitsOf32(values: Uint32Array, count: number): number {
  let bits = 0;
  for (let i = 0; i < count; i++) bits |= values[i] as number;
  return bits;
}

function bitsOf16(values: Uint16Array, count: number): number {
  let bits = 0;
  for (let i = 0; i < count; i++) bits |= values[i] as number;
  return bits;
}

function split32(values: Uint32Array, plane: Uint8Array, shift: number): void {
  for (let i = 0; i < plane.length; i++) plane[i] = (values[i] as number) >>> shift;
}

function split16(values: Uint16Array, plane: Uint8Array, shift: number): void {
  for (let i = 0; i < plane.length; i++) plane[i] = (values[i] as number) >>> shift;
}

function encodePlane(split: Uint8Array, codec: PlaneCodec): Plane {
  const plane = octetsPlane(split, codec);
  return plane.octets === split ? { codec: plane.codec, octets: split.slice(), own: true } : plane;
}

function octetsPlane(octets: Uint8Array, codec: PlaneCodec): Plane {
  if (octets.length === 0) return { codec: CODEC.raw, octets };
  if (isConstant(octets)) return { codec: CODEC.constant, octets: octets.slice(0, 1) };
  if (octets.length < SMALL || looksRandom(octets)) return { codec: CODEC.raw, octets };
  const packed = codec.pack(octets);
  return packed.length < octets.length
    ? { codec: CODEC.packed, octets: packed, own: true }
    : { codec: CODEC.raw, octets };
}

function isConstant(octets: Uint8Array): boolean {
  const first = octets[0];
  for (let i = 1; i < octets.length; i++) if (octets[i] !== first) return false;
  return true;
}

/** Ports and ids: no compressor makes them smaller, and trying costs more than all else. */
function looksRandom(octets: Uint8Array): boolean {
  if (octets.length < SAMPLE) return false;
  const seen = new Uint16Array(256);
  const step = Math.floor(octets.length / SAMPLE);
  for (let i = 0; i < SAMPLE; i++) {
    const octet = octets[i * step] as number;
    seen[octet] = (seen[octet] as number) + 1;
  }
  // Sum of squares: n + n²/256 for uniform octets; half as much again means that there is something to win.
  let squares = 0;
  for (const n of seen) squares += n * n;
  return squares < (SAMPLE + (SAMPLE * SAMPLE) / 256) * 1.06;
}
