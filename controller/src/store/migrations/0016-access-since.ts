import type { Migration } from "kysely/migration";

/** Since when routers serve users: a controller that starts anew hears only that they do. */
export const accessSince: Migration = {
  async up(db): Promise<void> {
    await db.schema
      .createTable("access_since")
      .addColumn("router", "text", (column) => column.notNull())
      .addColumn("user", "text", (column) => column.notNull())
      .addColumn("since", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("access_since_key", ["router", "user"])
      .execute();
  },
};
