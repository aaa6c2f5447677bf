import { randomInt } from "node:crypto";
import type { Database } from "./database.ts";
import { type ExportFormat, Exports } from "./exports.ts";
import { viewOf } from "./pair-view.ts";
import type { OutcomesAnswer, PairView, TailAnswer, TopAnswer, TopQuestion, Where } from "./questions.ts";
import { RankedHours } from "./ranked-hours.ts";
import { ReadRollups } from "./read-rollups.ts";
import { scan } from "./scan.ts";
import { SegmentSource } from "./segment-source.ts";
import { topOf } from "./top.ts";

export interface OutcomesQuestion {
  readonly where: Where;
}

export interface TailQuestion {
  readonly where: Where;
  readonly limit: number;
  /** What an earlier answer gave: only segments that came since. */
  readonly cursor?: number;
}

export interface ExportQuestion {
  readonly where: Where;
  readonly format: ExportFormat;
}

/** What may be asked of the thread that reads. */
export interface ReaderRequests {
  readonly outcomes: (question: OutcomesQuestion) => OutcomesAnswer;
  readonly top: (question: TopQuestion) => TopAnswer;
  readonly tail: (question: TailQuestion) => TailAnswer;
  readonly exportBegin: (question: ExportQuestion) => number;
  readonly exportNext: (number: number) => Uint8Array<ArrayBuffer> | null;
  readonly exportEnd: (number: number) => void;
}

export class ReaderDesk {
  readonly requests: ReaderRequests;
  readonly #source: SegmentSource;
  readonly #rollups: ReadRollups;

  constructor(db: Database) {
    this.#source = new SegmentSource(db);
    this.#rollups = new ReadRollups(db);
    const sources = {
      source: this.#source,
      hours: new RankedHours(db),
      rollups: this.#rollups,
      seed: randomInt(2 ** 32),
    };
    const exports = new Exports(this.#source);
    // One view of the file for one answer: segments may be put together, or pruned, while it is made.
    const whole = <Question, Answer>(ask: (question: Question) => Answer) => db.transaction(ask);
    this.requests = {
      outcomes: whole((question: OutcomesQuestion) => this.#outcomes(question)),
      top: whole((question: TopQuestion) => topOf(question, sources)),
      tail: whole((question: TailQuestion) => this.#tail(question)),
      exportBegin: ({ where, format }) => exports.begin(where, format),
      exportNext: whole((number: number) => exports.next(number)),
      exportEnd: (number) => exports.end(number),
    };
  }

  #outcomes({ where }: OutcomesQuestion): OutcomesAnswer {
    return this.#rollups.outcomes(where, this.#source);
  }

  #tail({ where, limit, cursor }: TailQuestion): TailAnswer {
    const pairs: PairView[] = [];
    let newest = cursor ?? 0;
    const wanted = { marked: true, newestFirst: true };
    const scanned = scan(this.#source, where, wanted, (segment, rows, stored) => {
      newest = Math.max(newest, stored.id);
      if (cursor !== undefined && (stored.id <= cursor || stored.merged)) return undefined;
      for (const row of rows.slice(-limit)) pairs.push(viewOf(segment, row, stored));
      return cursor !== undefined || pairs.length < limit * 4;
    });
    pairs.sort((a, b) => a.timeMs - b.timeMs);
    return { pairs: pairs.slice(-limit), cursor: newest, scanned };
  }
}
