import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** Rollouts, and what happened in each: its evidence. */
export const rollout: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("rollout")
      .addColumn("id", "integer", (column) => column.primaryKey())
      .addColumn("author", "text", (column) => column.notNull())
      .addColumn("note", "text", (column) => column.notNull())
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("saved_at", "text", (column) => column.notNull())
      .addColumn("ended_at", "text")
      .addColumn("state", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("rollout_event")
      .addColumn("rollout", "integer", (column) => column.notNull())
      .addColumn("number", "integer", (column) => column.notNull())
      .addColumn("at", "text", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("who", "text", (column) => column.notNull())
      .addColumn("body", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("rollout_event_key", ["rollout", "number"])
      .execute();
  },
};
