import {
  AAAA_OUTCOMES,
  type AaaaOutcome,
  HALVES,
  type Half,
  PAIR_CLASSES,
  type PairClass,
  TYPE,
} from "./model.ts";
import { isBelow } from "./name.ts";
import type { Segment } from "./segment.ts";
import type { SegmentHeader } from "./segment-header.ts";

/** What is looked for: all of it must hold. What is absent holds for every row. */
export interface PairFilter {
  readonly fromNs?: bigint;
  /** Exclusive. */
  readonly untilNs?: bigint;
  /** Exactly this name; wire form, lower case. */
  readonly name?: Uint8Array;
  /** This name and all below it. */
  readonly below?: Uint8Array;
  /** Leading bits of the client's address: 4 or 16 octets and a length. */
  readonly client?: { readonly address: Uint8Array; readonly length: number };
  readonly outcomes?: readonly AaaaOutcome[];
  readonly types?: readonly number[];
  readonly class?: PairClass;
  readonly halves?: readonly Half[];
}

/** False where the header alone tells that no row can match. */
export function mayMatch(header: SegmentHeader, filter: PairFilter): boolean {
  const { fromNs, untilNs, outcomes, types, halves } = filter;
  if (header.rows === 0) return false;
  if (fromNs !== undefined && header.greatestNs < fromNs) return false;
  if (untilNs !== undefined && header.leastNs >= untilNs) return false;
  const classes = filter.class === undefined ? PAIR_CLASSES : [filter.class];
  const wanted = outcomes ?? AAAA_OUTCOMES;
  if (!classes.some((of) => wanted.some((outcome) => header.outcomes[of][outcome] > 0))) return false;
  if (halves?.every((half) => header.halves[half] === 0)) return false;
  return types === undefined || header.types.size >= 32 || types.some((type) => header.types.has(type));
}

/**
 * Rows that match, in their order. Dictionaries are probed first: a segment without the name or the client ends there.
 * @throws DnsSegmentError
 */
export function matchRows(segment: Segment, filter: PairFilter): Uint32Array {
  const nothing = new Uint32Array();
  if (!mayMatch(segment.header, filter)) return nothing;
  const clients = wantedClients(segment, filter);
  if (clients === "none") return nothing;
  const questions = wantedQuestions(segment, filter);
  if (questions === "none") return nothing;
  const { rows, header } = segment;
  const found = new Uint32Array(rows);
  let count = 0;
  const clientOf = clients === undefined ? undefined : segment.clients();
  const questionOf = questions === undefined ? undefined : segment.questions();
  if (clients === undefined && questions === undefined) for (; count < rows; count++) found[count] = count;
  else if (clients === undefined && questions !== undefined && questionOf !== undefined) {
    for (let row = 0; row < rows; row++) if (questions[questionOf[row] as number] === 1) found[count++] = row;
  } else
    for (let row = 0; row < rows; row++) {
      if (clients !== undefined && clientOf !== undefined && clients[clientOf[row] as number] === 0) continue;
      if (questions !== undefined && questionOf !== undefined && questions[questionOf[row] as number] === 0)
        continue;
      found[count++] = row;
    }
  const keep = (test: (row: number) => boolean): void => {
    let kept = 0;
    for (let i = 0; i < count; i++) if (test(found[i] as number)) found[kept++] = found[i] as number;
    count = kept;
  };
  const { fromNs, untilNs } = filter;
  const from = fromNs === undefined ? undefined : Number(fromNs - header.firstEndNs);
  const until = untilNs === undefined ? undefined : Number(untilNs - header.firstEndNs);
  const inside =
    (fromNs === undefined || header.leastNs >= fromNs) &&
    (untilNs === undefined || header.greatestNs < untilNs);
  if (!inside && count > 0) {
    const times = segment.times();
    const [first, last] = [from ?? Number.NEGATIVE_INFINITY, until ?? Number.POSITIVE_INFINITY];
    keep((row) => (times[row] as number) >= first && (times[row] as number) < last);
  }
  if ((filter.class !== undefined || filter.halves !== undefined) && count > 0) {
    const wanted = new Uint8Array(256);
    for (let kind = 0; kind < 256; kind++) {
      const right = filter.class === undefined || PAIR_CLASSES.indexOf(filter.class) === ((kind >> 2) & 1);
      const half = HALVES[kind & 3];
      if (right && (filter.halves === undefined || (half !== undefined && filter.halves.includes(half))))
        wanted[kind] = 1;
    }
    const all = segment.columns.constant("kind");
    if (all === undefined) {
      const kinds = segment.columns.numbers("kind", rows);
      keep((row) => wanted[(kinds[row] as number) & 0xff] === 1);
    } else if (wanted[all & 0xff] !== 1) count = 0;
  }
  if (filter.outcomes !== undefined && count > 0) keepOutcomes(segment, filter.outcomes, keep);
  return found.slice(0, count);
}

