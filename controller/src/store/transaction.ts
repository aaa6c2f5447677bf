import type { Kysely } from "kysely";
import { type ChainEnd, recordHash } from "../audit/chain.ts";
import { AccountWriter } from "./access/account-writer.ts";
import { Touched } from "./access/touched.ts";
import { AddressWriter } from "./access/writer.ts";
import { HealthWriter } from "./health/writer.ts";
import { PortalWriter } from "./portal/writer.ts";
import { type StoredIntent, StoreReader } from "./reader.ts";
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
  RevisionTable,
  RolloutEventTable,
  RolloutTable,
  Tables,
  TokenTable,
  WatchMemoryName,
} from "./schema.ts";

/** Everything that writes. Exists only inside Store.transaction. */
export class StoreTransaction extends StoreReader {
  /** The newest audit record of this transaction. */
  appended: ChainEnd | undefined;
  /** Applications, users and projects that it changed. */
  readonly touched: Touched;
  declare readonly addresses: AddressWriter;
  declare readonly accounts: AccountWriter;
  declare readonly health: HealthWriter;
  declare readonly portal: PortalWriter;

  constructor(db: Kysely<Tables>) {
    const touched = new Touched();
    super(
      db,
      new AddressWriter(db, touched),
      new AccountWriter(db, touched),
      new HealthWriter(db),
      new PortalWriter(db),
    );
    this.touched = touched;
  }

  /** Stores a revision under the next number and returns that. */
  async addRevision(row: Omit<RevisionTable, "revision">): Promise<number> {
    const newest = await this.db
      .selectFrom("revision")
      .select((eb) => eb.fn.max("revision").as("revision"))
      .executeTakeFirst();
    const revision = Number(newest?.revision ?? 0) + 1;
    await this.db
      .insertInto("revision")
      .values({ ...row, revision })
      .execute();
    return revision;
  }

  /** What a revision that was just added is made of, which may speak of its own number. */
  async setMadeOf(revision: number, madeOf: string): Promise<void> {
    await this.db.updateTable("revision").set({ made_of: madeOf }).where("revision", "=", revision).execute();
  }

  /** Stores a file of expected paths under the next number, puts it in force and returns the number. */
  async addExpected(row: Omit<ExpectedTable, "revision">): Promise<number> {
    const newest = await this.db
      .selectFrom("expected")
      .select((eb) => eb.fn.max("revision").as("revision"))
      .executeTakeFirst();
    const revision = Number(newest?.revision ?? 0) + 1;
    await this.db
      .insertInto("expected")
      .values({ ...row, revision })
      .execute();
    await this.setCounter("expected", revision);
    return revision;
  }

  async setCounter(name: CounterName, value: number): Promise<void> {
    await this.db
      .insertInto("counter")
      .values({ name, value })
      .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
      .execute();
  }

  async putTrial(revision: number, previous: number, intent: StoredIntent): Promise<void> {
    const { steer, drained } = intent;
    await this.db
      .insertInto("trial")
      .values({ revision, previous, intent: JSON.stringify({ steer, drained }) })
      .execute();
  }

  async clearTrial(): Promise<void> {
    await this.db.deleteFrom("trial").execute();
  }

  async setSteer(edge: string, plane: string): Promise<void> {
    await this.db
      .insertInto("steer")
      .values({ edge, plane })
      .onConflict((conflict) => conflict.column("edge").doUpdateSet({ plane }))
      .execute();
  }

  async clearSteer(edge: string): Promise<void> {
    await this.db.deleteFrom("steer").where("edge", "=", edge).execute();
  }

  async addDrained(plane: string): Promise<void> {
    await this.db
      .insertInto("drained")
      .values({ plane })
      .onConflict((conflict) => conflict.column("plane").doNothing())
      .execute();
  }

  async removeDrained(plane: string): Promise<void> {
    await this.db.deleteFrom("drained").where("plane", "=", plane).execute();
  }

  async putManifest(row: ManifestTable): Promise<void> {
    const { generation, digest, revision } = row;
    await this.db
      .insertInto("manifest")
      .values(row)
      .onConflict((conflict) => conflict.column("node").doUpdateSet({ generation, digest, revision }))
      .execute();
  }

  async putPart(row: PartTable): Promise<void> {
    const { sha256, generation, size } = row;
    await this.db
      .insertInto("part")
      .values(row)
      .onConflict((conflict) => conflict.columns(["node", "part"]).doUpdateSet({ sha256, generation, size }))
      .execute();
  }

  /** Notes that this part topic is no longer named from manifest `generation` on. */
  async retire(node: string, sha256: string, generation: number): Promise<void> {
    await this.db
      .insertInto("retired")
      .values({ node, sha256, generation })
      .onConflict((conflict) => conflict.columns(["node", "sha256"]).doUpdateSet({ generation }))
      .execute();
  }

  /** The part topic is wanted again, or cleared at the broker. */
  async unretire(node: string, sha256: string): Promise<void> {
    await this.db.deleteFrom("retired").where("node", "=", node).where("sha256", "=", sha256).execute();
  }

