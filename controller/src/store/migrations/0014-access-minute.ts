import type { Migration } from "kysely/migration";

/** The most users that were there at once, minute by minute; where a tunnel would end if another one moved away. */
export const accessMinute: Migration = {
  async up(db): Promise<void> {
    await db.schema
      .createTable("access_minute")
      .addColumn("minute", "text", (column) => column.primaryKey())
      .addColumn("tunnels", "integer", (column) => column.notNull())
      .addColumn("peers", "integer", (column) => column.notNull())
      .execute();
    await db.schema.alterTable("application").addColumn("endpoint_wish", "text").execute();
    await db.schema.alterTable("application").addColumn("endpoint_wish_at", "text").execute();
  },
};
