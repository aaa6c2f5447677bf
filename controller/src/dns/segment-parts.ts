import { zstdCodec } from "@vsix/shared/compress/zstd.ts";
import { Segment } from "@vsix/shared/dns/segment.ts";
import {
  type DigestPart,
  type DigestParts,
  digestOf,
  SegmentDigest,
} from "@vsix/shared/dns/segment-digest.ts";
import { DnsSegmentError } from "@vsix/shared/dns/segment-error.ts";
import { FIXED_HEADER, MAGIC, MAX_SEGMENT } from "@vsix/shared/dns/segment-layout.ts";
import type { Database } from "./database.ts";

export const SEGMENT_CODEC = zstdCodec();

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

/** Of a segment that is to be stored; undefined where it is small enough to be read as it is. Throws {@link DnsSegmentError}. */
export function digestOfParts(segment: Segment, parts: readonly SegmentPart[]): DigestParts | undefined {
  return parts.length < 2 ? undefined : digestOf(segment, SEGMENT_CODEC);
}

export function digestOctets(digest: DigestParts | undefined): number {
  return digest === undefined ? 0 : digest.cells.length + digest.names.length + digest.rows.length;
}

/** Reads and writes the parts of segments. */
export class SegmentParts {
  readonly #insert;
  readonly #remove;
  readonly #one;
  readonly #insertDigest;
  readonly #removeDigest;
  readonly #digest: Readonly<Record<DigestPart, ReturnType<Database["prepare"]>>>;

  constructor(db: Database) {
    this.#insert = db.prepare("INSERT INTO segment_part (id, start, data) VALUES (?, ?, ?)");
    this.#remove = db.prepare("DELETE FROM segment_part WHERE id >= ? AND id < ?");
    this.#one = db.prepare("SELECT start, data FROM segment_part WHERE id = ?");
    this.#insertDigest = db.prepare(
      "INSERT INTO segment_digest (id, cells, names, rows) VALUES (@segment, @cells, @names, @rows)",
    );
    this.#removeDigest = db.prepare("DELETE FROM segment_digest WHERE id = ?");
    const part = (name: DigestPart) => db.prepare(`SELECT ${name} FROM segment_digest WHERE id = ?`).pluck();
    this.#digest = { cells: part("cells"), names: part("names"), rows: part("rows") };
  }

  insert(segment: number, parts: readonly SegmentPart[], digest: DigestParts | undefined): void {
    for (const { column, start, data } of parts) this.#insert.run(segment * PARTS + column, start, data);
    if (digest !== undefined) this.#insertDigest.run({ segment, ...digest });
  }

  remove(segment: number): void {
    this.#remove.run(segment * PARTS, (segment + 1) * PARTS);
    this.#removeDigest.run(segment);
  }

  /** What was written beside a segment, each piece read when it is first needed. */
  digest(segment: number, rows: number): SegmentDigest {
    const load = (name: DigestPart): Uint8Array => {
      const piece = this.#digest[name].get(segment) as Uint8Array | undefined;
      if (piece === undefined) throw new DnsSegmentError("cut-short", `${name} of its digest are gone`);
      return piece;
    };
    return new SegmentDigest(rows, load, SEGMENT_CODEC);
  }

  /**
   * The segment, each column read when it is first looked at; undefined where it is gone. It is good until the next call with the
   * same `scratch`. Throws {@link DnsSegmentError}.
   */
  open(segment: number, octets: number, scratch: Scratch): Segment | undefined {
    const header = this.#one.get(segment * PARTS) as Part | undefined;
    if (header === undefined) return undefined;
    if (header.data.length === octets) return new Segment(header.data, SEGMENT_CODEC);
    const bytes = scratch.take(octets);
    bytes.set(header.data, 0);
    const loaded = new Set<number>();
    return new Segment(bytes, SEGMENT_CODEC, (column) => {
      if (loaded.has(column)) return;
      loaded.add(column);
      const part = this.#one.get(segment * PARTS + column) as Part | undefined;
      // Pruned amid an answer: what is left in the scratch is another segment's.
      if (part === undefined) throw new DnsSegmentError("cut-short", `column ${column} is gone`);
      bytes.set(part.data, part.start);
    });
  }
}

interface Part {
  readonly start: number;
  readonly data: Uint8Array;
}

/** Memory for one segment after the other. */
export class Scratch {
  #buffer = new ArrayBuffer(0);

  take(octets: number): Uint8Array {
    if (this.#buffer.byteLength < octets) this.#buffer = new ArrayBuffer(octets);
    return new Uint8Array(this.#buffer, 0, octets);
  }
}

/** For segments that are held side by side. */
export const FRESH: Scratch = new (class extends Scratch {
  override take(octets: number): Uint8Array {
    return new Uint8Array(octets);
  }
})();
