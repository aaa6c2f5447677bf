import type { Database } from "./database.ts";
import { type ExportFormat, Exports } from "./exports.ts";
import { viewOf } from "./pair-view.ts";
import type {
  OutcomesAnswer,
  PairView,
  TailAnswer,
  TopAnswer,
  TopBy,
  TopQuestion,
  Where,
} from "./questions.ts";
import { RANK_COLUMNS, Ranking } from "./ranking.ts";
import { ReadRollups } from "./read-rollups.ts";
import { scan } from "./scan.ts";
import { ALL_COLUMNS, SegmentSource } from "./segment-source.ts";
import type { Tally } from "./tallies.ts";

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

export const WEIGHT: Readonly<Record<TopBy, (tally: Tally) => number>> = {
  all: ({ pairs = 0 }) => pairs,
  a: ({ a = 0 }) => a,
  aaaa: ({ aaaa = 0 }) => aaaa,
  ready: ({ native = 0 }) => native,
  ipv4: ({ native = 0, translated = 0, nodata = 0 }) => (native === 0 ? translated + nodata : 0),
};

export class ReaderDesk {
  readonly requests: ReaderRequests;
  readonly #source: SegmentSource;
  readonly #rollups: ReadRollups;

  constructor(db: Database) {
    this.#source = new SegmentSource(db);
    this.#rollups = new ReadRollups(db);
    const exports = new Exports(this.#source);
    this.requests = {
      outcomes: (question) => this.#outcomes(question),
      top: (question) => this.#top(question),
      tail: (question) => this.#tail(question),
      exportBegin: ({ where, format }) => exports.begin(where, format),
      exportNext: (number) => exports.next(number),
      exportEnd: (number) => exports.end(number),
    };
  }

  #outcomes({ where }: OutcomesQuestion): OutcomesAnswer {
    return this.#rollups.outcomes(where, this.#source);
  }

  #top({ where, kind, by, limit }: TopQuestion): TopAnswer {
    const ranking = new Ranking(kind);
    const counted = { class: "client" as const, ...where };
    const scanned = scan(this.#source, counted, { columns: RANK_COLUMNS[kind] }, (segment, rows) => {
      ranking.add(segment, rows);
      return undefined;
    });
    const older = this.#rollups.rankedBefore(where, kind);
    if (older !== undefined) for (const { key, tally } of older.rows) ranking.addTally(key, tally);
    const all = ranking.top(Number.MAX_SAFE_INTEGER, WEIGHT[by]);
    return {
      rows: all.slice(0, limit),
      keys: all.length,
      total: sum(all),
      source: older?.source ?? "pairs",
      inexact: ranking.inexact || older !== undefined,
      scanned,
    };
  }

  #tail({ where, limit, cursor }: TailQuestion): TailAnswer {
    const pairs: PairView[] = [];
    let newest = cursor ?? 0;
    const wanted = { columns: ALL_COLUMNS, marked: true, newestFirst: true };
    const scanned = scan(this.#source, where, wanted, (segment, rows, stored) => {
      newest = Math.max(newest, stored.id);
      if (cursor !== undefined && stored.id <= cursor) return undefined;
      for (const row of rows.slice(-limit)) pairs.push(viewOf(segment, row, stored));
      return cursor !== undefined || pairs.length < limit * 4;
    });
    pairs.sort((a, b) => a.timeMs - b.timeMs);
    return { pairs: pairs.slice(-limit), cursor: newest, scanned };
  }
}

function sum(rows: readonly { readonly tally: Tally }[]): Tally {
  const total: Tally = {};
  for (const { tally } of rows)
    for (const [name, count] of Object.entries(tally)) total[name] = (total[name] ?? 0) + count;
  return total;
}
