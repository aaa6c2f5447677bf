import type { Migration } from "kysely/migration";

/** Passkeys of people who sign in: public keys and what is needed to use them, and nothing that would open anything. */
export const passkey: Migration = {
  async up(db): Promise<void> {
    await db.schema
      .createTable("passkey")
      .addColumn("id", "integer", (column) => column.primaryKey())
      .addColumn("credential", "text", (column) => column.notNull().unique())
      .addColumn("account", "text", (column) => column.notNull().references("account.name"))
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("public_key", "text", (column) => column.notNull())
      .addColumn("counter", "integer", (column) => column.notNull())
      .addColumn("transports", "text", (column) => column.notNull())
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("used_at", "text")
      .execute();
    await db.schema.createIndex("passkey_account").on("passkey").column("account").execute();
  },
};
