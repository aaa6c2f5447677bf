import type { Kysely } from "kysely";
import type { Tables } from "../schema.ts";
import type { HealthLatestTable, HealthRunRow } from "./schema.ts";

/** Reads what nodes told of how the network feels. */
export class HealthReader {
  protected readonly db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  async latest(): Promise<readonly HealthLatestTable[]> {
    return this.db.selectFrom("health_latest").selectAll().orderBy("node").execute();
  }

  /** Newest first. */
  async runs(node: string, limit: number): Promise<readonly HealthRunRow[]> {
    return this.db
      .selectFrom("health_run")
      .selectAll()
      .where("node", "=", node)
      .orderBy("id", "desc")
      .limit(limit)
      .execute();
  }

  /**
   * How often each set of layers was seen from each node within a time, RFC 3339 in UTC: from the first on, before the second. One
   * row a node and set, so that a long time costs little.
   */
  async layersBetween(
    from: string,
    to: string,
  ): Promise<readonly { readonly node: string; readonly layers: string; readonly runs: number }[]> {
    const rows = await this.db
      .selectFrom("health_run")
      .select(["node", "layers", (eb) => eb.fn.countAll().as("runs")])
      .where("at", ">=", from)
      .where("at", "<", to)
      .groupBy(["node", "layers"])
      .execute();
    return rows.map(({ node, layers, runs }) => ({ node, layers, runs: Number(runs) }));
  }
}
