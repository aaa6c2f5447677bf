import type { Database } from "./database.ts";
import type { DnsFigures, DnsGap } from "./messages.ts";

const NEWEST_GAPS = 10;

export function figuresOf(db: Database): DnsFigures {
  const stored = db
    .prepare(
      `SELECT COUNT(*) AS segments, COALESCE(SUM(pairs), 0) AS pairs, COALESCE(SUM(octets + digest), 0) AS octets,
         MIN(first_us) AS oldestUs, MAX(last_us) AS newestUs FROM segment`,
    )
    .get() as Omit<DnsFigures, "dirtyMinutes" | "missingPairs" | "missingBatches" | "gaps">;
  const missing = db
    .prepare(
      `SELECT COALESCE(SUM(missing_pairs), 0) AS missingPairs, COALESCE(SUM(missing_batches), 0) AS missingBatches
         FROM feed`,
    )
    .get() as Pick<DnsFigures, "missingPairs" | "missingBatches">;
  const dirtyMinutes = Number(db.prepare("SELECT COUNT(*) FROM dirty WHERE level = 'minute'").pluck().get());
  const gaps = db
    .prepare(
      `SELECT node, from_us / 1000 AS fromMs, to_us / 1000 AS toMs FROM gap ORDER BY to_us DESC LIMIT ${NEWEST_GAPS}`,
    )
    .all() as DnsGap[];
  return { ...stored, ...missing, dirtyMinutes, gaps };
}
