import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

/** A revision may be of one plane only: what the rest of the network is then made of, as JSON. */
export const planeRevision: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema.alterTable("revision").addColumn("made_of", "text").execute();
  },
};
