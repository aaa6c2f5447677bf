import { HALVES, PAIR_CLASSES, TYPE } from "@vsix/shared/dns/model.ts";
import { OUTCOME, outcomeName, TRANSPORT } from "@vsix/shared/dns/row.ts";
import type { Segment } from "@vsix/shared/dns/segment.ts";
import type { Tally } from "./tallies.ts";

/** Types that are counted by themselves: what a client makes up must not fill the database. */
const TYPES: ReadonlySet<number> = new Set([...Object.values(TYPE), 43, 46, 47, 48, 52, 255, 257]);
/** Where each is counted; 0 is for all others. */
const SLOTS = new Uint8Array(65_536);
for (const [i, type] of [...TYPES].entries()) SLOTS[type] = i + 1;
const SLOT_COUNT = TYPES.size + 1;
const MAX_RCODE = 23;
/** Round trips are counted by powers of two of microseconds. */
const LATENCIES = 32;
/** Kinds, types with a place of their own, outcomes: cells of one tally. */
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
  const byType = new Uint32Array(2 * SLOT_COUNT);
  const byOutcome = new Uint32Array(2 * 256);
  const byKind = new Uint32Array(KINDS);
  const byRcode = new Uint32Array(2 * (MAX_RCODE + 2));
  const byLatency = new Uint32Array(2 * LATENCIES);
  const ipv4 = new Uint32Array(2);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const kind = kinds[row] as number;
    const of = (kind >> 2) & 1;
    bump(byKind, kind & (KINDS - 1));
    bump(byType, of * SLOT_COUNT + (SLOTS[types[questions[row] as number] as number] ?? 0));
    bump(byOutcome, of * 256 + outcomeOf(row));
    const reply = replies[row] as number;
    if (reply >= 0) bump(byRcode, of * (MAX_RCODE + 2) + Math.min(MAX_RCODE + 1, rcodes[reply] as number));
    const latency = latencies[row] as number;
    if (latency > 0) bump(byLatency, of * LATENCIES + (31 - Math.clz32(latency)));
    if (clients === undefined ? all4 : lengths[clients[row] as number] === 4) bump(ipv4, of);
  }
  for (const [of, name] of PAIR_CLASSES.entries()) {
    const add = (what: string, count: number): void => {
      if (count > 0) tally[`${name}.${what}`] = (tally[`${name}.${what}`] ?? 0) + count;
    };
    for (let kind = 0; kind < KINDS; kind++) {
      if (((kind >> 2) & 1) !== of) continue;
      const count = byKind[kind] as number;
      add("pairs", count);
      add(HALVES[kind & 3] ?? "whole", count);
      add(((kind >> 3) & 1) === TRANSPORT.tcp ? "tcp" : "udp", count);
    }
    for (const type of TYPES)
      add(`type.${type}`, byType[of * SLOT_COUNT + (SLOTS[type] as number)] as number);
    add("type.other", byType[of * SLOT_COUNT] as number);
    for (let outcome = OUTCOME.native; outcome <= OUTCOME.other; outcome++)
      add(`outcome.${outcomeName(outcome)}`, byOutcome[of * 256 + outcome] as number);
    for (let rcode = 0; rcode <= MAX_RCODE + 1; rcode++)
      add(`rcode.${rcode > MAX_RCODE ? "other" : rcode}`, byRcode[of * (MAX_RCODE + 2) + rcode] as number);
    for (let power = 0; power < LATENCIES; power++)
      add(`latency.${power}`, byLatency[of * LATENCIES + power] as number);
    add("ipv4", ipv4[of] as number);
  }
}

function bump(counts: Uint32Array, at: number): void {
  counts[at] = (counts[at] as number) + 1;
}
