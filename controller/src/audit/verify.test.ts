import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { generateKey } from "@vsix/shared/crypto/ed25519.ts";
import SqliteDatabase from "better-sqlite3";
import fc from "fast-check";
import { Kysely, SqliteDialect } from "kysely";
import { Migrator } from "kysely/migration";
import { pino } from "pino";
import { initial } from "../store/migrations/0001-initial.ts";
import type { AuditTable } from "../store/schema.ts";
import { Store } from "../store/store.ts";
import { type ChainEnd, GENESIS, recordHash } from "./chain.ts";
import { HeadKeeper, readHead } from "./head.ts";
import { type AuditVerdict, verifyAudit } from "./verify.ts";

const log = pino({ level: "silent" });

/** A log of ten records in a directory of its own, that anybody may spoil by SQL. */
class SpoiledLog implements AsyncDisposable {
  readonly directory: string;
  readonly key = generateKey();

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async make(records = 10): Promise<SpoiledLog> {
    const made = new SpoiledLog(await mkdtemp(join(tmpdir(), "vsix-audit-")));
    await made.append(records);
    return made;
  }

  get database(): string {
    return join(this.directory, "controller.db");
  }

  get headFile(): string {
    return join(this.directory, "audit.head");
  }

  async append(records: number): Promise<void> {
    await using store = await Store.open(this.database);
    await using _head = await HeadKeeper.open(this.headFile, this.key, store, log);
    for (let i = 0; i < records; i++) {
      await store.transaction((tx) =>
        tx.addAudit({ at: "2026-01-01T00:00:00.000Z", who: `who-${i}`, what: "steer", detail: `{"n":${i}}` }),
      );
    }
  }

  sql(...statements: readonly string[]): void {
    const database = new SqliteDatabase(this.database);
    try {
      for (const statement of statements) database.exec(statement);
    } finally {
      database.close();
    }
  }

  /** As somebody with the file in hand would: the triggers are taken off first. */
  spoil(...statements: readonly string[]): void {
    const triggers = ["audit_no_update", "audit_no_delete", "audit_append"];
    this.sql(...triggers.map((name) => `DROP TRIGGER ${name}`), ...statements);
  }

  /** Replaces the database by one as the first version made it: later migrations have not run. */
  async startFromFirstSchema(): Promise<void> {
    await rm(this.database);
    const db = new Kysely({ dialect: new SqliteDialect({ database: new SqliteDatabase(this.database) }) });
    try {
      const provider = { getMigrations: async () => ({ "0001-initial": initial }) };
      const { error } = await new Migrator({ db, provider }).migrateToLatest();
      assert.equal(error, undefined);
    } finally {
      await db.destroy();
    }
  }

  async rows(): Promise<readonly AuditTable[]> {
    await using store = await Store.open(this.database);
    return await store.read.auditAfter(0, 1000);
  }

