import type { Database } from "./database.ts";

/** Counts by name; what is absent is 0. */
export type Tally = Record<string, number>;

/** Adds what is counted in `more` to `sum`. */
export function addUp(sum: Tally, more: Readonly<Tally>): Tally {
  for (const [name, count] of Object.entries(more)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** Adds to what the capture of a node counted in a minute; its hour is to be summed up anew. */
export function addTo(db: Database, minuteS: number, node: string, more: Readonly<Tally>): void {
  const where = "level = 'minute' AND start_s = ? AND kind = 'capture' AND key = ?";
  const row = db.prepare(`SELECT body FROM rollup WHERE ${where}`).get(minuteS, node) as
    | { body: string }
    | undefined;
  const body = JSON.stringify(addUp(row === undefined ? {} : (JSON.parse(row.body) as Tally), more));
  putRollup(db, "minute", minuteS, "capture", node, body);
}

export function putRollup(
  db: Database,
  level: string,
  startS: number,
  kind: string,
  key: string,
  body: string,
): void {
  db.prepare(
    `INSERT INTO rollup (level, start_s, kind, key, body) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (level, start_s, kind, key) DO UPDATE SET body = excluded.body`,
  ).run(level, startS, kind, key, body);
}
