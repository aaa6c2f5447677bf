import { type Kysely, sql } from "kysely";
import type { Tables } from "./schema.ts";

/** Of prefixes without an application. */
const OPERATORS = "by operators";

export type PrefixMoment = "issued" | "active" | "revoked";

export interface PrefixRow {
  readonly service: string;
  readonly moment: PrefixMoment;
  readonly length: number;
  readonly count: number;
}

export interface ApplicationRow {
  readonly service: string;
  readonly made: number;
  readonly refused: number;
  readonly revoked: number;
  readonly living: number;
}

/** What a report about a span of time reads of users and what they have. Times are RFC 3339, `until` exclusive. */
export class ReportAccessReader {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** At the end, made and removed in the time, and whether there ever was one. */
  async accounts(from: string, until: string) {
    const { rows } = await sql<Record<"ever" | "all" | "fresh" | "removed", number>>`
      SELECT COUNT(*) AS ever,
        COALESCE(SUM(NOT (state = 'removed' AND since < ${until})), 0) AS "all",
        COALESCE(SUM(created_at >= ${from}), 0) AS fresh,
        COALESCE(SUM(state = 'removed' AND since >= ${from} AND since < ${until}), 0) AS removed
      FROM account WHERE created_at < ${until}`.execute(this.#db);
    return rows[0] ?? { ever: 0, all: 0, fresh: 0, removed: 0 };
  }

  /** The most at once; null where no router told. */
  async peaks(from: string, until: string): Promise<{ tunnels: number | null; peers: number | null }> {
    const { rows } = await sql<{ tunnels: number | null; peers: number | null }>`
      SELECT MAX(tunnels) AS tunnels, MAX(peers) AS peers
      FROM access_minute WHERE minute >= ${from.slice(0, "2026-01-01T00:00".length)} AND minute < ${until}`.execute(
      this.#db,
    );
    return rows[0] ?? { tunnels: null, peers: null };
  }

  /** By service. Refused and revoked are for good, so `since` of those is when it happened. */
  async applications(from: string, until: string): Promise<readonly ApplicationRow[]> {
    const { rows } = await sql<ApplicationRow>`
      SELECT service,
        SUM(created_at >= ${from}) AS made,
        SUM(state = 'refused' AND since >= ${from} AND since < ${until}) AS refused,
        SUM(state = 'revoked' AND since >= ${from} AND since < ${until}) AS revoked,
        SUM(NOT (state IN ('refused', 'revoked') AND since < ${until})) AS living
      FROM application WHERE created_at < ${until}
      GROUP BY service HAVING made + refused + revoked + living > 0 ORDER BY service`.execute(this.#db);
    return rows;
  }

  /**
   * By service and length, from the histories of prefixes, which are never shortened: a prefix that was used, freed and used again
   * in the time was issued twice. Revoked is what went out of use, whoever asked for it; what was only reserved is in none.
   */
  async prefixes(from: string, until: string): Promise<readonly PrefixRow[]> {
    const length = sql`CAST(substr(e.subject, instr(e.subject, '/') + 1) AS INTEGER)`;
    const { rows } = await sql<PrefixRow>`
      SELECT COALESCE(a.service, ${OPERATORS}) AS service, moment, length, COUNT(*) AS count FROM (
        SELECT CASE e.what WHEN 'active' THEN 'issued' ELSE 'revoked' END AS moment,
          ${length} AS length, json_extract(e.detail, '$.application') AS application
        FROM access_event e
        WHERE e.kind = 'prefix' AND e.at >= ${from} AND e.at < ${until}
          AND e.what IN ('active', 'quarantine', 'revoked', 'free')
          AND (e.what = 'active') <> COALESCE((
            SELECT p.what = 'active' FROM access_event p
            WHERE p.kind = 'prefix' AND p.subject = e.subject AND p.id < e.id ORDER BY p.id DESC LIMIT 1), 0)
        UNION ALL
        SELECT 'active', ${length}, json_extract(e.detail, '$.application')
        FROM (SELECT MAX(id) AS id FROM access_event WHERE kind = 'prefix' AND at < ${until} GROUP BY subject) newest
        JOIN access_event e ON e.id = newest.id
        WHERE e.what = 'active'
      ) LEFT JOIN application a ON a.id = application
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`.execute(this.#db);
    return rows;
  }
}
