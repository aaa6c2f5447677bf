import type { Migration } from "kysely/migration";

/** Whom a user is at an identity provider: by the provider's own lasting name for him, and nothing else. */
export const providerIdentity: Migration = {
  async up(db): Promise<void> {
    await db.schema
      .createTable("provider_identity")
      .addColumn("issuer", "text", (column) => column.notNull())
      .addColumn("subject", "text", (column) => column.notNull())
      .addColumn("account", "text", (column) => column.notNull().references("account.name"))
      .addColumn("created_at", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("provider_identity_key", ["issuer", "subject"])
      .execute();
    await db.schema
      .createIndex("provider_identity_account")
      .on("provider_identity")
      .columns(["account", "issuer"])
      .unique()
      .execute();
  },
};
