import type { Kysely } from "kysely";
import { ReportAccessReader } from "./report-access-reader.ts";
import type { EpeEventTable, PathEventTable, RolloutTable, Tables } from "./schema.ts";

/** Rows of one kind that a report looks at: of a longer log it tells the newest. */
const MAX_ROWS = 20_000;

/** What a report about a span of time reads. Times are RFC 3339, `until` exclusive. */
export class ReportReader {
  readonly access: ReportAccessReader;
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
    this.access = new ReportAccessReader(db);
  }

  /** Newest first. */
  async pathEvents(from: string, until: string): Promise<readonly PathEventTable[]> {
    return this.#db
      .selectFrom("path_event")
      .selectAll()
      .where("at", ">=", from)
      .where("at", "<", until)
      .orderBy("id", "desc")
      .limit(MAX_ROWS)
      .execute();
  }

  /** Newest first. */
  async epeEvents(from: string, until: string): Promise<readonly EpeEventTable[]> {
    return this.#db
      .selectFrom("epe_event")
      .selectAll()
      .where("at", ">=", from)
      .where("at", "<", until)
      .orderBy("id", "desc")
      .limit(MAX_ROWS)
      .execute();
  }

  /** Those that ran at any moment of it, oldest first. */
  async rollouts(from: string, until: string): Promise<readonly RolloutTable[]> {
    return this.#db
      .selectFrom("rollout")
      .selectAll()
      .where("created_at", "<", until)
      .where((eb) => eb.or([eb("ended_at", "is", null), eb("ended_at", ">=", from)]))
      .orderBy("id")
      .limit(1_000)
      .execute();
  }

  /** Records of the audit log by what was done, looks at data left out. */
  async changes(from: string, until: string): Promise<readonly { what: string; count: number }[]> {
    const rows = await this.#db
      .selectFrom("audit")
      .select((eb) => ["what", eb.fn.countAll().as("count")])
      .where("at", ">=", from)
      .where("at", "<", until)
      .where("what", "!=", "dns-look")
      .groupBy("what")
      .orderBy("what")
      .execute();
    return rows.map(({ what, count }) => ({ what, count: Number(count) }));
  }
}