  async verify(noted?: ChainEnd): Promise<AuditVerdict> {
    await using store = await Store.open(this.database);
    return await verifyAudit(store.read, await readHead(this.headFile, this.key), noted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

test("an untouched log is whole, also after a restart", async () => {
  await using audit = await SpoiledLog.make();
  const first = await audit.verify();
  assert.equal(first.broken, null);
  assert.equal(first.sound, 10);
  await audit.append(3);
  const second = await audit.verify(first.head);
  assert.deepEqual([second.sound, second.broken], [13, null]);
});

for (const statement of [
  "UPDATE audit SET who = 'x' WHERE id = 3",
  "DELETE FROM audit WHERE id = 10",
  "DELETE FROM audit",
  "INSERT OR REPLACE INTO audit (id, at, who, what, detail, hash) VALUES (4, '', '', '', '{}', '')",
  "INSERT INTO audit (id, at, who, what, detail, hash) VALUES (99, '', '', '', '{}', '')",
]) {
  test(`the database itself refuses: ${statement.slice(0, 40)}`, async () => {
    await using audit = await SpoiledLog.make();
    assert.throws(() => audit.sql(statement), /audit records are/);
    assert.equal((await audit.verify()).broken, null);
  });
}

const COLUMNS = "at, who, what, detail, hash";
for (const [why, statements, record] of [
  ["edited", ["UPDATE audit SET detail = '{}' WHERE id = 4"], 4],
  ["edited in its time", ["UPDATE audit SET at = '2020-01-01T00:00:00.000Z' WHERE id = 1"], 1],
  ["deleted", ["DELETE FROM audit WHERE id = 5"], 5],
  ["deleted and the rest renumbered", ["DELETE FROM audit WHERE id = 5", shift(6, 10, -1)], 5],
  [
    "exchanged with another",
    [
      "UPDATE audit SET id = -1 WHERE id = 3",
      "UPDATE audit SET id = 3 WHERE id = 7",
      "UPDATE audit SET id = 7 WHERE id = -1",
    ],
    3,
  ],
  ["inserted", [shift(6, 10, 1), `INSERT INTO audit SELECT 6, ${COLUMNS} FROM audit WHERE id = 5`], 6],
  ["inserted before the first", [`INSERT INTO audit SELECT 0, ${COLUMNS} FROM audit WHERE id = 5`], 0],
  ["cut off the end", ["DELETE FROM audit WHERE id > 8"], 9],
  [
    "cut off the end, and the counter set back",
    ["DELETE FROM audit WHERE id > 8", "UPDATE counter SET value = 8 WHERE name = 'audit'"],
    9,
  ],
  ["of an emptied log", ["DELETE FROM audit", "UPDATE counter SET value = 0 WHERE name = 'audit'"], 1],
] as const) {
  test(`verify names the first record that is ${why}`, async () => {
    await using audit = await SpoiledLog.make();
    audit.spoil(...statements);
    const { broken } = await audit.verify();
    assert.equal(broken?.record, record, JSON.stringify(broken));
  });
}

/** SQL that moves records from..to by one. */
function shift(from: number, to: number, by: 1 | -1): string {
  const ids = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  if (by === 1) ids.reverse();
  return ids.map((id) => `UPDATE audit SET id = ${id + by} WHERE id = ${id}`).join(";");
}

test("a chain forged anew from some record on is noticed by the signed head, and the evidence stays", async () => {
  await using audit = await SpoiledLog.make();
  const before = await audit.verify();
  let hash = "";
  const forged: string[] = [];
  const rows = await audit.rows();
  for (const row of rows) {
    const who = row.id === 6 ? "somebody-else" : row.who;
    hash = row.id < 6 ? row.hash : recordHash(hash, { ...row, who });
    forged.push(`UPDATE audit SET who = '${who}', hash = '${hash}' WHERE id = ${row.id}`);
  }
  audit.spoil(...forged);
  const { broken } = await audit.verify();
  assert.equal(broken?.record, 10);
  assert.match(broken?.reason ?? "", /record 10 is not the one that was the newest/);
  await audit.append(2);
  assert.match((await audit.verify()).broken?.reason ?? "", /record 10 is not/);
  assert.equal((await audit.verify(before.head)).broken?.record, 10);
});

test("records cut off while the controller was away are missed after it wrote new ones too", async () => {
  await using audit = await SpoiledLog.make();
  audit.spoil("DELETE FROM audit WHERE id > 8", "UPDATE counter SET value = 8 WHERE name = 'audit'");
  await audit.append(5);
  assert.equal((await audit.verify()).broken?.record, 10);
});

test("a head that somebody else signed, a torn one and a missing one are named", async () => {
  await using audit = await SpoiledLog.make();
  const { head } = await audit.verify();
  await using store = await Store.open(audit.database);
  const other = await readHead(audit.headFile, generateKey());
  assert.match((await verifyAudit(store.read, other, undefined)).broken?.reason ?? "", /not trusted here/);
  const missing = await verifyAudit(store.read, { state: "missing" }, undefined);
  assert.match(missing.broken?.reason ?? "", /is missing/);
  const read = await readHead(audit.headFile, audit.key);
  assert.equal((await verifyAudit(store.read, read, { ...head, hash: GENESIS })).broken?.record, 10);
  assert.equal((await verifyAudit(store.read, read, { id: 99, hash: GENESIS })).broken?.record, 99);
});

test("records from before the chain are chained by the migration", async () => {
  await using audit = await SpoiledLog.make(0);
  await audit.startFromFirstSchema();
  audit.sql(
    "INSERT INTO audit (id, at, who, what, detail) VALUES (1, 'a', 'b', 'c', '{}'), (2, 'd', 'e', 'f', '{}')",
  );
  await rm(audit.headFile);
  await audit.append(1);
  const verdict = await audit.verify();
  assert.deepEqual([verdict.sound, verdict.broken], [3, null]);
});

test("any two different records, or the same after different ones, have different hashes", () => {
  const text = fc.string({ unit: "binary" });
  const fields = fc.record({ id: fc.nat(), at: text, who: text, what: text, detail: text });
  const previous = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((b) => Buffer.from(b).toString("hex"));
  fc.assert(
    fc.property(previous, fields, previous, fields, (previousA, a, previousB, b) => {
      const same = previousA === previousB && JSON.stringify(a) === JSON.stringify(b);
      assert.equal(recordHash(previousA, a) === recordHash(previousB, b), same);
      // A character moved over the border between two fields.
      const moved = { ...a, who: a.who + a.what.slice(0, 1), what: a.what.slice(1) };
      assert.equal(recordHash(previousA, a) === recordHash(previousA, moved), moved.who === a.who);
    }),
  );
});

test("whatever is written is read back with the hash it was given", async () => {
  await using audit = await SpoiledLog.make(0);
  await using store = await Store.open(audit.database);
  const text = fc.string({ unit: "binary", maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(fc.record({ at: text, who: text, what: text, detail: text }), async (row) => {
      await store.transaction((tx) => tx.addAudit(row));
      const verdict = await verifyAudit(store.read, { state: "read", id: 0, hash: GENESIS }, undefined);
      assert.equal(verdict.broken, null);
    }),
    { numRuns: 50 },
  );
});
