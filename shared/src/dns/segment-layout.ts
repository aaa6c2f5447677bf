/**
 * The octets of a segment: some thousand captured pairs by columns, each compressed by itself, so that a question reads only
 * what it needs. All integers little-endian.
 *
 * | octets | what |
 * |---|---|
 * | 4 | `VDNS` |
 * | 1 | version, 1 |
 * | 3 | zero |
 * | 4 | length of everything before the columns' octets |
 * | 4 | rows |
 * | 8 + 8 + 8 | least and greatest time of a row, time at the end of row 0; nanoseconds, UTC |
 * | 2 · 8 · 4 | rows by class (client, authority) and AAAA outcome |
 * | 3 · 4 | rows by half |
 * | 1 + n · 6 | the most frequent types: type, rows |
 * | 1 + n · 6 | RCODEs of responses: RCODE, rows |
 * | 1 + n | columns: each its number (1), octets a value (1), values (4), and for each octet of the value a plane: codec (1), length (4) |
 *
 * Then the planes. A column of values of w octets has w planes, the lowest octets of all values first. A plane of codec
 * `constant` is one octet, for all values.
 */
export const MAGIC = 0x534e4456;
export const VERSION = 1;
export const FIXED_HEADER = 4 + 4 + 4 + 4 + 24 + 2 * 8 * 4 + 3 * 4;

export const CODEC = { raw: 0, packed: 1, constant: 2 } as const;

/** What a reader takes: a builder stays far below. */
export const MAX_ROWS = 131_072;
export const MAX_VALUES = 1 << 26;
export const MAX_SEGMENT = 1 << 26;
export const MAX_TYPES = 32;
/** Answers of one response that are kept. */
export const MAX_ANSWERS = 512;

/** Columns by number; never reused. A reader ignores what it does not know. */
export const COLUMN = {
  // One value a row.
  /** From the end (time of query plus latency) of the row before, ns, zigzag. */
  time: 1,
  /** µs, plus one; 0 where there is none. */
  latency: 2,
  client: 3,
  clientPort: 4,
  server: 5,
  id: 6,
  /** Half, class << 2, transport << 3. */
  kind: 7,
  question: 8,
  /** 0: the reply last given to this question; 1: one not seen before; else its number + 2. Nothing for halves without response. */
  reply: 9,
  /** List of TTLs of the answers. */
  ttls: 10,
  point: 11,
  retries: 12,
  hash: 13,
  // Dictionaries: lengths, then octets.
  clientLengths: 20,
  clientOctets: 21,
  /** Address and port (big-endian). */
  serverLengths: 22,
  serverOctets: 23,
  nameLengths: 24,
  nameOctets: 25,
  pointLengths: 26,
  pointOctets: 27,
  ttlCounts: 28,
  ttlValues: 29,
  // One value a question.
  questionName: 40,
  questionType: 41,
  questionClass: 42,
  questionFlags: 43,
  questionEdns: 44,
  questionSize: 45,
  // One value a reply.
  replyFlags: 50,
  replyRcode: 51,
  replyEdns: 52,
  replySize: 53,
  replyOutcome: 54,
  replyAnswers: 55,
  replyLeft: 56,
  // One value an answer, those of reply 0 first.
  /** 0: the name asked for; 1: the name that the record before points to; else number of a name + 2. */
  answerOwner: 60,
  answerType: 61,
  /** Octets of rdata; of a record that is but a name (`NAME_TYPES`) the number of that name. */
  answerLength: 62,
  answerOctets: 63,

  /** What the capture counted since the segment before: place in CAPTURE_COUNTERS, and how much (zigzag). */
  counterNames: 70,
  counterValues: 71,

  // Of a ranking that is kept whole, which is written as segments are: keys, and what was counted of each.
  rankedLengths: 80,
  rankedOctets: 81,
  /** All of the first count, then all of the second, and so on. */
  rankedCounts: 82,

  // Of a digest (segment-digest.ts), which is written as segments are.
  cellTypes: 90,
  cellFacts: 91,
  cellRows: 92,
  /** One value a row: the number of its cell. */
  cells: 93,
} as const;
export type ColumnName = keyof typeof COLUMN;

/** Records whose rdata is one name. */
export const isNameType = (type: number): boolean => type === 5 || type === 2 || type === 12 || type === 39;

/** Compresses one plane, or opens one. A codec that finds octets damaged throws whatever it likes. */
export interface PlaneCodec {
  readonly pack: (octets: Uint8Array) => Uint8Array;
  /** What pack() returned is read no more. */
  readonly letGo?: (packed: Uint8Array) => void;
  /** Exactly `length` octets, or it throws. */
  readonly unpack: (packed: Uint8Array, length: number) => Uint8Array;
}

/** EDNS as one number: 0 where there is none. */
export function packEdns(present: boolean, udpSize: number, version: number, dnssecOk: boolean): number {
  if (!present) return 0;
  return (1 << 25) | ((version & 0xff) << 17) | (dnssecOk ? 1 << 16 : 0) | (udpSize & 0xffff);
}

/** Written behind the name in the key of a question: type, class, flags (2 each), EDNS (4), size (2), query seen (1). */
export const QUESTION_TAIL = 13;
