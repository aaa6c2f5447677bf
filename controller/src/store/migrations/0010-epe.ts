import type { Migration } from "kysely/migration";

/** Egress peer engineering: what is wanted of it, what it remembers, and what it did. */
export const epe: Migration = {
  async up(db): Promise<void> {
    await db.schema
      .createTable("epe_state")
      .addColumn("name", "text", (column) => column.primaryKey())
      .addColumn("value", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("epe_event")
      .addColumn("id", "integer", (column) => column.primaryKey())
      .addColumn("at", "text", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("prefix", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();
  },
};
