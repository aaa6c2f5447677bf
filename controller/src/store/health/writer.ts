import { HealthReader } from "./reader.ts";
import type { HealthLatestTable, HealthRunRow } from "./schema.ts";

/** Writes what nodes told of how the network feels; only inside a transaction. */
export class HealthWriter extends HealthReader {
  async addRun(row: Omit<HealthRunRow, "id">): Promise<void> {
    await this.db.insertInto("health_run").values(row).execute();
  }

  async putLatest(row: HealthLatestTable): Promise<void> {
    const { at, mood, body } = row;
    await this.db
      .insertInto("health_latest")
      .values(row)
      .onConflict((conflict) => conflict.column("node").doUpdateSet({ at, mood, body }))
      .execute();
  }

  /** Forgets runs from before a time (RFC 3339 in UTC), and all but the newest `most`. */
  async prune(before: string, most: number): Promise<void> {
    await this.db.deleteFrom("health_run").where("at", "<", before).execute();
    const newest = await this.db
      .selectFrom("health_run")
      .select((eb) => eb.fn.max("id").as("id"))
      .executeTakeFirst();
    await this.db
      .deleteFrom("health_run")
      .where("id", "<=", Number(newest?.id ?? 0) - most)
      .execute();
  }
}
