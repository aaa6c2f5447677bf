import type { Migration } from "kysely/migration";

/** Who suspended an application: what an operator stopped, its user cannot resume. Until now only operators could. */
export const ownSuspension: Migration = {
  async up(db): Promise<void> {
    await db.schema.alterTable("application").addColumn("suspended_by", "text").execute();
    await db
      .updateTable("application")
      .set({ suspended_by: "operator" })
      .where("state", "=", "suspended")
      .execute();
  },
};
