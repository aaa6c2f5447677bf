import { JournalError } from "./journal-error.ts";

/**
 * What a capture has read since its last segment, so that the next life can read it again: octets in a file that only grows.
 * Numbers are little-endian, as those of the frames are on every machine that we run on.
 *
 *     "VDJ1"  u32 length of head  head, JSON  records
 *     record: "VJR1"  u8 kind  u8 point  u16 0  u32 packets  u32 octets  octets
 */
const MAGIC = 0x314a_4456;
const RECORD = 0x3152_4a56;
export const RECORD_HEAD = 16;
const MAX_HEAD = 1024;
/** A killed writer leaves at most one record cut short; whatever else is wrong ends the reading. */
export const KIND = {
  /** Frames of a block of the ring (ring-frames.ts), `packets` of them. */
  frames: 1,
  /** u32 seconds, u32 nanoseconds: everything that came before was read. */
  time: 2,
  /** u32 packets that the kernel dropped, u32 times that the ring was full. */
  drops: 3,
  /** The queries that wait when the file begins (core/capture/pending-saved.ts). */
  waiting: 4,
  /** The last `packets` of the point's frames are for the next file: this one ends. */
  cut: 5,
} as const;

export interface JournalHead {
  /** Of the kernel: a journal is no promise beyond it. */
  readonly boot: string;
  /** SHA-256 of the part with which was captured, in hexadecimal. */
  readonly part: string;
}

export interface JournalRecord {
  readonly kind: number;
  readonly point: number;
  readonly packets: number;
  /** In the file; `end` is where the file ends, if the record is cut short. */
  readonly at: number;
  readonly end: number;
}

export function encodeJournalHead({ boot, part }: JournalHead): Uint8Array {
  const json = Uint8Array.from(JSON.stringify({ version: 1, boot, part }), (c) => c.charCodeAt(0) & 0x7f);
  const bytes = new Uint8Array(8 + json.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, json.length, true);
  bytes.set(json, 8);
  return bytes;
}

/** Writes a record's head into `bytes`, RECORD_HEAD octets of room. */
export function putRecordHead(
  bytes: Uint8Array,
  kind: number,
  point: number,
  packets: number,
  octets: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(0, RECORD, true);
  view.setUint32(4, kind | (point << 8), true);
  view.setUint32(8, packets, true);
  view.setUint32(12, octets, true);
}

/** @throws JournalError where it is no journal, or one of another boot or part. */
export function checkJournalHead(bytes: Uint8Array, wanted: JournalHead): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? 0 : view.getUint32(4, true);
  if (bytes.length < 8 || view.getUint32(0, true) !== MAGIC || length > Math.min(MAX_HEAD, bytes.length - 8))
    throw new JournalError("damaged", "it does not begin as a journal does");
  const head = headOf(String.fromCharCode(...bytes.subarray(8, 8 + length)));
  if (head.boot !== wanted.boot) throw new JournalError("another-boot", "the machine was started since");
  if (head.part !== wanted.part)
    throw new JournalError("another-part", "something else is to be captured now");
}

/** By hand: the schema checker would be the largest thing in the capture's thread. */
function headOf(text: string): JournalHead {
  let head: unknown;
  try {
    head = JSON.parse(text);
  } catch {
    throw new JournalError("damaged", "its head is no JSON");
  }
  if (typeof head !== "object" || head === null || !("boot" in head) || !("part" in head))
    throw new JournalError("damaged", "its head is no journal's");
  const { boot, part } = head;
  if (typeof boot !== "string" || typeof part !== "string" || !("version" in head) || head.version !== 1)
    throw new JournalError("damaged", "its head is no journal's of this version");
  return { boot, part };
}

/** The records behind a head that was checked, as far as they can be read. */
export function journalRecords(bytes: Uint8Array): readonly JournalRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: JournalRecord[] = [];
  let at = 8 + view.getUint32(4, true);
  while (at + RECORD_HEAD <= bytes.length && view.getUint32(at, true) === RECORD) {
    const from = at + RECORD_HEAD;
    const end = from + view.getUint32(at + 12, true);
    records.push({
      kind: view.getUint8(at + 4),
      point: view.getUint8(at + 5),
      packets: view.getUint32(at + 8, true),
      at: from,
      end: Math.min(end, bytes.length),
    });
    at = end;
  }
  return records;
}
