import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Portable SQL only: the same schema serves SQLite and PostgreSQL. Numbers are given by us, not by the database. */
export const initial: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("revision")
      .addColumn("revision", "integer", (column) => column.primaryKey())
      .addColumn("fabric", "text", (column) => column.notNull())
      .addColumn("file", "text", (column) => column.notNull())
      .addColumn("sha256", "text", (column) => column.notNull())
      .addColumn("author", "text", (column) => column.notNull())
      .addColumn("note", "text", (column) => column.notNull())
      .addColumn("at", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("steer")
      .addColumn("edge", "text", (column) => column.primaryKey())
      .addColumn("plane", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("drained")
      .addColumn("plane", "text", (column) => column.primaryKey())
      .execute();
    await db.schema
      .createTable("manifest")
      .addColumn("node", "text", (column) => column.primaryKey())
      .addColumn("generation", "integer", (column) => column.notNull())
      .addColumn("digest", "text", (column) => column.notNull())
      .addColumn("revision", "integer", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("part")
      .addColumn("node", "text", (column) => column.notNull())
      .addColumn("part", "text", (column) => column.notNull())
      .addColumn("sha256", "text", (column) => column.notNull())
      .addColumn("generation", "integer", (column) => column.notNull())
      .addColumn("size", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("part_key", ["node", "part"])
      .execute();
    await db.schema
      .createTable("retired")
      .addColumn("node", "text", (column) => column.notNull())
      .addColumn("sha256", "text", (column) => column.notNull())
      .addColumn("generation", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("retired_key", ["node", "sha256"])
      .execute();
    await db.schema
      .createTable("audit")
      .addColumn("id", "integer", (column) => column.primaryKey())
      .addColumn("at", "text", (column) => column.notNull())
      .addColumn("who", "text", (column) => column.notNull())
      .addColumn("what", "text", (column) => column.notNull())
      .addColumn("detail", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("counter")
      .addColumn("name", "text", (column) => column.primaryKey())
      .addColumn("value", "integer", (column) => column.notNull())
      .execute();
  },
};
