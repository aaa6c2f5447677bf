import type { Migration } from "kysely/migration";

/** What is shown once to whoever has the link. */
export const oneTimeLink: Migration = {
  async up(db): Promise<void> {
    await db.schema
      .createTable("one_time_link")
      .addColumn("hash", "text", (column) => column.primaryKey())
      .addColumn("id", "text", (column) => column.notNull())
      .addColumn("account", "text", (column) => column.notNull().references("account.name"))
      .addColumn("sealed", "text", (column) => column.notNull())
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("ends", "text", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("one_time_link_account").on("one_time_link").column("account").execute();
  },
};
