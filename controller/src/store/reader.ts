import type { Kysely } from "kysely";
import { type ChainEnd, EMPTY_CHAIN } from "../audit/chain.ts";
import { AccountReader } from "./access/account-reader.ts";
import { AddressReader } from "./access/reader.ts";
import { HealthReader } from "./health/reader.ts";
import { PortalReader } from "./portal/reader.ts";
import { ReportReader } from "./report-reader.ts";
import type {
  AuditTable,
  CertificateTable,
  ClaimTable,
  CounterName,
  EpeEventTable,
  EpeStateName,
  ExpectedTable,
  ManifestTable,
  PartTable,
  PathEventTable,
  PathWatchTable,
  RetiredTable,
  RevisionTable,
  RolloutEventTable,
  RolloutTable,
  Tables,
  TokenTable,
  WatchMemoryName,
} from "./schema.ts";

/** What operators asked for beside the fabric: steered Edges and drained planes. */
export interface StoredIntent {
  /** Plane by Edge. */
  readonly steer: Readonly<Record<string, string>>;
  readonly drained: readonly string[];
}

/** Which records of the audit log; `before`: only those of a lower number. */
export interface AuditFilter {
  readonly before?: number | undefined;
  readonly who?: string | undefined;
  readonly what?: string | undefined;
}

/** Everything that only reads. */
export class StoreReader {
  protected readonly db: Kysely<Tables>;
  readonly addresses: AddressReader;
  readonly accounts: AccountReader;
  readonly health: HealthReader;
  readonly report: ReportReader;
  readonly portal: PortalReader;

  constructor(
    db: Kysely<Tables>,
    addresses = new AddressReader(db),
    accounts = new AccountReader(db),
    health = new HealthReader(db),
    portal = new PortalReader(db),
  ) {
    this.db = db;
    this.addresses = addresses;
    this.accounts = accounts;
    this.health = health;
    this.portal = portal;
    this.report = new ReportReader(db);
  }

  /** The revision in force; undefined before the first apply. */
  async currentRevision(): Promise<RevisionTable | undefined> {
    const revision = await this.counter("revision");
    return revision === 0 ? undefined : this.revision(revision);
  }

  async revision(revision: number): Promise<RevisionTable | undefined> {
    return this.db.selectFrom("revision").selectAll().where("revision", "=", revision).executeTakeFirst();
  }

  /** Newest first, without the fabric's text. */
  async revisions(limit: number): Promise<readonly Omit<RevisionTable, "fabric">[]> {
    return this.db
      .selectFrom("revision")
      .select(["revision", "file", "sha256", "author", "note", "at", "made_of"])
      .orderBy("revision", "desc")
      .limit(limit)
      .execute();
  }

  async expected(revision: number): Promise<ExpectedTable | undefined> {
    return this.db.selectFrom("expected").selectAll().where("revision", "=", revision).executeTakeFirst();
  }

  async intent(): Promise<StoredIntent> {
    const steer = await this.db.selectFrom("steer").selectAll().orderBy("edge").execute();
    const drained = await this.db.selectFrom("drained").selectAll().orderBy("plane").execute();
    return {
      steer: Object.fromEntries(steer.map((row) => [row.edge, row.plane])),
      drained: drained.map((row) => row.plane),
    };
  }

  /** The revision on trial and what to go back to. */
  async trial(): Promise<
    { readonly revision: number; readonly previous: number; readonly intent: StoredIntent } | undefined
  > {
    const row = await this.db.selectFrom("trial").selectAll().executeTakeFirst();
    if (row === undefined) return undefined;
    return { ...row, intent: JSON.parse(row.intent) as StoredIntent };
  }

  async manifests(): Promise<readonly ManifestTable[]> {
    return this.db.selectFrom("manifest").selectAll().orderBy("node").execute();
  }

  async parts(): Promise<readonly PartTable[]> {
    return this.db.selectFrom("part").selectAll().orderBy("node").orderBy("part").execute();
  }

  async manifest(node: string): Promise<ManifestTable | undefined> {
    return this.db.selectFrom("manifest").selectAll().where("node", "=", node).executeTakeFirst();
  }

  async partsOf(node: string): Promise<readonly PartTable[]> {
    return this.db.selectFrom("part").selectAll().where("node", "=", node).execute();
  }

  async retired(): Promise<readonly RetiredTable[]> {
    return this.db.selectFrom("retired").selectAll().orderBy("node").orderBy("sha256").execute();
  }

  /** Newest first. */
  async audit(limit: number, { before, who, what }: AuditFilter = {}): Promise<readonly AuditTable[]> {
    let rows = this.db.selectFrom("audit").selectAll();
    if (before !== undefined) rows = rows.where("id", "<", before);
    if (who !== undefined) rows = rows.where("who", "=", who);
    if (what !== undefined) rows = rows.where("what", "=", what);
    return rows.orderBy("id", "desc").limit(limit).execute();
  }

  /** Oldest first, from the record after `afterId`. */
  async auditAfter(afterId: number, limit: number): Promise<readonly AuditTable[]> {
    return this.db
      .selectFrom("audit")
      .selectAll()
      .where("id", ">", afterId)
      .orderBy("id")
      .limit(limit)
      .execute();
  }

