import type { Migration } from "kysely/migration";

/** People who sign in: their roles, credentials, sessions and invitations. */
export const portal: Migration = {
  async up(db): Promise<void> {
    await db.schema
      .createTable("portal_user")
      .addColumn("account", "text", (column) => column.primaryKey().references("account.name"))
      .addColumn("role", "text", (column) => column.notNull())
      .addColumn("since", "text", (column) => column.notNull())
      .addColumn("set_by", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("credential")
      .addColumn("id", "integer", (column) => column.primaryKey())
      .addColumn("account", "text", (column) => column.notNull().references("account.name"))
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("secret", "text", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("counter", "integer", (column) => column.notNull())
      .addColumn("created_at", "text", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("credential_account").on("credential").columns(["account", "kind"]).execute();
    await db.schema
      .createTable("invitation")
      .addColumn("account", "text", (column) => column.primaryKey().references("account.name"))
      .addColumn("hash", "text", (column) => column.notNull().unique())
      .addColumn("role", "text", (column) => column.notNull())
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("created_by", "text", (column) => column.notNull())
      .addColumn("ends", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("portal_session")
      .addColumn("id", "text", (column) => column.primaryKey())
      .addColumn("hash", "text", (column) => column.notNull().unique())
      .addColumn("account", "text", (column) => column.notNull().references("account.name"))
      .addColumn("second_factor", "text", (column) => column.notNull())
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("seen_at", "text", (column) => column.notNull())
      .addColumn("ends", "text", (column) => column.notNull())
      .addColumn("address", "text", (column) => column.notNull())
      .addColumn("agent", "text", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("portal_session_account").on("portal_session").column("account").execute();
  },
};
