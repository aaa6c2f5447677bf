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
import { OUTCOME } from "./row.ts";
import { cellFacts } from "./row-cells.ts";
import { type RowTest, selectRows, valueReader } from "./row-select.ts";
import type { Segment } from "./segment.ts";
import type { SegmentColumns } from "./segment-columns.ts";
import type { SegmentDigest } from "./segment-digest.ts";
import { DnsSegmentError } from "./segment-error.ts";
import type { SegmentHeader } from "./segment-header.ts";
import type { ColumnName } from "./segment-layout.ts";

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
 * Rows that match, in their order. Dictionaries are probed first: a segment without the name or the client ends there. With its
 * digest most columns are not opened.
 * @throws DnsSegmentError
 */
export function matchRows(segment: Segment, filter: PairFilter, digest?: SegmentDigest): Uint32Array {
  const { rows } = segment;
  const tests = mayMatch(segment.header, filter) ? testsOf(segment, filter, digest) : undefined;
  if (tests === undefined) return new Uint32Array();
  let found = selectRows(rows, tests);
  if (!isInside(segment.header, filter) && found.length > 0) found = keepTimes(segment, filter, found);
  // Replies are told by those before them: not to be looked up one by one.
  if (digest === undefined && filter.outcomes !== undefined && found.length > 0)
    found = keepOutcomes(segment, filter.outcomes, found);
  return found.slice();
}

/**
 * By cell, how many rows match, where that needs none of them looked at: all of a segment's cells, or those of some outcomes, types,
 * classes and halves. Undefined where it does.
 * @throws DnsSegmentError
 */
export function matchCells(
  { header }: Segment,
  filter: PairFilter,
  digest: SegmentDigest,
): Uint32Array | undefined {
  if (filter.name !== undefined || filter.below !== undefined || filter.client !== undefined)
    return undefined;
  if (!isInside(header, filter)) return undefined;
  const { rows } = digest.cells();
  const wanted = wantedCells(digest, filter);
  return wanted === undefined ? rows : rows.map((count, cell) => (wanted[cell] === 1 ? count : 0));
}

/** Undefined where no row can match. */
function testsOf(segment: Segment, filter: PairFilter, digest?: SegmentDigest): RowTest[] | undefined {
  const { columns } = segment;
  const tests: RowTest[] = [];
  const add = (of: SegmentColumns, name: ColumnName, wanted: Uint8Array | undefined): boolean => {
    if (wanted === undefined) return true;
    let some = 0;
    for (let id = 0; id < wanted.length; id++) some += wanted[id] as number;
    if (some < wanted.length) tests.push({ columns: of, name, wanted, share: some / wanted.length });
    return some > 0;
  };
  if (digest !== undefined) {
    const wanted = wantedCells(digest, filter);
    if (wanted !== undefined) {
      const counts = digest.cells().rows;
      const some = counts.reduce((sum, count, cell) => sum + (wanted[cell] === 1 ? count : 0), 0);
      if (some === 0) return undefined;
      if (some < segment.rows)
        tests.push({ columns: digest.columns(), name: "cells", wanted, share: some / segment.rows });
    }
  }
  if (!add(columns, "client", wantedClients(segment, filter))) return undefined;
  if (!add(columns, "question", wantedQuestions(segment, filter, digest))) return undefined;
  if (digest === undefined && !add(columns, "kind", wantedKinds(segment, filter))) return undefined;
  return tests;
}

/** Whether all of a segment lies in the time that is wanted. */
function isInside({ leastNs, greatestNs }: SegmentHeader, { fromNs, untilNs }: PairFilter): boolean {
  return (fromNs === undefined || leastNs >= fromNs) && (untilNs === undefined || greatestNs < untilNs);
}

function keepTimes(segment: Segment, { fromNs, untilNs }: PairFilter, rows: Uint32Array): Uint32Array {
  const { firstEndNs } = segment.header;
  const from = fromNs === undefined ? Number.NEGATIVE_INFINITY : Number(fromNs - firstEndNs);
  const until = untilNs === undefined ? Number.POSITIVE_INFINITY : Number(untilNs - firstEndNs);
  const times = segment.times();
  return rows.filter((row) => (times[row] as number) >= from && (times[row] as number) < until);
}

function keepOutcomes(segment: Segment, outcomes: readonly AaaaOutcome[], rows: Uint32Array): Uint32Array {
  const { columns } = segment;
  const wanted = new Uint8Array(256);
  for (const outcome of outcomes) wanted[AAAA_OUTCOMES.indexOf(outcome)] = 1;
  const replies = segment.replies();
  const questions = segment.questions();
  const ofReply = columns.numbers("replyOutcome", columns.count("replyFlags"));
  const types = columns.numbers("questionType", columns.count("questionName"));
  return rows.filter((row) => {
    const reply = replies[row] as number;
    if (reply >= 0) return wanted[(ofReply[reply] as number) & 0xff] === 1;
    const outcome = types[questions[row] as number] === TYPE.AAAA ? OUTCOME.unanswered : OUTCOME.none;
    return wanted[outcome] === 1;
  });
}

