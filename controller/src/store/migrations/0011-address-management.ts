import type { Migration } from "kysely/migration";

/** Pools, what is free in them, what is not, and the history of it. */
export const addressManagement: Migration = {
  async up(db): Promise<void> {
    await db.schema
      .createTable("pool")
      .addColumn("name", "text", (column) => column.primaryKey())
      .addColumn("prefix", "text", (column) => column.notNull().unique())
      .addColumn("purpose", "text", (column) => column.notNull())
      .addColumn("length", "integer", (column) => column.notNull())
      .addColumn("site", "text")
      .addColumn("strategy", "text", (column) => column.notNull())
      .addColumn("quarantine_s", "integer", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("note", "text", (column) => column.notNull())
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("created_by", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("free_block")
      .addColumn("pool", "text", (column) => column.notNull().references("pool.name"))
      .addColumn("length", "integer", (column) => column.notNull())
      .addColumn("start", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("free_block_key", ["pool", "length", "start"])
      .execute();
    await db.schema
      .createTable("prefix")
      .addColumn("prefix", "text", (column) => column.primaryKey())
      .addColumn("pool", "text", (column) => column.notNull().references("pool.name"))
      .addColumn("start", "text", (column) => column.notNull())
      .addColumn("length", "integer", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("since", "text", (column) => column.notNull())
      .addColumn("until", "text")
      .addColumn("account", "text")
      .addColumn("project", "text")
      .addColumn("application", "integer")
      .addColumn("note", "text", (column) => column.notNull())
      .execute();
    const indexes: readonly (readonly [string, readonly string[]])[] = [
      ["prefix_count", ["pool", "state", "length"]],
      ["prefix_until", ["state", "until"]],
      ["prefix_order", ["start", "length"]],
      ["prefix_account", ["account"]],
      ["prefix_project", ["project"]],
      ["prefix_application", ["application"]],
    ];
    for (const [name, columns] of indexes)
      await db.schema
        .createIndex(name)
        .on("prefix")
        .columns([...columns])
        .execute();
    await db.schema
      .createTable("access_event")
      .addColumn("id", "integer", (column) => column.primaryKey())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("subject", "text", (column) => column.notNull())
      .addColumn("at", "text", (column) => column.notNull())
      .addColumn("who", "text", (column) => column.notNull())
      .addColumn("what", "text", (column) => column.notNull())
      .addColumn("detail", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex("access_event_subject")
      .on("access_event")
      .columns(["kind", "subject", "id"])
      .execute();
  },
};
