import { CODEC, type PlaneCodec } from "./segment-layout.ts";

export interface Plane {
  readonly codec: number;
  readonly octets: Uint8Array;
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

/** Splits values of 0 to 2^53 into planes of octets and compresses each. */
export function encodeColumn(
  column: number,
  values: Uint32Array | Uint16Array | Uint8Array | Float64Array,
  count: number,
  codec: PlaneCodec,
): EncodedColumn {
  let greatest = 0;
  for (let i = 0; i < count; i++) if ((values[i] as number) > greatest) greatest = values[i] as number;
  const planes: Plane[] = [];
  for (let octet = 0, scale = 1; octet === 0 || scale <= greatest; octet++, scale *= 256) {
    const plane = new Uint8Array(count);
    if (octet === 0 && values instanceof Uint8Array) plane.set(values.subarray(0, count));
    else if (octet < 4 && !(values instanceof Float64Array)) {
      const shift = octet * 8;
      for (let i = 0; i < count; i++) plane[i] = (values[i] as number) >>> shift;
    } else for (let i = 0; i < count; i++) plane[i] = Math.floor((values[i] as number) / scale) & 0xff;
    planes.push(encodePlane(plane, codec));
  }
  return { column, values: count, planes };
}

function encodePlane(octets: Uint8Array, codec: PlaneCodec): Plane {
  if (octets.length === 0) return { codec: CODEC.raw, octets };
  const first = octets[0];
  if (octets.every((octet) => octet === first)) {
    return { codec: CODEC.constant, octets: octets.slice(0, 1) };
  }
  if (octets.length < SMALL || looksRandom(octets)) return { codec: CODEC.raw, octets };
  const packed = codec.pack(octets);
  return packed.length < octets.length
    ? { codec: CODEC.packed, octets: packed }
    : { codec: CODEC.raw, octets };
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
