import SqliteDatabase from "better-sqlite3";

export type Database = InstanceType<typeof SqliteDatabase>;

/**
 * The database of captured DNS, `dns.db` beside `controller.db`: a file of its own, for it is thousands of times larger, is
 * pruned, is no part of a backup that brings a network back, and is worked on by threads of its own. Times: `_us`
 * microseconds, `_ms` milliseconds, `_s` seconds since 1970. Steps are only ever added.
 */
const STEPS: readonly string[] = [
  `
  -- What has been stored of each life of each node's spool: the memory that makes every batch count once.
  CREATE TABLE feed (
    node TEXT NOT NULL, instance TEXT NOT NULL,
    through INTEGER NOT NULL, pairs_through INTEGER NOT NULL,
    missing_batches INTEGER NOT NULL, missing_pairs INTEGER NOT NULL, updated_ms INTEGER NOT NULL,
    PRIMARY KEY (node, instance));
  CREATE TABLE segment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    node TEXT NOT NULL, instance TEXT NOT NULL, sequence INTEGER NOT NULL,
    first_us INTEGER NOT NULL, last_us INTEGER NOT NULL, pairs INTEGER NOT NULL, octets INTEGER NOT NULL,
    stored_ms INTEGER NOT NULL, points TEXT NOT NULL,
    -- One bit a row: not counted, for the pair was seen elsewhere too. NULL: none.
    marks BLOB);
  CREATE UNIQUE INDEX segment_batch ON segment (node, instance, sequence);
  CREATE INDEX segment_time ON segment (last_us);
  -- Header and columns apart, so that a question reads only what it needs. Id: that of the segment times 256, plus the column.
  CREATE TABLE segment_part (id INTEGER PRIMARY KEY, start INTEGER NOT NULL, data BLOB NOT NULL);
  -- Minutes and hours whose roll-ups are to be made anew.
  CREATE TABLE dirty (level TEXT NOT NULL, start_s INTEGER NOT NULL, since_ms INTEGER NOT NULL, PRIMARY KEY (level, start_s));
  -- level: minute, hour, day. kind: pairs (key: '' all, counted once; else NODE/POINT, as seen there), capture (key: NODE).
  CREATE TABLE rollup (
    level TEXT NOT NULL, start_s INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (level, start_s, kind, key)) WITHOUT ROWID;
  -- level: hour, day. kind: name, client.
  CREATE TABLE ranked (
    level TEXT NOT NULL, start_s INTEGER NOT NULL, kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (level, start_s, kind, key)) WITHOUT ROWID;
  `,
  `
  -- All names, or clients, of an hour whose pairs are all there. kind: name, client. body: as segments are written.
  CREATE TABLE ranked_hour (start_s INTEGER NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (start_s, kind));
  -- 0: as it came. 1: put together with others of its hour, or left alone then. 2: of its day.
  ALTER TABLE segment ADD COLUMN merged INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX segment_merged ON segment (merged, id) WHERE merged < 2;
  CREATE INDEX segment_node ON segment (node, first_us);
  `,
  `
  DROP INDEX segment_merged;
  CREATE INDEX segment_merged ON segment (merged, stored_ms) WHERE merged < 2;
  CREATE INDEX segment_stored ON segment (stored_ms);
  -- Where the rows of a segment have gone that was put together with others: from row \`start\` of segment \`into\`.
  CREATE TABLE moved (id INTEGER PRIMARY KEY, into_id INTEGER NOT NULL, start INTEGER NOT NULL, at_ms INTEGER NOT NULL);
  CREATE INDEX moved_at ON moved (at_ms);
  `,
  `
  -- Time in which a node captured nothing though it was to: nobody can count what passed then.
  CREATE TABLE gap (
    node TEXT NOT NULL, from_us INTEGER NOT NULL, to_us INTEGER NOT NULL,
    PRIMARY KEY (node, from_us)) WITHOUT ROWID;
  `,
  `
  -- Beside a segment that lies in parts: what finds and counts rows without most of its columns. Made here, not by the node.
  CREATE TABLE segment_digest (id INTEGER PRIMARY KEY, cells BLOB NOT NULL, names BLOB NOT NULL, rows BLOB NOT NULL);
  -- Octets of that; 0: there is none, as for small segments and those of before.
  ALTER TABLE segment ADD COLUMN digest INTEGER NOT NULL DEFAULT 0;
  `,
];

/** Opens the file and brings its schema up to date. Throws what SQLite says. */
export function openDatabase(file: string): Database {
  const db = new SqliteDatabase(file, { timeout: 5_000 });
  try {
    db.pragma("auto_vacuum = INCREMENTAL");
    db.pragma("journal_mode = WAL");
    // An answer to a node is a promise that holds through a power cut.
    db.pragma("synchronous = FULL");
    db.pragma("cache_size = -16384");
    const at = Number(db.pragma("user_version", { simple: true }));
    if (at > STEPS.length) throw new Error(`${file}: made by a newer version`);
    for (const [i, step] of STEPS.entries()) {
      if (i < at) continue;
      db.transaction(() => {
        db.exec(step);
        db.pragma(`user_version = ${i + 1}`);
      })();
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** To read only, beside the one that writes. Throws what SQLite says. */
export function openReader(file: string): Database {
  const db = new SqliteDatabase(file, { timeout: 5_000, readonly: true });
  db.pragma("cache_size = -16384");
  db.pragma("mmap_size = 4294967296");
  return db;
}
