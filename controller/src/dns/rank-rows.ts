import { AAAA_RESULTS, TYPE } from "@vsix/shared/dns/model.ts";
import { OUTCOME } from "@vsix/shared/dns/row.ts";
import { cellFacts } from "@vsix/shared/dns/row-cells.ts";
import { valueReader } from "@vsix/shared/dns/row-select.ts";
import type { Segment } from "@vsix/shared/dns/segment.ts";
import type { SegmentDigest } from "@vsix/shared/dns/segment-digest.ts";
import { DnsSegmentError } from "@vsix/shared/dns/segment-error.ts";
import { outcomeReader } from "./count.ts";

/** What rows are ranked by. */
export type RankedKind = "name" | "client";

/** Of a key: all, and by what; the order of TALLIED. */
export const TALLIED = ["pairs", "a", "aaaa", "https", ...AAAA_RESULTS] as const;
/** Counts of a key. */
export const WIDTH: number = TALLIED.length;
export const FIRST_OUTCOME = 4;
const TYPE_CELL: ReadonlyMap<number, number> = new Map([
  [TYPE.A, 1],
  [TYPE.AAAA, 2],
  [TYPE.HTTPS, 3],
]);

/** WIDTH counts for each name, or client, of the segment's dictionary, into zeros. Throws DnsSegmentError. */
export function countByKey(
  kind: RankedKind,
  segment: Segment,
  rows: Uint32Array,
  counts: Uint32Array,
  digest: SegmentDigest | undefined,
): void {
  if (digest !== undefined) countByCells(segment, rows, counts, kind, digest);
  else if (kind === "name") countByName(segment, rows, counts);
  else countByClient(segment, rows, counts);
}

function countByCells(
  segment: Segment,
  rows: Uint32Array,
  counts: Uint32Array,
  kind: RankedKind,
  digest: SegmentDigest,
): void {
  const { columns, rows: all } = segment;
  const cells = digest.cells();
  const outcomes = Uint8Array.from(cells.facts, (_, cell) => cellFacts(cells, cell).outcome);
  const types = Uint8Array.from(cells.types, (type) => TYPE_CELL.get(type) ?? 0);
  const cellOf = valueReader(digest.columns(), "cells", all);
  const keyOf = valueReader(columns, kind === "client" ? "client" : "question", all);
  const names = kind === "client" ? undefined : segment.questionNames();
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const cell = cellOf(row);
    const key = names === undefined ? keyOf(row) : (names[keyOf(row)] as number);
    const at = key * WIDTH;
    if (!(at < counts.length)) throw new DnsSegmentError("bad-index", `${kind} ${key} of a row`);
    counts[at] = (counts[at] as number) + 1;
    const type = types[cell] as number;
    if (type !== 0) counts[at + type] = (counts[at + type] as number) + 1;
    const outcome = outcomes[cell] as number;
    if (outcome === OUTCOME.none) continue;
    const place = at + FIRST_OUTCOME + outcome - 1;
    counts[place] = (counts[place] as number) + 1;
  }
}

function countByName(segment: Segment, rows: Uint32Array, counts: Uint32Array): void {
  const { columns } = segment;
  const questions = segment.questions();
  const names = segment.questionNames();
  const types = columns.numbers("questionType", names.length);
  const replies = segment.replies();
  const ofReply = columns.numbers("replyOutcome", columns.count("replyFlags"));
  // Rows into two small lists, one by question and one by reply, and those into the counts of names: what is small stays near.
  const asked = new Uint32Array(names.length);
  const silent = new Uint32Array(names.length);
  const replied = new Uint32Array(ofReply.length);
  const questionOf = new Int32Array(ofReply.length).fill(-1);
  const became = (question: number, outcome: number, count: number): void => {
    if (outcome === OUTCOME.none || outcome > OUTCOME.other) return;
    const at = (names[question] as number) * WIDTH + FIRST_OUTCOME + outcome - 1;
    counts[at] = (counts[at] as number) + count;
  };
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const question = questions[row] as number;
    asked[question] = (asked[question] as number) + 1;
    const reply = replies[row] as number;
    if (reply < 0) silent[question] = (silent[question] as number) + 1;
    else {
      if (questionOf[reply] === -1) questionOf[reply] = question;
      // One reply to two questions is rare.
      if (questionOf[reply] === question) replied[reply] = (replied[reply] as number) + 1;
      else became(question, ofReply[reply] as number, 1);
    }
  }
  for (let question = 0; question < names.length; question++) {
    const count = asked[question] as number;
    if (count === 0) continue;
    const at = (names[question] as number) * WIDTH;
    counts[at] = (counts[at] as number) + count;
    const type = types[question] as number;
    const cell = TYPE_CELL.get(type) ?? 0;
    if (cell !== 0) counts[at + cell] = (counts[at + cell] as number) + count;
    if (type === TYPE.AAAA) became(question, OUTCOME.unanswered, silent[question] as number);
  }
  for (let reply = 0; reply < replied.length; reply++)
    if ((replied[reply] as number) > 0)
      became(questionOf[reply] as number, ofReply[reply] as number, replied[reply] as number);
}

function countByClient(segment: Segment, rows: Uint32Array, counts: Uint32Array): void {
  const { columns } = segment;
  const clients = segment.clients();
  const questions = segment.questions();
  const types = columns.numbers("questionType", columns.count("questionName"));
  const cells = Uint8Array.from(types, (type) => TYPE_CELL.get(type) ?? 0);
  const outcomeOf = outcomeReader(segment);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const at = (clients[row] as number) * WIDTH;
    counts[at] = (counts[at] as number) + 1;
    const cell = cells[questions[row] as number] as number;
    if (cell !== 0) counts[at + cell] = (counts[at + cell] as number) + 1;
    const outcome = outcomeOf(row);
    if (outcome !== OUTCOME.none && outcome <= OUTCOME.other) {
      const place = at + FIRST_OUTCOME + outcome - 1;
      counts[place] = (counts[place] as number) + 1;
    }
  }
}
