import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import { GENESIS, recordHash } from "../../audit/chain.ts";
import type { Tables } from "../schema.ts";

/**
 * Chains the audit records, those that are there already too, and makes the database refuse to change them. The triggers
 * are SQLite's; another database wants its own.
 */
export const auditChain: Migration = {
  async up(db: Kysely<Tables>): Promise<void> {
    await db.schema
      .alterTable("audit")
      .addColumn("hash", "text", (column) => column.notNull().defaultTo(""))
      .execute();
    // Numbers without gaps: what was taken out before there was a chain cannot be told any more.
    const rows = await db.selectFrom("audit").selectAll().orderBy("id").execute();
    await db.deleteFrom("audit").execute();
    let hash = GENESIS;
    for (const [index, { at, who, what, detail }] of rows.entries()) {
      const fields = { id: index + 1, at, who, what, detail };
      hash = recordHash(hash, fields);
      await db
        .insertInto("audit")
        .values({ ...fields, hash })
        .execute();
    }
    await db.insertInto("counter").values({ name: "audit", value: rows.length }).execute();
    for (const change of ["UPDATE", "DELETE"]) {
      await sql`CREATE TRIGGER ${sql.ref(`audit_no_${change.toLowerCase()}`)} BEFORE ${sql.raw(change)} ON audit
        BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END`.execute(db);
    }
    // INSERT OR REPLACE deletes without asking the trigger above (sqlite.org/lang_conflict.html).
    await sql`CREATE TRIGGER audit_append BEFORE INSERT ON audit
      WHEN NEW.id <> (SELECT COALESCE(MAX(id), 0) + 1 FROM audit)
      BEGIN SELECT RAISE(ABORT, 'audit records are only appended'); END`.execute(db);
  },
};
