import { TYPE } from "./model.ts";
import { OUTCOME } from "./row.ts";
import type { Segment } from "./segment.ts";

/**
 * A cell is everything of a row that is counted: kind, type, outcome, RCODE, round trip by powers of two, IPv4 or not. A segment
 * of 65,536 rows has some hundred different ones, so a row's is one number of one or two octets.
 */
export interface CellFacts {
  /** Half, class << 2, transport << 3. */
  readonly kind: number;
  readonly type: number;
  /** OUTCOME. */
  readonly outcome: number;
  /** RCODE plus one, above `MAX_RCODE + 1` for all others; 0 where there is no response. */
  readonly rcode: number;
  /** Of the round trip in µs plus one: the place of its highest bit, plus one; 0 where there is none. */
  readonly latency: number;
  /** 1 where the client has an IPv4 address. */
  readonly ipv4: number;
}

/** RCODEs that are told apart. */
export const MAX_RCODE = 23;
/** Kinds that are told apart: six bits. */
const KINDS = 64;
const MAX_CELLS = 4096;
const MAX_TYPES = 1024;
const SLOTS = 4 * MAX_CELLS;

/** Cells by number, the most frequent first; of each what rows in it have in common, and how many they are. */
export interface RowCells {
  readonly types: Uint16Array;
  /** As `packFacts` makes them. */
  readonly facts: Uint32Array;
  readonly rows: Uint32Array;
}

export function packFacts({ kind, outcome, rcode, latency, ipv4 }: Omit<CellFacts, "type">): number {
  return kind | (outcome << 6) | (rcode << 9) | (latency << 14) | (ipv4 << 20);
}

export function cellFacts({ types, facts }: Pick<RowCells, "types" | "facts">, cell: number): CellFacts {
  const word = facts[cell] ?? 0;
  return {
    kind: word & 63,
    type: types[cell] ?? 0,
    outcome: (word >> 6) & 7,
    rcode: (word >> 9) & 31,
    latency: (word >> 14) & 63,
    ipv4: (word >> 20) & 1,
  };
}

export const latencyPower = (latency: number): number => (latency === 0 ? 0 : 32 - Math.clz32(latency));

/**
 * The cells of a segment, and of each row which is its own. Undefined where a node made up more than cells can tell: too many
 * types, or numbers that are none.
 * @throws DnsSegmentError
 */
export function cellsOf(segment: Segment): (RowCells & { readonly cellOf: Uint16Array }) | undefined {
  const { columns, rows } = segment;
  const ofQuestion = typesOf(segment);
  const ofReply = repliesOf(segment);
  if (ofQuestion === undefined || ofReply === undefined) return undefined;
  const { numbers: types, list } = ofQuestion;
  const kinds = columns.numbers("kind", rows);
  const latencies = columns.numbers("latency", rows);
  const questions = segment.questions();
  const replies = segment.replies();
  const clients = segment.clients();
  const lengths = columns.numbers("clientLengths");
  const keys = new Int32Array(SLOTS);
  const numbers = new Uint16Array(SLOTS);
  const found: number[] = [];
  const counts = new Uint32Array(MAX_CELLS);
  const cellOf = new Uint16Array(rows);
  const aaaa = list.indexOf(TYPE.AAAA);
  for (let row = 0; row < rows; row++) {
    const kind = kinds[row] as number;
    if (kind >= KINDS) return undefined;
    const type = types[questions[row] as number] as number;
    const reply = replies[row] as number;
    const became =
      reply >= 0 ? (ofReply[reply] as number) : (type === aaaa ? OUTCOME.unanswered : OUTCOME.none) << 6;
    const ipv4 = lengths[clients[row] as number] === 4 ? 1 << 20 : 0;
    // Type and facts, plus one: 0 is a free slot.
    const key = (type << 21) + (kind | became | (latencyPower(latencies[row] as number) << 14) | ipv4) + 1;
    let slot = Math.imul(key, 0x9e3779b1) >>> 18;
    while (keys[slot] !== key && keys[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
    if (keys[slot] === 0) {
      if (found.length === MAX_CELLS) return undefined;
      keys[slot] = key;
      numbers[slot] = found.length;
      found.push(key - 1);
    }
    const cell = numbers[slot] as number;
    cellOf[row] = cell;
    counts[cell] = (counts[cell] as number) + 1;
  }
  const order = found.map((_, cell) => cell).sort((a, b) => (counts[b] as number) - (counts[a] as number));
  const place = new Uint16Array(found.length);
  for (const [at, cell] of order.entries()) place[cell] = at;
  for (let row = 0; row < rows; row++) cellOf[row] = place[cellOf[row] as number] as number;
  return {
    types: Uint16Array.from(order, (cell) => list[(found[cell] as number) >>> 21] ?? 0),
    facts: Uint32Array.from(order, (cell) => (found[cell] as number) & 0x1f_ffff),
    rows: Uint32Array.from(order, (cell) => counts[cell] as number),
    cellOf,
  };
}

/** Types, and of each question the place of its own among them. */
function typesOf({ columns }: Segment): { numbers: Uint16Array; list: number[] } | undefined {
  const types = columns.numbers("questionType", columns.count("questionName"));
  const places = new Map<number, number>();
  const numbers = new Uint16Array(types.length);
  for (let question = 0; question < types.length; question++) {
    const type = types[question] as number;
    let place = places.get(type);
    if (place === undefined) {
      place = places.size;
      if (type > 0xffff || place === MAX_TYPES) return undefined;
      places.set(type, place);
    }
    numbers[question] = place;
  }
  return { numbers, list: [...places.keys()] };
}

/** Of each reply its outcome and its RCODE, where `packFacts` has them. */
function repliesOf({ columns }: Segment): Uint32Array | undefined {
  const count = columns.count("replyFlags");
  const outcomes = columns.numbers("replyOutcome", count);
  const rcodes = columns.numbers("replyRcode", count);
  const packed = new Uint32Array(count);
  for (let reply = 0; reply < count; reply++) {
    const outcome = outcomes[reply] as number;
    if (outcome > OUTCOME.other) return undefined;
    packed[reply] = (outcome << 6) | (Math.min(MAX_RCODE + 2, (rcodes[reply] as number) + 1) << 9);
  }
  return packed;
}
