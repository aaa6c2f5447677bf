import { AAAA_OUTCOMES, HALVES, PAIR_CLASSES, TYPE } from "./model.ts";
import type { QuestionColumns } from "./question-columns.ts";
import type { ReplyColumns } from "./reply-columns.ts";
import { HALF, OUTCOME, type PairRow } from "./row.ts";

/** How many rows of a segment are of which kind: read without opening a column. */
export class SegmentStatistics {
  /** By class, then outcome. */
  readonly outcomes = new Uint32Array(PAIR_CLASSES.length * AAAA_OUTCOMES.length);
  readonly halves = new Uint32Array(HALVES.length);
  /** The lowest numbers are counted in place. */
  readonly #types = new Uint32Array(65_536);
  readonly #rcodes = new Uint32Array(4096);

  count(row: PairRow, questions: QuestionColumns, replies: ReplyColumns): void {
    const half = row.kind & 3;
    const type = questions.typeOf(row.question);
    let outcome: number = OUTCOME.none;
    if (half !== HALF.query) {
      outcome = replies.outcomeOf(row.reply);
      const rcode = replies.rcodeOf(row.reply) & 0xfff;
      this.#rcodes[rcode] = (this.#rcodes[rcode] as number) + 1;
    } else if (type === TYPE.AAAA) outcome = OUTCOME.unanswered;
    const cell = ((row.kind >> 2) & 1) * AAAA_OUTCOMES.length + outcome;
    this.outcomes[cell] = (this.outcomes[cell] as number) + 1;
    this.halves[half] = (this.halves[half] as number) + 1;
    this.#types[type] = (this.#types[type] as number) + 1;
  }

  /** The most frequent first. */
  types(most: number): readonly (readonly [type: number, rows: number])[] {
    return frequent(this.#types, most);
  }

  rcodes(most: number): readonly (readonly [rcode: number, rows: number])[] {
    return frequent(this.#rcodes, most);
  }

  clear(): void {
    for (const counters of [this.outcomes, this.halves, this.#types, this.#rcodes]) counters.fill(0);
  }
}

function frequent(counters: Uint32Array, most: number): [number, number][] {
  const found: [number, number][] = [];
  for (let number = 0; number < counters.length; number++) {
    if (counters[number] !== 0) found.push([number, counters[number] as number]);
  }
  return found.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, most);
}
