import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** A revision that lasts only if it is confirmed, and what to go back to; at most one row. */
export const trial: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("trial")
      .addColumn("revision", "integer", (column) => column.primaryKey())
      .addColumn("previous", "integer", (column) => column.notNull())
      .addColumn("intent", "text", (column) => column.notNull())
      .execute();
  },
};