  /** Notes a certificate as issued, and returns it with its number. */
  async addCertificate(row: Omit<CertificateTable, "number">): Promise<CertificateTable> {
    const newest = await this.db
      .selectFrom("certificate")
      .select((eb) => eb.fn.max("number").as("number"))
      .executeTakeFirst();
    const numbered = { ...row, number: Number(newest?.number ?? 0) + 1 };
    await this.db.insertInto("certificate").values(numbered).execute();
    return numbered;
  }

  async setCertificateState(serial: string, state: CertificateTable["state"], since: string): Promise<void> {
    await this.db.updateTable("certificate").set({ state, since }).where("serial", "=", serial).execute();
  }

  /** The node's claim from now on; an earlier one is void. */
  async putClaim(row: ClaimTable): Promise<void> {
    const { secret, ends, attempts, serial } = row;
    await this.db
      .insertInto("claim")
      .values(row)
      .onConflict((conflict) => conflict.column("node").doUpdateSet({ secret, ends, attempts, serial }))
      .execute();
  }

  async removeClaim(node: string): Promise<void> {
    await this.db.deleteFrom("claim").where("node", "=", node).execute();
  }

  async addToken(row: TokenTable): Promise<void> {
    await this.db.insertInto("token").values(row).execute();
  }

  async revokeToken(name: string, at: string): Promise<void> {
    await this.db.updateTable("token").set({ revoked_at: at }).where("name", "=", name).execute();
  }

  async touchToken(name: string, at: string | null): Promise<void> {
    await this.db.updateTable("token").set({ last_used_at: at }).where("name", "=", name).execute();
  }

  async putRollout(row: RolloutTable): Promise<void> {
    const { saved_at, ended_at, state } = row;
    await this.db
      .insertInto("rollout")
      .values(row)
      .onConflict((conflict) => conflict.column("id").doUpdateSet({ saved_at, ended_at, state }))
      .execute();
  }

  /** Writes an event, or another in the place of the one of that number. */
  async putRolloutEvent(row: RolloutEventTable): Promise<void> {
    const { at, kind, who, body } = row;
    await this.db
      .insertInto("rollout_event")
      .values(row)
      .onConflict((conflict) => conflict.columns(["rollout", "number"]).doUpdateSet({ at, kind, who, body }))
      .execute();
  }

  async putPathWatch(row: PathWatchTable): Promise<void> {
    const { state } = row;
    await this.db
      .insertInto("path_watch")
      .values(row)
      .onConflict((conflict) => conflict.columns(["source", "target"]).doUpdateSet({ state }))
      .execute();
  }

  async removePathWatch(source: string, target: string): Promise<void> {
    await this.db
      .deleteFrom("path_watch")
      .where("source", "=", source)
      .where("target", "=", target)
      .execute();
  }

  /** Stores an event under the next number and returns that; only the newest stay, of all and of its source. */
  async addPathEvent(
    row: Omit<PathEventTable, "id">,
    keep: { readonly all: number; readonly ofSource: number },
  ): Promise<number> {
    const newest = await this.db
      .selectFrom("path_event")
      .select((eb) => eb.fn.max("id").as("id"))
      .executeTakeFirst();
    const id = Number(newest?.id ?? 0) + 1;
    await this.db
      .insertInto("path_event")
      .values({ ...row, id })
      .execute();
    const surplus = await this.db
      .selectFrom("path_event")
      .select("id")
      .where("source", "=", row.source)
      .orderBy("id", "desc")
      .offset(keep.ofSource)
      .limit(1)
      .executeTakeFirst();
    await this.db
      .deleteFrom("path_event")
      .where(({ eb, or, and }) =>
        or([
          eb("id", "<=", id - keep.all),
          ...(surplus === undefined
            ? []
            : [and([eb("source", "=", row.source), eb("id", "<=", surplus.id)])]),
        ]),
      )
      .execute();
    return id;
  }

  async putWatchMemory(name: WatchMemoryName, value: string): Promise<void> {
    await this.db
      .insertInto("watch_memory")
      .values({ name, value })
      .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
      .execute();
  }

  async putEpeState(name: EpeStateName, value: string): Promise<void> {
    await this.db
      .insertInto("epe_state")
      .values({ name, value })
      .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
      .execute();
  }

  /** Stores events under the next numbers; only the newest `keep` stay. */
  async addEpeEvents(rows: readonly Omit<EpeEventTable, "id">[], keep: number): Promise<void> {
    if (rows.length === 0) return;
    const newest = await this.db
      .selectFrom("epe_event")
      .select((eb) => eb.fn.max("id").as("id"))
      .executeTakeFirst();
    const first = Number(newest?.id ?? 0) + 1;
    for (const [at, row] of rows.entries())
      await this.db
        .insertInto("epe_event")
        .values({ ...row, id: first + at })
        .execute();
    await this.db
      .deleteFrom("epe_event")
      .where("id", "<=", first + rows.length - 1 - keep)
      .execute();
  }

  /** Appends a record to the audit chain. */
  async addAudit(row: Omit<AuditTable, "id" | "hash">): Promise<void> {
    const end = await this.auditEnd();
    const fields = { ...row, id: end.id + 1 };
    const appended = { ...fields, hash: recordHash(end.hash, fields) };
    await this.db.insertInto("audit").values(appended).execute();
    await this.setCounter("audit", appended.id);
    this.appended = appended;
  }
}