/** 1 for each kind that is wanted; undefined where all are. */
function wantedKinds(segment: Segment, filter: PairFilter): Uint8Array | undefined {
  if (filter.class === undefined && filter.halves === undefined) return undefined;
  const wanted = Uint8Array.from({ length: 256 }, (_, kind) => (isKind(kind, filter) ? 1 : 0));
  const all = segment.columns.constant("kind");
  if (all === undefined) return wanted;
  return Uint8Array.of(wanted[all] ?? 0);
}

function isKind(kind: number, filter: PairFilter): boolean {
  const half = HALVES[kind & 3];
  if (filter.class !== undefined && PAIR_CLASSES.indexOf(filter.class) !== ((kind >> 2) & 1)) return false;
  return filter.halves === undefined || (half !== undefined && filter.halves.includes(half));
}

/** 1 for each cell that is wanted; undefined where all are. */
function wantedCells(digest: SegmentDigest, filter: PairFilter): Uint8Array | undefined {
  const { outcomes, types, class: of, halves } = filter;
  if (outcomes === undefined && types === undefined && of === undefined && halves === undefined)
    return undefined;
  const cells = digest.cells();
  const wantedOutcomes = outcomes?.map((outcome) => AAAA_OUTCOMES.indexOf(outcome));
  return Uint8Array.from({ length: cells.facts.length }, (_, cell) => {
    const { kind, type, outcome } = cellFacts(cells, cell);
    if (types !== undefined && !types.includes(type)) return 0;
    if (wantedOutcomes !== undefined && !wantedOutcomes.includes(outcome)) return 0;
    return isKind(kind, filter) ? 1 : 0;
  });
}

/** 1 for each client that is wanted; undefined where all are. */
function wantedClients(segment: Segment, { client }: PairFilter): Uint8Array | undefined {
  if (client === undefined) return undefined;
  const starts = segment.dictionary("clientLengths", "clientOctets");
  const octets = segment.columns.octets("clientOctets");
  const wanted = new Uint8Array(starts.length - 1);
  const whole = client.length >> 3;
  const mask = (0xff00 >> (client.length & 7)) & 0xff;
  next: for (let id = 0; id < wanted.length; id++) {
    const from = starts[id] as number;
    if ((starts[id + 1] as number) - from !== client.address.length) continue;
    for (let i = 0; i < whole; i++) if (octets[from + i] !== client.address[i]) continue next;
    if ((((octets[from + whole] ?? 0) ^ (client.address[whole] ?? 0)) & mask) !== 0 && mask !== 0) continue;
    wanted[id] = 1;
  }
  return wanted;
}

/** 1 for each question whose name and, without cells, type are wanted; undefined where all are. */
function wantedQuestions(
  segment: Segment,
  { name, below, types }: PairFilter,
  digest: SegmentDigest | undefined,
): Uint8Array | undefined {
  const all = digest === undefined ? types : undefined;
  if (name === undefined && below === undefined && all === undefined) return undefined;
  const count = segment.columns.count("questionName");
  const wanted = new Uint8Array(count);
  const ofName =
    name === undefined && below === undefined ? undefined : wantedNames(segment, name, below, digest);
  if (ofName === "none") return wanted;
  const nameOf = ofName === undefined ? undefined : valueReader(segment.columns, "questionName", count);
  const ofType = all === undefined ? undefined : segment.columns.numbers("questionType", count);
  for (let id = 0; id < count; id++) {
    if (ofName !== undefined && nameOf !== undefined && ofName[nameOf(id)] !== 1) continue;
    if (all !== undefined && ofType !== undefined && !all.includes(ofType[id] as number)) continue;
    wanted[id] = 1;
  }
  return wanted;
}

/** 1 for each name that is wanted, of which some are. */
function wantedNames(
  segment: Segment,
  name: Uint8Array | undefined,
  below: Uint8Array | undefined,
  digest: SegmentDigest | undefined,
): Uint8Array | "none" {
  const suffix = name ?? below;
  const ids = suffix === undefined ? undefined : digest?.names(suffix, name === undefined);
  if (ids === undefined || (name !== undefined && below !== undefined)) return namesOf(segment, name, below);
  if (ids.length === 0) return "none";
  const wanted = new Uint8Array(segment.columns.count("nameLengths"));
  for (const id of ids) {
    if (id >= wanted.length) throw new DnsSegmentError("bad-index", `name ${id} of ${wanted.length}`);
    wanted[id] = 1;
  }
  return wanted;
}

function namesOf(
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
