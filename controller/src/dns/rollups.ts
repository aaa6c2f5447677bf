import { randomInt } from "node:crypto";
import { DnsSegmentError } from "@vsix/shared/dns/segment-error.ts";
import type { Database } from "./database.ts";
import { learnAddresses } from "./learn-addresses.ts";
import { countSpan, rowsWithin, timesUsOf } from "./minute.ts";
import type { RankedKind } from "./rank-rows.ts";
import { RankedHours } from "./ranked-hours.ts";
import { Ranking } from "./ranking.ts";
import { Scratch } from "./segment-parts.ts";
import { isMarked, SegmentSource } from "./segment-source.ts";
import { addUp, putRollup, type Tally } from "./tallies.ts";

/** So long nothing may have come for a minute before it is counted: other nodes' halves are on their way. */
const SETTLE_MS = 20_000;
/** Names and clients that are kept of an hour or a day, and are kept by themselves of those that lack AAAA. */
const KEEP_RANKED = 1_000;
const HOUR_S = 3_600;
const DAY_S = 86_400;

export interface RollupWork {
  readonly minutes: number;
  readonly hours: number;
  /** Something is due still. */
  readonly more: boolean;
  /** Native IPv6 addresses that answers of minutes counted for the first time held, and how often. */
  readonly addresses: readonly (readonly [address: string, weight: number])[];
  /** Segments that could not be read although they were checked. */
  readonly faults: readonly string[];
}

/** Counts minutes that have changed, then hours and days from them. Whatever comes late is counted by counting anew. */
export class Rollups {
  readonly #seed = randomInt(2 ** 32);
  readonly #db: Database;
  readonly #source: SegmentSource;
  readonly #hours: RankedHours;
  readonly #nextDirty;
  readonly #clean;
  readonly #dirtyHour;
  readonly #remove;
  readonly #mark;

