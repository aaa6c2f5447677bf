import type { Migration } from "kysely/migration";

/** What the path watch remembers, and what it said. */
export const pathWatch: Migration = {
  async up(db): Promise<void> {
    await db.schema
      .createTable("path_watch")
      .addColumn("source", "text", (column) => column.notNull())
      .addColumn("target", "text", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("path_watch_key", ["source", "target"])
      .execute();
    await db.schema
      .createTable("path_event")
      .addColumn("id", "integer", (column) => column.primaryKey())
      .addColumn("at", "text", (column) => column.notNull())
      .addColumn("source", "text", (column) => column.notNull())
      .addColumn("target", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex("path_event_path")
      .on("path_event")
      .columns(["source", "target", "id"])
      .execute();
    await db.schema
      .createTable("watch_memory")
      .addColumn("name", "text", (column) => column.primaryKey())
      .addColumn("value", "text", (column) => column.notNull())
      .execute();
  },
};
