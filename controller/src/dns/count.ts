import { HALVES, PAIR_CLASSES, TYPE } from "@vsix/shared/dns/model.ts";
import { OUTCOME, outcomeName, TRANSPORT } from "@vsix/shared/dns/row.ts";
import { cellFacts, latencyPower, MAX_RCODE, type RowCells } from "@vsix/shared/dns/row-cells.ts";
import type { Segment } from "@vsix/shared/dns/segment.ts";
import type { Tally } from "./tallies.ts";

/** Types that are counted by themselves: what a client makes up must not fill the database. */
const TYPES: ReadonlySet<number> = new Set([...Object.values(TYPE), 43, 46, 47, 48, 52, 255, 257]);
/** Where each is counted; 0 is for all others. */
const SLOTS = new Uint8Array(65_536);
for (const [i, type] of [...TYPES].entries()) SLOTS[type] = i + 1;
const SLOT_COUNT = TYPES.size + 1;
/** None, each that is told apart, all others. */
const RCODES = MAX_RCODE + 3;
/** None, and round trips by powers of two of microseconds. */
const LATENCIES = 33;
/** Half, class, and whether it was UDP or TCP. */
const KINDS = 16;

/** Says what became of a row (OUTCOME). Throws DnsSegmentError. */
export function outcomeReader(segment: Segment): (row: number) => number {
  const { columns } = segment;
  const replies = segment.replies();
  const questions = segment.questions();
  const ofReply = columns.numbers("replyOutcome", columns.count("replyFlags"));
  const types = columns.numbers("questionType", columns.count("questionName"));
  return (row) => {
    const reply = replies[row] as number;
    if (reply >= 0) return ofReply[reply] as number;
    return types[questions[row] as number] === TYPE.AAAA ? OUTCOME.unanswered : OUTCOME.none;
  };
}

/**
 * Counts rows into a tally: names are CLASS.WHAT, CLASS that of the pair. `rows` in any order. Throws DnsSegmentError.
 */
export function countRows(segment: Segment, rows: Uint32Array, tally: Tally): void {
  const { columns } = segment;
  const kinds = columns.numbers("kind", segment.rows);
  const latencies = columns.numbers("latency", segment.rows);
  const questions = segment.questions();
  const types = columns.numbers("questionType", columns.count("questionName"));
  const outcomeOf = outcomeReader(segment);
  const replies = segment.replies();
  const rcodes = columns.numbers("replyRcode", columns.count("replyFlags"));
  const lengths = columns.numbers("clientLengths");
  // Which client it was says only whether it has IPv4: not read where all have the same.
  const all4 = lengths.every((length) => length === 4);
  const clients = all4 || !lengths.includes(4) ? undefined : segment.clients();
  const counts = noCounts();
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const reply = replies[row] as number;
    const rcode = reply < 0 ? 0 : Math.min(MAX_RCODE + 1, rcodes[reply] as number) + 1;
    const ipv4 = clients === undefined ? all4 : lengths[clients[row] as number] === 4;
    const type = types[questions[row] as number] as number;
    const latency = latencyPower(latencies[row] as number);
    bump(counts, kinds[row] as number, type, outcomeOf(row), rcode, latency, ipv4, 1);
  }
  addCounts(counts, tally);
}

/** The same where it is known how many rows there are of each cell. */
export function countCells(cells: RowCells, rows: Uint32Array, tally: Tally): void {
  const counts = noCounts();
  for (let cell = 0; cell < rows.length; cell++) {
    const count = rows[cell] as number;
    if (count === 0) continue;
    const { kind, type, outcome, rcode, latency, ipv4 } = cellFacts(cells, cell);
    bump(counts, kind, type, outcome, rcode, latency, ipv4 === 1, count);
  }
  addCounts(counts, tally);
}

/** Of each class, one behind the other. */
interface Counts {
  readonly types: Uint32Array;
  readonly outcomes: Uint32Array;
  /** Kinds have their class in them. */
  readonly kinds: Uint32Array;
  /** As in cells: 0 is no response. */
  readonly rcodes: Uint32Array;
  readonly latencies: Uint32Array;
  readonly ipv4: Uint32Array;
}

function noCounts(): Counts {
  return {
    types: new Uint32Array(2 * SLOT_COUNT),
    outcomes: new Uint32Array(2 * 256),
    kinds: new Uint32Array(KINDS),
    rcodes: new Uint32Array(2 * RCODES),
    latencies: new Uint32Array(2 * LATENCIES),
    ipv4: new Uint32Array(2),
  };
}

function bump(
  counts: Counts,
  kind: number,
  type: number,
  outcome: number,
  rcode: number,
  latency: number,
  ipv4: boolean,
  rows: number,
): void {
  const of = (kind >> 2) & 1;
  add(counts.kinds, kind & (KINDS - 1), rows);
  add(counts.types, of * SLOT_COUNT + (SLOTS[type] ?? 0), rows);
  add(counts.outcomes, of * 256 + outcome, rows);
  add(counts.rcodes, of * RCODES + rcode, rows);
  add(counts.latencies, of * LATENCIES + latency, rows);
  if (ipv4) add(counts.ipv4, of, rows);
}

function add(counts: Uint32Array, at: number, rows: number): void {
  counts[at] = (counts[at] as number) + rows;
}

function addCounts({ types, outcomes, kinds, rcodes, latencies, ipv4 }: Counts, tally: Tally): void {
  for (const [of, name] of PAIR_CLASSES.entries()) {
    const put = (what: string, count: number): void => {
      if (count > 0) tally[`${name}.${what}`] = (tally[`${name}.${what}`] ?? 0) + count;
    };
    for (let kind = 0; kind < KINDS; kind++) {
      if (((kind >> 2) & 1) !== of) continue;
      const count = kinds[kind] as number;
      put("pairs", count);
      put(HALVES[kind & 3] ?? "whole", count);
      put(((kind >> 3) & 1) === TRANSPORT.tcp ? "tcp" : "udp", count);
    }
    for (const type of TYPES) put(`type.${type}`, types[of * SLOT_COUNT + (SLOTS[type] as number)] as number);
    put("type.other", types[of * SLOT_COUNT] as number);
    for (let outcome = OUTCOME.native; outcome <= OUTCOME.other; outcome++)
      put(`outcome.${outcomeName(outcome)}`, outcomes[of * 256 + outcome] as number);
    for (let rcode = 0; rcode <= MAX_RCODE + 1; rcode++)
      put(`rcode.${rcode > MAX_RCODE ? "other" : rcode}`, rcodes[of * RCODES + rcode + 1] as number);
    for (let power = 0; power < LATENCIES - 1; power++)
      put(`latency.${power}`, latencies[of * LATENCIES + power + 1] as number);
    put("ipv4", ipv4[of] as number);
  }
}
