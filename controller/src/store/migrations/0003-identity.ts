import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Who may speak as which node: claims that are open and every certificate ever issued to a node. */
export const identity: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("certificate")
      .addColumn("serial", "text", (column) => column.primaryKey())
      .addColumn("number", "integer", (column) => column.notNull())
      .addColumn("node", "text", (column) => column.notNull())
      .addColumn("spki", "text", (column) => column.notNull())
      .addColumn("pem", "text", (column) => column.notNull())
      .addColumn("starts", "text", (column) => column.notNull())
      .addColumn("ends", "text", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("since", "text", (column) => column.notNull())
      .execute();
    await db.schema.createIndex("certificate_node").on("certificate").column("node").execute();
    await db.schema
      .createTable("claim")
      .addColumn("node", "text", (column) => column.primaryKey())
      .addColumn("secret", "text", (column) => column.notNull())
      .addColumn("ends", "text", (column) => column.notNull())
      .addColumn("attempts", "integer", (column) => column.notNull())
      .addColumn("serial", "text")
      .execute();
  },
};
