import { JournalError } from "./journal-error.ts";

/**
 * What a capture has read since its last segment, so that the next life can read it again. Files are written over again and again, so
 * behind the last record stand those of a file of before: a record counts by the number of the file that it ends with.
 * Numbers are little-endian, as those of the frames are on every machine that we run on.
 *
 *     "VDJ2"  u32 length of head  head, JSON  records
 *     record: "VJR2"  u8 kind  u8 point  u16 0  u32 packets  u32 octets  u32 number of the file  octets
 */
const MAGIC = 0x324a_4456;
const RECORD = 0x3252_4a56;
export const RECORD_HEAD = 20;
const MAX_HEAD = 1024;
/** All cuts of a file stand in so many octets from its beginning. */
export const CUTS_ROOM = 8 + MAX_HEAD + 256 * RECORD_HEAD;
/** A record's head is written when the rest of it is there: whatever else is wrong ends the reading. */
export const KIND = {
  /** Frames of a block of the ring (ring-frames.ts), `packets` of them. */
  frames: 1,
  /** u32 seconds, u32 nanoseconds: everything that came before was read. */
  time: 2,
  /** u32 packets that the kernel dropped, u32 times that the ring was full. */
  drops: 3,
  /** The queries that wait when the file begins (core/capture/pending-saved.ts). */
  waiting: 4,
  /** The last `packets` of the point's frames in the file before are in this one: before all else. */
  cut: 5,
} as const;

/** Of what a journal must be to be taken up. */
export interface JournalHead {
  /** Of the kernel: a journal is no promise beyond it. */
  readonly boot: string;
  /** SHA-256 of the part with which was captured, in hexadecimal. */
  readonly part: string;
}

const THREAD = /^[0-9]{1,16}-[0-9]{1,16}$/;
/** Whose journal it is, RUN-THREAD, and which of its journals: the next one has the next number, 32 bits. */
export interface JournalPlace {
  readonly thread: string;
  readonly number: number;
}

export interface JournalRecord {
  readonly kind: number;
  readonly point: number;
  readonly packets: number;
  /** In the file; `end` is where the file ends, if the record is cut short. */
  readonly at: number;
  readonly end: number;
}

export function encodeJournalHead({ boot, part, thread, number }: JournalHead & JournalPlace): Uint8Array {
  const json = Uint8Array.from(
    JSON.stringify({ version: 2, boot, part, thread, number }),
    (c) => c.charCodeAt(0) & 0x7f,
  );
  const bytes = new Uint8Array(8 + json.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, json.length, true);
  bytes.set(json, 8);
  return bytes;
}

/** Writes a record's head into `bytes`, RECORD_HEAD octets of room. The number last: a head that is cut short counts for nothing. */
export function putRecordHead(
  bytes: Uint8Array,
  kind: number,
  point: number,
  packets: number,
  octets: number,
  number: number,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(0, RECORD, true);
  view.setUint32(4, kind | (point << 8), true);
  view.setUint32(8, packets, true);
  view.setUint32(12, octets, true);
  view.setUint32(16, number, true);
}

/** A whole file: of each record its head and, from `bytes`, what it has. */
export function journalParts(
  head: JournalHead & JournalPlace,
  records: readonly JournalRecord[],
  bytes: Uint8Array,
): readonly Uint8Array[] {
  return [
    encodeJournalHead(head),
    ...records.flatMap(({ kind, point, packets, at, end }) => {
      const record = new Uint8Array(RECORD_HEAD);
      putRecordHead(record, kind, point, packets, end - at, head.number);
      return [record, bytes.subarray(at, end)];
    }),
  ];
}

/** @throws JournalError where it is no journal. */
export function readJournalHead(bytes: Uint8Array): JournalHead & JournalPlace {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? 0 : view.getUint32(4, true);
  if (bytes.length < 8 || view.getUint32(0, true) !== MAGIC || length > Math.min(MAX_HEAD, bytes.length - 8))
    throw new JournalError("damaged", "it does not begin as a journal does");
  return headOf(String.fromCharCode(...bytes.subarray(8, 8 + length)));
}

/** @throws JournalError where it is no journal, or one of another boot or part. */
export function checkJournalHead(bytes: Uint8Array, wanted: JournalHead): void {
  const head = readJournalHead(bytes);
  if (head.boot !== wanted.boot) throw new JournalError("another-boot", "the machine was started since");
  if (head.part !== wanted.part)
    throw new JournalError("another-part", "something else is to be captured now");
}

/** By hand: the schema checker would be the largest thing in the capture's thread. */
function headOf(text: string): JournalHead & JournalPlace {
  let head: unknown;
  try {
    head = JSON.parse(text);
  } catch {
    throw new JournalError("damaged", "its head is no JSON");
  }
  const { version, boot, part, thread, number } = Object(head) as Record<string, unknown>;
  if (
    version !== 2 ||
    typeof boot !== "string" ||
    typeof part !== "string" ||
    typeof thread !== "string" ||
    !THREAD.test(thread) ||
    typeof number !== "number"
  )
    throw new JournalError("damaged", "its head is no journal's of this version");
  return { boot, part, thread, number };
}

/** The records behind a head that was checked, as far as they can be read. */
export function journalRecords(bytes: Uint8Array): readonly JournalRecord[] {
  const { number } = readJournalHead(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: JournalRecord[] = [];
  let at = 8 + view.getUint32(4, true);
  while (
    at + RECORD_HEAD <= bytes.length &&
    view.getUint32(at, true) === RECORD &&
    view.getUint32(at + 16, true) === number
  ) {
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

/** How many of a point's last packets the file after one has. */
export type Cuts = ReadonlyMap<number, number>;

/**
 * Of the file before: which it is, and what this one has of it. `bytes`: CUTS_ROOM octets of this one, if there are so many.
 * @throws JournalError where it is no journal
 */
export function cutsOf(bytes: Uint8Array): { readonly of: JournalPlace; readonly cuts: Cuts } {
  const { thread, number } = readJournalHead(bytes);
  const cuts = new Map<number, number>();
  for (const { kind, point, packets } of journalRecords(bytes)) {
    if (kind !== KIND.cut) break;
    cuts.set(point, packets);
  }
  return { of: { thread, number: number - 1 }, cuts };
}
