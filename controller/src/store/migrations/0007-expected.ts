import type { Migration } from "kysely/migration";

/** Files of expected paths; the counter `expected` says which one is in force. */
export const expected: Migration = {
  async up(db): Promise<void> {
    await db.schema
      .createTable("expected")
      .addColumn("revision", "integer", (column) => column.primaryKey())
      .addColumn("text", "text", (column) => column.notNull())
      .addColumn("file", "text", (column) => column.notNull())
      .addColumn("sha256", "text", (column) => column.notNull())
      .addColumn("author", "text", (column) => column.notNull())
      .addColumn("note", "text", (column) => column.notNull())
      .addColumn("at", "text", (column) => column.notNull())
      .execute();
  },
};
