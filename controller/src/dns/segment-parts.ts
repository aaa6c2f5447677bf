import { DnsSegmentError } from "@vsix/shared/dns/segment-error.ts";
import { readSegmentHeader } from "@vsix/shared/dns/segment-header.ts";
import { FIXED_HEADER, MAGIC, MAX_SEGMENT } from "@vsix/shared/dns/segment-layout.ts";
import type { Database } from "./database.ts";

/** Smaller segments lie in one piece. */
const SPLIT_OCTETS = 32 * 1024;
const PARTS = 256;
/** The part that holds the header, and where the columns begin in a segment that lies in one piece. */
const HEADER = 0;

export interface SegmentPart {
  /** Column number; 0: the header, or all of it. */
  readonly column: number;
  /** Where it begins in the segment. */
  readonly start: number;
  readonly data: Uint8Array;
}

/** Cuts a segment into its header and its columns. Throws {@link DnsSegmentError}. */
export function splitSegment(bytes: Uint8Array): readonly SegmentPart[] {
  if (bytes.length < FIXED_HEADER || bytes.length > MAX_SEGMENT) throw cutShort();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== MAGIC)
    throw new DnsSegmentError("not-a-segment", "these octets are no segment");
  if (bytes.length < SPLIT_OCTETS) return [{ column: HEADER, start: 0, data: bytes }];
  const header = view.getUint32(8, true);
  if (header > bytes.length) throw cutShort();
  const parts: SegmentPart[] = [{ column: HEADER, start: 0, data: bytes.subarray(0, header) }];
  try {
    let at = FIXED_HEADER;
    for (let list = 0; list < 2; list++) at += 1 + view.getUint8(at) * 6;
    let start = header;
    for (let left = view.getUint8(at++); left > 0; left--) {
      const column = view.getUint8(at);
      const planes = view.getUint8(at + 1);
      at += 6;
      let length = 0;
      for (let plane = 0; plane < planes; plane++, at += 5) length += view.getUint32(at + 1, true);
      if (at > header || start + length > bytes.length) throw cutShort();
      // One that is twice there would take the place of the other.
      if (column === HEADER || parts.some((part) => part.column === column))
        throw new DnsSegmentError("bad-column", `column ${column}`);
      parts.push({ column, start, data: bytes.subarray(start, start + length) });
      start += length;
    }
  } catch (error) {
    if (error instanceof RangeError) throw cutShort();
    throw error;
  }
  return parts;
}

function cutShort(): DnsSegmentError {
  return new DnsSegmentError("cut-short", "a segment that is cut short");
}

/** Reads and writes the parts of segments. */
export class SegmentParts {
  readonly #insert;
  readonly #remove;
  readonly #one;

  constructor(db: Database) {
    this.#insert = db.prepare("INSERT INTO segment_part (id, start, data) VALUES (?, ?, ?)");
    this.#remove = db.prepare("DELETE FROM segment_part WHERE id >= ? AND id < ?");
    this.#one = db.prepare("SELECT start, data FROM segment_part WHERE id = ?");
  }

  insert(segment: number, parts: readonly SegmentPart[]): void {
    for (const { column, start, data } of parts) this.#insert.run(segment * PARTS + column, start, data);
  }

  remove(segment: number): void {
    this.#remove.run(segment * PARTS, (segment + 1) * PARTS);
  }

  /**
   * The segment's octets, each column read when it is first looked at; undefined where it is gone. They are good until the next
   * call with the same `scratch`.
   */
  read(segment: number, octets: number, scratch: Scratch): Uint8Array | undefined {
    const header = this.#one.get(segment * PARTS) as Part | undefined;
    if (header === undefined) return undefined;
    if (header.data.length === octets) return header.data;
    const bytes = new LazyOctets(scratch.take(octets), 0, octets);
    bytes.set(header.data, 0);
    const loaded = new Set<number>();
    // Columns lie one behind the other, in the order of their starts.
    const left = [...readSegmentHeader(bytes).columns]
      .map(([column, { planes }]) => ({ column, start: planes[0]?.at ?? octets }))
      .toReversed();
    bytes.load = (from) => {
      const at = left.findIndex(({ start }) => start <= from);
      const { column = -1 } = left[at] ?? {};
      if (column === -1 || loaded.has(column)) return;
      loaded.add(column);
      const part = this.#one.get(segment * PARTS + column) as Part | undefined;
      if (part !== undefined) bytes.set(part.data, part.start);
    };
    return bytes;
  }
}

interface Part {
  readonly start: number;
  readonly data: Uint8Array;
}

/** Octets of which only the header is there at first: whoever looks at a column has it loaded. */
class LazyOctets extends Uint8Array<ArrayBuffer> {
  /** Views of it are plain. */
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array;
  }

  load: (from: number) => void = () => {};

  override subarray(from = 0, end?: number): Uint8Array<ArrayBuffer> {
    this.load(from);
    return super.subarray(from, end);
  }
}

/** Memory for one segment after the other. */
export class Scratch {
  #buffer = new ArrayBuffer(0);

  take(octets: number): ArrayBuffer {
    if (this.#buffer.byteLength < octets) this.#buffer = new ArrayBuffer(octets);
    return this.#buffer;
  }
}

/** For segments that are held side by side. */
export const FRESH: Scratch = new (class extends Scratch {
  override take(octets: number): ArrayBuffer {
    return new ArrayBuffer(octets);
  }
})();