  /** Where the audit chain ends. */
  async auditEnd(): Promise<ChainEnd> {
    const newest = await this.db
      .selectFrom("audit")
      .select(["id", "hash"])
      .orderBy("id", "desc")
      .executeTakeFirst();
    return newest ?? EMPTY_CHAIN;
  }

  /** Oldest first. */
  async certificates(): Promise<readonly CertificateTable[]> {
    return this.db.selectFrom("certificate").selectAll().orderBy("number").execute();
  }

  async claim(node: string): Promise<ClaimTable | undefined> {
    return this.db.selectFrom("claim").selectAll().where("node", "=", node).executeTakeFirst();
  }

  async claims(): Promise<readonly ClaimTable[]> {
    return this.db.selectFrom("claim").selectAll().orderBy("node").execute();
  }

  async tokens(): Promise<readonly TokenTable[]> {
    return this.db.selectFrom("token").selectAll().orderBy("created_at").orderBy("name").execute();
  }

  async hasToken(name: string): Promise<boolean> {
    const row = await this.db.selectFrom("token").select("name").where("name", "=", name).executeTakeFirst();
    return row !== undefined;
  }

  async rollout(id: number): Promise<RolloutTable | undefined> {
    return this.db.selectFrom("rollout").selectAll().where("id", "=", id).executeTakeFirst();
  }

  /** Newest first. */
  async rollouts(limit: number): Promise<readonly RolloutTable[]> {
    return this.db.selectFrom("rollout").selectAll().orderBy("id", "desc").limit(limit).execute();
  }

  /** Those that have not ended, oldest first. */
  async runningRollouts(): Promise<readonly RolloutTable[]> {
    return this.db.selectFrom("rollout").selectAll().where("ended_at", "is", null).orderBy("id").execute();
  }

  /** Those of these numbers, oldest first. */
  async rolloutsOf(ids: readonly number[]): Promise<readonly RolloutTable[]> {
    return this.db.selectFrom("rollout").selectAll().where("id", "in", ids).orderBy("id").execute();
  }

  /** Those of a higher number, oldest first. */
  async rolloutsAfter(id: number): Promise<readonly RolloutTable[]> {
    return this.db.selectFrom("rollout").selectAll().where("id", ">", id).orderBy("id").execute();
  }

  /** Without the verdicts, which are large. Oldest first. */
  async rolloutChanges(id: number): Promise<readonly RolloutEventTable[]> {
    return this.db
      .selectFrom("rollout_event")
      .selectAll()
      .where("rollout", "=", id)
      .where("kind", "=", "change")
      .orderBy("number")
      .execute();
  }

  /** Oldest first. */
  async rolloutEvents(id: number): Promise<readonly RolloutEventTable[]> {
    return this.db
      .selectFrom("rollout_event")
      .selectAll()
      .where("rollout", "=", id)
      .orderBy("number")
      .execute();
  }

  /** The newest two events of a rollout, newest first. */
  async newestRolloutEvents(id: number): Promise<readonly RolloutEventTable[]> {
    return this.db
      .selectFrom("rollout_event")
      .selectAll()
      .where("rollout", "=", id)
      .orderBy("number", "desc")
      .limit(2)
      .execute();
  }

  async pathWatches(): Promise<readonly PathWatchTable[]> {
    return this.db.selectFrom("path_watch").selectAll().execute();
  }

  /** Newest first; of one source or target where it is given. */
  async pathEvents(
    limit: number,
    of: { readonly source?: string; readonly target?: string } = {},
  ): Promise<readonly PathEventTable[]> {
    const { source, target } = of;
    return this.db
      .selectFrom("path_event")
      .selectAll()
      .$if(source !== undefined, (query) => query.where("source", "=", source ?? ""))
      .$if(target !== undefined, (query) => query.where("target", "=", target ?? ""))
      .orderBy("id", "desc")
      .limit(limit)
      .execute();
  }

  /** JSON text; undefined when it was never written. */
  async watchMemory(name: WatchMemoryName): Promise<string | undefined> {
    const row = await this.db
      .selectFrom("watch_memory")
      .select("value")
      .where("name", "=", name)
      .executeTakeFirst();
    return row?.value;
  }

  /** Undefined when it was never written. */
  async epeState(name: EpeStateName): Promise<string | undefined> {
    const row = await this.db
      .selectFrom("epe_state")
      .select("value")
      .where("name", "=", name)
      .executeTakeFirst();
    return row?.value;
  }

  /** Oldest first. */
  async epeEventsAfter(id: number, limit: number): Promise<readonly EpeEventTable[]> {
    return this.db
      .selectFrom("epe_event")
      .selectAll()
      .where("id", ">", id)
      .orderBy("id")
      .limit(limit)
      .execute();
  }

  /** Newest first; of one prefix where it is given. */
  async epeEvents(limit: number, prefix?: string): Promise<readonly EpeEventTable[]> {
    return this.db
      .selectFrom("epe_event")
      .selectAll()
      .$if(prefix !== undefined, (query) => query.where("prefix", "=", prefix ?? ""))
      .orderBy("id", "desc")
      .limit(limit)
      .execute();
  }

  /** 0 when it was never written. */
  async counter(name: CounterName): Promise<number> {
    const row = await this.db
      .selectFrom("counter")
      .select("value")
      .where("name", "=", name)
      .executeTakeFirst();
    return row?.value ?? 0;
  }
}
