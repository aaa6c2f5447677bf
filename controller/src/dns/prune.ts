import type { Database } from "./database.ts";
import type { RetentionByLevel } from "./messages.ts";
import { RankedHours } from "./ranked-hours.ts";
import { SegmentParts } from "./segment-parts.ts";

/** Segments that one look removes at most. */
const AT_ONCE = 64;
const DAY_MS = 86_400_000;
/** Octets that a row of a roll-up takes besides its body, as measured: keys and the tree. */
const ROW_OCTETS = 60;

/** Octets that a segment takes besides its own: its rows and its places in indexes, as measured; so their number is bounded too. */
export const SEGMENT_OCTETS = 400;

/** Removes what is too old or too much. What is counted goes on being there when what it was counted from is gone. */
export class Pruner {
  readonly #db: Database;
  readonly #parts: SegmentParts;
  readonly #hours: RankedHours;

  constructor(db: Database) {
    this.#db = db;
    this.#parts = new SegmentParts(db);
    this.#hours = new RankedHours(db);
  }

  /** Segments that were removed. Nothing is removed that nobody has counted, unless the disk's bound asks for it. */
  prune(nowMs: number, retention: RetentionByLevel): number {
    const old = this.#old(nowMs - retention.pairs.days * DAY_MS);
    const removed = old.length > 0 ? old : this.#surplus(retention.pairs.octets);
    this.#db.transaction(() => {
      const remove = this.#db.prepare(
        "DELETE FROM segment WHERE id = ? RETURNING first_us AS firstUs, last_us AS lastUs",
      );
      for (const id of removed) {
        this.#parts.remove(id);
        const { firstUs, lastUs } = remove.get(id) as { firstUs: number; lastUs: number };
        this.#hours.forget(firstUs, lastUs);
      }
    })();
    if (removed.length === 0) {
      this.#levels(nowMs, "minute", retention.minutes);
      this.#levels(nowMs, "hour", retention.hours);
      this.#levels(nowMs, "day", retention.dayRollups);
    }
    this.#db.pragma("incremental_vacuum(2000)");
    return removed.length;
  }

  /** By when they came: a node's clock may be anywhere. */
  #old(beforeMs: number): number[] {
    const rows = this.#db
      .prepare(`SELECT id FROM segment WHERE stored_ms < ? ORDER BY stored_ms, id LIMIT ${AT_ONCE}`)
      .all(beforeMs) as { id: number }[];
    return rows.map(({ id }) => id);
  }

  /** The oldest of the node that has most: one node's flood takes its own past, not that of others. */
  #surplus(maxOctets: number): number[] {
    const nodes = this.#db
      .prepare(
        `SELECT node, SUM(octets + digest + ${SEGMENT_OCTETS}) AS octets FROM segment GROUP BY node ORDER BY 2 DESC`,
      )
      .all() as { node: string; octets: number }[];
    const ranked = this.#db.prepare("SELECT COALESCE(SUM(LENGTH(body)), 0) FROM ranked_hour").pluck().get();
    let surplus = nodes.reduce((sum, { octets }) => sum + octets, Number(ranked)) - maxOctets;
    const [most, next] = nodes;
    if (surplus <= 0 || most === undefined) return [];
    // Not below the next one: then both give.
    surplus = Math.min(surplus, Math.max(1, most.octets - (next?.octets ?? 0)));
    const removed: number[] = [];
    const rows = this.#db
      .prepare(
        `SELECT id, octets + digest AS octets FROM segment WHERE node = ? ORDER BY stored_ms, id LIMIT ${AT_ONCE}`,
      )
      .all(most.node) as { id: number; octets: number }[];
    for (const { id, octets } of rows) {
      if (surplus <= 0) break;
      removed.push(id);
      surplus -= octets + SEGMENT_OCTETS;
    }
    return removed;
  }

  #levels(
    nowMs: number,
    level: string,
    { days, octets }: { readonly days: number; readonly octets: number },
  ): void {
    const beforeS = Math.floor((nowMs - days * DAY_MS) / 1000);
    for (const table of ["rollup", "ranked"]) {
      this.#db.prepare(`DELETE FROM ${table} WHERE level = ? AND start_s < ?`).run(level, beforeS);
      const size = (): number =>
        Number(
          this.#db
            .prepare(
              `SELECT COALESCE(SUM(LENGTH(body) + LENGTH(key) + ${ROW_OCTETS}), 0) FROM ${table} WHERE level = ?`,
            )
            .pluck()
            .get(level),
        );
      if (size() <= octets) continue;
      // A tenth of what there is, the oldest: not a look at every row for each that goes.
      this.#db
        .prepare(
          `DELETE FROM ${table} WHERE level = @level AND start_s <=
             (SELECT MIN(start_s) + (MAX(start_s) - MIN(start_s)) / 10 FROM ${table} WHERE level = @level)`,
        )
        .run({ level });
    }
  }
}