function keepOutcomes(
  segment: Segment,
  outcomes: readonly AaaaOutcome[],
  keep: (test: (row: number) => boolean) => void,
): void {
  const { columns } = segment;
  const wanted = new Uint8Array(256);
  for (const outcome of outcomes) wanted[AAAA_OUTCOMES.indexOf(outcome)] = 1;
  const replies = segment.replies();
  const questions = segment.questions();
  const ofReply = columns.numbers("replyOutcome", columns.count("replyFlags"));
  const types = columns.numbers("questionType", columns.count("questionName"));
  const unanswered = wanted[AAAA_OUTCOMES.indexOf("unanswered")] === 1;
  const none = wanted[AAAA_OUTCOMES.indexOf("none")] === 1;
  keep((row) => {
    const reply = replies[row] as number;
    if (reply >= 0) return wanted[(ofReply[reply] as number) & 0xff] === 1;
    return types[questions[row] as number] === TYPE.AAAA ? unanswered : none;
  });
}

/** 1 for each client that is wanted; undefined where all are. */
function wantedClients(segment: Segment, { client }: PairFilter): Uint8Array | "none" | undefined {
  if (client === undefined) return undefined;
  const starts = segment.dictionary("clientLengths", "clientOctets");
  const octets = segment.columns.octets("clientOctets");
  const wanted = new Uint8Array(starts.length - 1);
  const whole = client.length >> 3;
  const mask = (0xff00 >> (client.length & 7)) & 0xff;
  let count = 0;
  next: for (let id = 0; id < wanted.length; id++) {
    const from = starts[id] as number;
    if ((starts[id + 1] as number) - from !== client.address.length) continue;
    for (let i = 0; i < whole; i++) if (octets[from + i] !== client.address[i]) continue next;
    if ((((octets[from + whole] ?? 0) ^ (client.address[whole] ?? 0)) & mask) !== 0 && mask !== 0) continue;
    wanted[id] = 1;
    count++;
  }
  if (count === 0) return "none";
  return count === wanted.length ? undefined : wanted;
}

/** 1 for each question whose name and type are wanted. */
function wantedQuestions(segment: Segment, filter: PairFilter): Uint8Array | "none" | undefined {
  const { name, below, types } = filter;
  if (name === undefined && below === undefined && types === undefined) return undefined;
  const wantedName =
    name === undefined && below === undefined ? undefined : wantedNames(segment, name, below);
  if (wantedName === "none") return "none";
  const names = segment.questionNames();
  const ofType = segment.columns.numbers("questionType", names.length);
  const wanted = new Uint8Array(names.length);
  let some = false;
  for (let id = 0; id < wanted.length; id++) {
    if (wantedName !== undefined && wantedName[names[id] as number] === 0) continue;
    if (types !== undefined && !types.includes(ofType[id] as number)) continue;
    wanted[id] = 1;
    some = true;
  }
  return some ? wanted : "none";
}

function wantedNames(
  segment: Segment,
  name: Uint8Array | undefined,
  below: Uint8Array | undefined,
): Uint8Array | "none" {
  const starts = segment.dictionary("nameLengths", "nameOctets");
  const octets = segment.columns.octets("nameOctets");
  const wanted = new Uint8Array(starts.length - 1);
  const suffix = name ?? below ?? new Uint8Array();
  let some = false;
  next: for (let id = 0; id < wanted.length; id++) {
    const from = starts[id] as number;
    const end = starts[id + 1] as number;
    if (name === undefined ? end - from < suffix.length : end - from !== suffix.length) continue;
    for (let i = suffix.length - 1, at = end - 1; i >= 0; i--, at--)
      if (octets[at] !== suffix[i]) continue next;
    if (below !== undefined && !isBelow(octets.subarray(from, end), below)) continue;
    wanted[id] = 1;
    some = true;
  }
  return some ? wanted : "none";
}
