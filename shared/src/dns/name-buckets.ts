import { hashBytes } from "./hash.ts";
import { isBelow } from "./name.ts";
import { DnsSegmentError } from "./segment-error.ts";
import { MAX_SEGMENT, type PlaneCodec } from "./segment-layout.ts";

/** Names in a bucket, where those of many domains are there. */
const NAMES = 512;
const MAX_BUCKETS = 256;
/** Labels at the end of a name that tell its bucket: whatever lies below two labels is in one. */
const LABELS = 2;
const HEAD = 4;
/** Of a bucket, 4 octets each: names, octets, octets as they are stored (the same where nothing compresses them). */
const PLACE = 12;

/** Names as they lie in a dictionary: name i from `starts[i]` to `starts[i + 1]`. */
export interface NameList {
  readonly octets: Uint8Array;
  readonly starts: Uint32Array;
}

/**
 * Names by the hash of their last two labels, in buckets that are compressed each by itself: a name, or all below one, is found without the
 * dictionary. Integers little-endian: number of buckets (4), their places, then the buckets; in each the numbers of its names
 * (differences, LEB128), then the names.
 * @param wanted 1 for each name that is to be found
 */
export function writeBuckets(
  { octets, starts }: NameList,
  wanted: Uint8Array,
  codec: PlaneCodec,
): Uint8Array {
  let names = 0;
  for (let id = 0; id < wanted.length; id++) names += wanted[id] as number;
  let count = 1;
  while (count < MAX_BUCKETS && count * NAMES < names) count *= 2;
  const buckets = Array.from({ length: count }, (): number[] => []);
  for (let id = 0; id < wanted.length; id++)
    if (wanted[id] === 1)
      buckets[bucketOf(octets, starts[id] as number, starts[id + 1] as number, count)]?.push(id);
  const frames = buckets.map((ids) => {
    const plain = frameOf({ octets, starts }, ids);
    const packed = plain.length === 0 ? plain : codec.pack(plain);
    return { names: ids.length, plain, stored: packed.length < plain.length ? packed : plain };
  });
  const blob = new Uint8Array(frames.reduce((sum, { stored }) => sum + stored.length, HEAD + count * PLACE));
  const view = new DataView(blob.buffer);
  view.setUint32(0, count, true);
  let at = HEAD + count * PLACE;
  for (const [bucket, { names: some, plain, stored }] of frames.entries()) {
    for (const [i, number] of [some, plain.length, stored.length].entries())
      view.setUint32(HEAD + bucket * PLACE + i * 4, number, true);
    blob.set(stored, at);
    at += stored.length;
  }
  return blob;
}

/**
 * Numbers of the names that are `name` or, with `below`, lie below it as well; wire form, lower case. Undefined where that is too much
 * for buckets: everything below the root or one label.
 * @throws DnsSegmentError
 */
export function findNames(
  blob: Uint8Array,
  codec: PlaneCodec,
  name: Uint8Array,
  below: boolean,
): readonly number[] | undefined {
  if (below && isShort(name)) return undefined;
  const { names, frame } = openBucket(blob, codec, name);
  const ids = new Uint32Array(names);
  let at = 0;
  let id = 0;
  for (let i = 0; i < names; i++) {
    let octet = 0x80;
    let difference = 0;
    for (let shift = 0; octet >= 0x80; shift += 7) {
      if (at >= frame.length || shift > 21) throw broken("numbers of names that are none");
      octet = frame[at++] as number;
      difference += (octet & 0x7f) << shift;
    }
    id += difference;
    ids[i] = id;
  }
  const found: number[] = [];
  for (const number of ids) {
    const from = at;
    while (at < frame.length && frame[at] !== 0) at += 1 + (frame[at] as number);
    if (++at > frame.length) throw broken("a name that is cut short");
    if (
      endsWith(frame, from, at, name) &&
      (below ? isBelow(frame.subarray(from, at), name) : at - from === name.length)
    )
      found.push(number);
  }
  return found;
}

function openBucket(blob: Uint8Array, codec: PlaneCodec, name: Uint8Array) {
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const count = blob.length < HEAD ? 0 : view.getUint32(0, true);
  if (count < 1 || count > MAX_BUCKETS || (count & (count - 1)) !== 0 || blob.length < HEAD + count * PLACE)
    throw broken(`${count} of them`);
  const number = (bucket: number, i: number): number => view.getUint32(HEAD + bucket * PLACE + i * 4, true);
  const wanted = bucketOf(name, 0, name.length, count);
  let at = HEAD + count * PLACE;
  for (let bucket = 0; bucket < wanted; bucket++) at += number(bucket, 2);
  const [names, octets, stored] = [number(wanted, 0), number(wanted, 1), number(wanted, 2)];
  if (octets > MAX_SEGMENT || names > octets || stored > octets || at + stored > blob.length)
    throw broken("cut short");
  const piece = blob.subarray(at, at + stored);
  if (stored === octets) return { names, frame: piece };
  try {
    return { names, frame: codec.unpack(piece, octets) };
  } catch (cause) {
    throw new DnsSegmentError("bad-column", "a bucket of names does not unpack", { cause });
  }
}

function frameOf({ octets, starts }: NameList, ids: readonly number[]): Uint8Array {
  const numbers: number[] = [];
  let before = 0;
  let length = 0;
  for (const id of ids) {
    let left = id - before;
    for (; left >= 0x80; left >>>= 7) numbers.push((left & 0x7f) | 0x80);
    numbers.push(left);
    before = id;
    length += (starts[id + 1] as number) - (starts[id] as number);
  }
  const frame = new Uint8Array(numbers.length + length);
  frame.set(numbers);
  let at = numbers.length;
  for (const id of ids) {
    const name = octets.subarray(starts[id], starts[id + 1]);
    frame.set(name, at);
    at += name.length;
  }
  return frame;
}

function bucketOf(octets: Uint8Array, from: number, end: number, count: number): number {
  let [last, before] = [from, from];
  for (let at = from; at < end - 1; at += 1 + (octets[at] as number)) [before, last] = [last, at];
  return hashBytes(octets, before, end, LABELS) & (count - 1);
}

/** Whether a name has fewer labels than tell a bucket. */
function isShort(name: Uint8Array): boolean {
  let labels = 0;
  for (let at = 0; at < name.length - 1; at += 1 + (name[at] as number)) labels++;
  return labels < LABELS;
}

function endsWith(octets: Uint8Array, from: number, end: number, suffix: Uint8Array): boolean {
  let at = end - suffix.length;
  if (at < from) return false;
  for (let i = 0; i < suffix.length; i++, at++) if (octets[at] !== suffix[i]) return false;
  return true;
}

function broken(what: string): DnsSegmentError {
  return new DnsSegmentError("bad-column", `buckets of names: ${what}`);
}