  constructor(db: Database) {
    this.#db = db;
    this.#source = new SegmentSource(db);
    this.#hours = new RankedHours(db);
    this.#nextDirty = db.prepare(
      `SELECT start_s AS startS, since_ms AS sinceMs FROM dirty
       WHERE level = ? AND since_ms <= ? AND start_s < ? ORDER BY start_s DESC LIMIT 1`,
    );
    this.#clean = db.prepare("DELETE FROM dirty WHERE level = ? AND start_s = ? AND since_ms = ?");
    this.#dirtyHour = db.prepare(
      `INSERT INTO dirty (level, start_s, since_ms) VALUES ('hour', ?, ?)
       ON CONFLICT (level, start_s) DO UPDATE SET since_ms = excluded.since_ms`,
    );
    this.#remove = db.prepare("DELETE FROM rollup WHERE level = ? AND start_s = ? AND kind = ?");
    this.#mark = db.prepare("UPDATE segment SET marks = ? WHERE id = ?");
  }

  /** Works for about so long, and at least one step. */
  work(nowMs: number, budgetMs: number, learn: boolean): RollupWork {
    const untilMs = performance.now() + budgetMs;
    const addresses = new Map<string, number>();
    const faults: string[] = [];
    let minutes = 0;
    let hours = 0;
    let more = true;
    do {
      try {
        const done = this.#step(nowMs, learn ? addresses : undefined);
        if (done === "minute") minutes++;
        else if (done === "hour") hours++;
        else more = false;
      } catch (error) {
        if (!(error instanceof DnsSegmentError)) throw error;
        faults.push(error.message);
        more = false;
      }
    } while (more && performance.now() < untilMs);
    return { minutes, hours, more, addresses: [...addresses], faults };
  }

  #step(nowMs: number, addresses: Map<string, number> | undefined): "minute" | "hour" | "nothing" {
    const settled = nowMs - SETTLE_MS;
    const minute = this.#nextDirty.get("minute", settled, Number.MAX_SAFE_INTEGER) as Dirty | undefined;
    if (minute !== undefined) {
      this.#minute(minute, nowMs, addresses);
      return "minute";
    }
    // An hour that is not over is counted once it is, or when its data are old.
    const over = Math.floor(settled / 1000) - HOUR_S;
    const hour = this.#nextDirty.get("hour", settled, over) as Dirty | undefined;
    if (hour === undefined) return "nothing";
    this.#hour(hour);
    return "hour";
  }

  #minute({ startS, sinceMs }: Dirty, nowMs: number, addresses: Map<string, number> | undefined): void {
    const [fromUs, untilUs] = [startS * 1e6, (startS + 60) * 1e6];
    const before = this.#db
      .prepare("SELECT 1 FROM rollup WHERE level = 'minute' AND start_s = ? AND kind = 'pairs'")
      .get(startS);
    const { all, points, marks, rows } = countSpan(this.#source, fromUs, untilUs);
    if (addresses !== undefined && before === undefined && rows > 0)
      learnAddresses(this.#source, fromUs, untilUs, addresses);
    this.#db.transaction(() => {
      for (const [segment, bits] of marks)
        this.#mark.run(bits.some((octet) => octet !== 0) ? bits : null, segment);
      // Raw pairs that have been pruned cannot be counted anew: what was counted of them stays.
      if (rows > 0) {
        this.#remove.run("minute", startS, "pairs");
        putRollup(this.#db, "minute", startS, "pairs", "", JSON.stringify(all));
        for (const [point, tally] of points)
          putRollup(this.#db, "minute", startS, "pairs", point, JSON.stringify(tally));
      }
      this.#clean.run("minute", startS, sinceMs);
      this.#dirtyHour.run(startS - (startS % HOUR_S), nowMs - SETTLE_MS);
    })();
  }

  #hour({ startS, sinceMs }: Dirty): void {
    const day = startS - (startS % DAY_S);
    const rankings = this.#rank(startS * 1e6, (startS + HOUR_S) * 1e6);
    this.#db.transaction(() => {
      this.#sumUp("minute", "hour", startS, startS + HOUR_S);
      this.#sumUp("hour", "day", day, day + DAY_S);
      this.#hours.forget(startS * 1e6, startS * 1e6);
      for (const [kind, ranking] of rankings) {
        if (ranking.size > 0) this.#putRanking("hour", startS, kind, ranking);
        this.#hours.put(startS, kind, ranking);
        this.#rankDay(day, kind);
      }
      this.#clean.run("hour", startS, sinceMs);
    })();
  }

  #sumUp(from: string, to: string, startS: number, endS: number): void {
    const rows = this.#db
      .prepare("SELECT kind, key, body FROM rollup WHERE level = ? AND start_s >= ? AND start_s < ?")
      .all(from, startS, endS) as { kind: string; key: string; body: string }[];
    const sums = new Map<string, { kind: string; key: string; tally: Tally }>();
    for (const { kind, key, body } of rows) {
      const id = `${kind} ${key}`;
      const sum = sums.get(id) ?? { kind, key, tally: {} };
      addUp(sum.tally, JSON.parse(body) as Tally);
      sums.set(id, sum);
    }
    for (const { kind, key, tally } of sums.values())
      putRollup(this.#db, to, startS, kind, key, JSON.stringify(tally));
  }

  /** What users asked for, and who; resolvers' own questions are none of it. */
  #rank(fromUs: number, untilUs: number): ReadonlyMap<RankedKind, Ranking> {
    const rankings = new Map<RankedKind, Ranking>([
      ["name", new Ranking("name", this.#seed)],
      ["client", new Ranking("client", this.#seed)],
    ]);
    const scratch = new Scratch();
    for (const stored of this.#source.within(fromUs, untilUs)) {
      const segment = this.#source.open(stored, scratch);
      if (segment === undefined) continue;
      const kinds = segment.columns.numbers("kind", segment.rows);
      const rows = rowsWithin(timesUsOf(segment), fromUs, untilUs).filter(
        (row) => (((kinds[row] as number) >> 2) & 1) === 0 && !isMarked(stored.marks, row),
      );
      for (const ranking of rankings.values()) ranking.add(segment, rows);
    }
    return rankings;
  }

  #rankDay(day: number, kind: RankedKind): void {
    const rows = this.#db
      .prepare(
        "SELECT key, body FROM ranked WHERE level = 'hour' AND start_s >= ? AND start_s < ? AND kind = ?",
      )
      .all(day, day + DAY_S, kind) as { key: string; body: string }[];
    const ranking = new Ranking(kind, this.#seed);
    for (const { key, body } of rows) ranking.addTally(key, JSON.parse(body) as Tally);
    if (ranking.size > 0) this.#putRanking("day", day, kind, ranking);
  }

  #putRanking(level: string, startS: number, kind: RankedKind, ranking: Ranking): void {
    this.#db
      .prepare("DELETE FROM ranked WHERE level = ? AND start_s = ? AND kind = ?")
      .run(level, startS, kind);
    const insert = this.#db.prepare(
      "INSERT OR REPLACE INTO ranked (level, start_s, kind, key, body) VALUES (?, ?, ?, ?, ?)",
    );
    const kept = [
      ...ranking.top(KEEP_RANKED, "all").rows,
      ...(kind === "name" ? ranking.top(KEEP_RANKED, "ipv4").rows : []),
    ];
    for (const { key, tally } of kept) insert.run(level, startS, kind, key, JSON.stringify(tally));
  }
}

interface Dirty {
  readonly startS: number;
  readonly sinceMs: number;
}
