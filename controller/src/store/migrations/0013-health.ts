import type { Migration } from "kysely/migration";

/** How the network feels from its nodes: runs in short, and the newest of each node whole. */
export const health: Migration = {
  async up(db): Promise<void> {
    await db.schema
      .createTable("health_run")
      .addColumn("id", "integer", (column) => column.primaryKey())
      .addColumn("node", "text", (column) => column.notNull())
      .addColumn("at", "text", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("layers", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("health_run_node").on("health_run").columns(["node", "id"]).execute();
    await db.schema.createIndex("health_run_at").on("health_run").columns(["at"]).execute();
    await db.schema
      .createTable("health_latest")
      .addColumn("node", "text", (column) => column.primaryKey())
      .addColumn("at", "text", (column) => column.notNull())
      .addColumn("mood", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .execute();
  },
};
