import type { Database } from "./database.ts";
import type { DnsGap } from "./messages.ts";
import type { OutcomesAnswer, Where } from "./questions.ts";
import type { RankedKind } from "./rank-rows.ts";
import { countPairs } from "./scan.ts";
import type { SegmentSource } from "./segment-source.ts";
import { addUp, type Tally } from "./tallies.ts";

const LEVELS = [
  { level: "minute", name: "minutes", stepS: 60, most: 12 * 60 },
  { level: "hour", name: "hours", stepS: 3_600, most: 31 * 24 },
  { level: "day", name: "days", stepS: 86_400, most: Number.POSITIVE_INFINITY },
] as const;

interface Row {
  readonly startS: number;
  readonly kind: string;
  readonly key: string;
  readonly body: string;
}

/** Answers from what is counted already. */
export class ReadRollups {
  readonly #rows;
  readonly #ranked;
  readonly #gaps;
  readonly #oldestPair;

  constructor(db: Database) {
    this.#rows = db.prepare(
      "SELECT start_s AS startS, kind, key, body FROM rollup WHERE level = ? AND start_s >= ? AND start_s < ? ORDER BY start_s",
    );
    this.#ranked = db.prepare(
      "SELECT key, body FROM ranked WHERE level = ? AND start_s >= ? AND start_s < ? AND kind = ?",
    );
    this.#gaps = db.prepare(
      `SELECT node, from_us / 1000 AS fromMs, to_us / 1000 AS toMs FROM gap WHERE from_us < ? AND to_us >= ?
         ORDER BY from_us LIMIT 1000`,
    );
    this.#oldestPair = db.prepare("SELECT MIN(first_us) FROM segment").pluck();
  }

  /**
   * Counts by steps of a minute, an hour or a day, as the length of the time asks; whole steps, so the first and the last may
   * reach beyond it. What is asked of a name or a client is counted from the pairs. Throws BadQuestion.
   */
  outcomes(where: Where, source: SegmentSource): OutcomesAnswer {
    const { fromMs, untilMs, class: _, ...rest } = where;
    if (Object.values(rest).some((value) => value !== undefined)) return fromPairs(where, source);
    const spanS = (untilMs - fromMs) / 1000;
    const chosen = LEVELS.find(({ stepS, most }) => spanS / stepS <= most) ?? LEVELS[2];
    const series = new Map<number, Tally>();
    const points: Record<string, Tally> = {};
    const capture: Record<string, Tally> = {};
    const total: Tally = {};
    for (const { startS, kind, key, body } of this.#filled(chosen, fromMs, untilMs)) {
      const tally = JSON.parse(body) as Tally;
      if (kind === "capture") capture[key] = addUp(capture[key] ?? {}, tally);
      else if (key !== "") points[key] = addUp(points[key] ?? {}, tally);
      else {
        addUp(total, tally);
        const step = startS - (startS % chosen.stepS);
        series.set(step, addUp(series.get(step) ?? {}, tally));
      }
    }
    return {
      total,
      stepS: chosen.stepS,
      series: [...series].map(([startS, tally]) => ({ startMs: startS * 1000, tally })),
      points,
      capture,
      gaps: this.#gaps.all(untilMs * 1000, fromMs * 1000) as DnsGap[],
      source: chosen.name,
    };
  }

  /** Rows of a level; where its newest steps are not summed up yet, the minutes of them. */
  #filled(chosen: (typeof LEVELS)[number], fromMs: number, untilMs: number): readonly Row[] {
    const { level, stepS } = chosen;
    const fromS = Math.floor(fromMs / 1000 / stepS) * stepS;
    const untilS = Math.ceil(untilMs / 1000);
    const rows = this.#rows.all(level, fromS, untilS) as Row[];
    if (level === "minute") return rows;
    const below = level === "day" ? LEVELS[1] : LEVELS[0];
    const summed = (rows.at(-1)?.startS ?? fromS - stepS) + stepS;
    const [from, until] = [Math.max(summed, fromS) * 1000, untilMs];
    return from >= until ? rows : [...rows, ...this.#filled(below, from, until)];
  }

  /** Of the part of the time whose pairs are gone: what is kept of its hours, or days; undefined where no pair is gone. */
  rankedBefore(
    where: Where,
    kind: RankedKind,
  ): { readonly source: "hours" | "days"; readonly rows: { key: string; tally: Tally }[] } | undefined {
    const { fromMs, untilMs, ...rest } = where;
    const oldestUs = this.#oldestPair.get() as number | null;
    const pairsFromMs = oldestUs === null ? untilMs : oldestUs / 1000;
    if (fromMs >= pairsFromMs || Object.values(rest).some((value) => value !== undefined)) return undefined;
    for (const { level, name, stepS } of LEVELS.slice(1)) {
      const fromS = Math.floor(fromMs / 1000 / stepS) * stepS;
      // An hour of which some pairs are there is counted from those: never twice.
      const untilS = Math.floor(Math.min(untilMs, pairsFromMs) / 1000 / stepS) * stepS;
      const rows = this.#ranked.all(level, fromS, untilS, kind) as { key: string; body: string }[];
      if (rows.length > 0 && name !== "minutes")
        return {
          source: name,
          rows: rows.map(({ key, body }) => ({ key, tally: JSON.parse(body) as Tally })),
        };
    }
    return undefined;
  }
}

function fromPairs(where: Where, source: SegmentSource): OutcomesAnswer {
  const total: Tally = {};
  countPairs(source, where, total);
  return { total, stepS: 0, series: [], points: {}, capture: {}, gaps: [], source: "pairs" };
}
