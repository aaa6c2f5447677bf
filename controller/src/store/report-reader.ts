import type { Kysely } from "kysely";
import type { EpeEventTable, PathEventTable, RolloutTable, Tables } from "./schema.ts";

/** Rows of one kind that a report looks at: of a longer log it tells the newest. */
const MAX_ROWS = 20_000;

export interface CountRow {
  readonly service: string;
  readonly state: string;
  readonly count: number;
}

/** What a report about a span of time reads. Times are RFC 3339, `until` exclusive. */
export class ReportReader {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
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

  /** Accounts at all, and those made in the time. */
  async accounts(from: string, until: string): Promise<{ readonly all: number; readonly fresh: number }> {
    const count = async (since: string): Promise<number> => {
      const row = await this.#db
        .selectFrom("account")
        .select((eb) => eb.fn.countAll().as("count"))
        .where("created_at", "<", until)
        .where("created_at", ">=", since)
        .executeTakeFirst();
      return Number(row?.count ?? 0);
    };
    return { all: await count(""), fresh: await count(from) };
  }

  /** Applications made in the time, by service and by what they are now. */
  async applications(from: string, until: string): Promise<readonly CountRow[]> {
    const rows = await this.#db
      .selectFrom("application")
      .select((eb) => ["service", "state", eb.fn.countAll().as("count")])
      .where("created_at", ">=", from)
      .where("created_at", "<", until)
      .groupBy(["service", "state"])
      .orderBy("service")
      .orderBy("state")
      .execute();
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  /** Prefixes that came into their state in the time, by state and length. */
  async prefixes(
    from: string,
    until: string,
  ): Promise<readonly { state: string; length: number; count: number }[]> {
    const rows = await this.#db
      .selectFrom("prefix")
      .select((eb) => ["state", "length", eb.fn.countAll().as("count")])
      .where("since", ">=", from)
      .where("since", "<", until)
      .groupBy(["state", "length"])
      .orderBy("state")
      .orderBy("length")
      .execute();
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }
}
