import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { Migrator } from "kysely/migration";
import type { ChainEnd } from "../audit/chain.ts";
import { ControllerError, messageOf } from "../errors.ts";
import type { Touched } from "./access/touched.ts";
import { initial } from "./migrations/0001-initial.ts";
import { auditChain } from "./migrations/0002-audit-chain.ts";
import { identity } from "./migrations/0003-identity.ts";
import { apiTokens } from "./migrations/0004-api-tokens.ts";
import { trial } from "./migrations/0005-trial.ts";
import { rollout } from "./migrations/0006-rollout.ts";
import { expected } from "./migrations/0007-expected.ts";
import { pathWatch } from "./migrations/0008-path-watch.ts";
import { planeRevision } from "./migrations/0009-plane-revision.ts";
import { epe } from "./migrations/0010-epe.ts";
import { addressManagement } from "./migrations/0011-address-management.ts";
import { accounts } from "./migrations/0012-accounts.ts";
import { health } from "./migrations/0013-health.ts";
import { accessMinute } from "./migrations/0014-access-minute.ts";
import { portal } from "./migrations/0015-portal.ts";
import { accessSince } from "./migrations/0016-access-since.ts";
import { ownSuspension } from "./migrations/0017-own-suspension.ts";
import { oneTimeLink } from "./migrations/0018-one-time-link.ts";
import { providerIdentity } from "./migrations/0019-identity.ts";
import { passkey } from "./migrations/0020-passkey.ts";
import { StoreReader } from "./reader.ts";
import type { Tables } from "./schema.ts";
import { StoreTransaction } from "./transaction.ts";

/** Append only; never edited once released. */
const MIGRATIONS = {
  "0001-initial": initial,
  "0002-audit-chain": auditChain,
  "0003-identity": identity,
  "0004-api-tokens": apiTokens,
  "0005-trial": trial,
  "0006-rollout": rollout,
  "0007-expected": expected,
  "0008-path-watch": pathWatch,
  "0009-plane-revision": planeRevision,
  "0010-epe": epe,
  "0011-address-management": addressManagement,
  "0012-accounts": accounts,
  "0013-health": health,
  "0014-access-minute": accessMinute,
  "0015-portal": portal,
  "0016-access-since": accessSince,
  "0017-own-suspension": ownSuspension,
  "0018-one-time-link": oneTimeLink,
  "0019-identity": providerIdentity,
  "0020-passkey": passkey,
};

/**
 * The controller's database: reads anywhere, writes only inside `transaction`. WAL with `synchronous=FULL`, so a
 * committed epoch or generation survives a power cut: agents refuse older ones.
 */
export class Store implements AsyncDisposable {
  readonly read: StoreReader;
  readonly #db: Kysely<Tables>;
  #onAudit: ((end: ChainEnd) => void) | undefined;
  #onTouched: ((touched: Touched) => void) | undefined;

  private constructor(db: Kysely<Tables>) {
    this.#db = db;
    this.read = new StoreReader(db);
  }

  /** Opens or makes the database and brings its schema up to date. Throws ControllerError `store`. */
  static async open(file: string): Promise<Store> {
    let db: Kysely<Tables> | undefined;
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const database = new SqliteDatabase(file, { timeout: 1000 });
      // One controller a database: the lock lasts as long as the process, however it ends.
      database.pragma("locking_mode = EXCLUSIVE");
      database.pragma("journal_mode = WAL");
      database.pragma("synchronous = FULL");
      database.pragma("foreign_keys = ON");
      db = new Kysely<Tables>({ dialect: new SqliteDialect({ database }) });
      const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
      const { error } = await migrator.migrateToLatest();
      if (error !== undefined) throw error;
      return new Store(db);
    } catch (cause) {
      await db?.destroy();
      const hint = isLocked(cause) ? " (another controller uses this stateDir)" : "";
      throw new ControllerError("store", `${file}: ${messageOf(cause)}${hint}`, { cause });
    }
  }

  /**
   * Runs `work` in one transaction: all of its writes happen, or, when it throws, none. Throws what `work` throws, and
   * ControllerError `store` where the database cannot.
   */
  async transaction<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T> {
    const transaction = await this.#db.startTransaction().execute();
    const tx = new StoreTransaction(transaction);
    let result: T;
    try {
      result = await work(tx);
      await transaction.commit().execute();
    } catch (cause) {
      // A full disk: SQLite has rolled back by itself already and refuses to do it twice.
      await transaction
        .rollback()
        .execute()
        .catch(() => undefined);
      if (cause instanceof SqliteDatabase.SqliteError)
        throw new ControllerError("store", explain(cause), { cause });
      throw cause;
    }
    const { appended } = tx;
    if (appended !== undefined) this.#onAudit?.(appended);
    if (!tx.touched.isEmpty) this.#onTouched?.(tx.touched);
    return result;
  }

  /** Calls back after each commit that appended to the audit chain, with its new end. The listener must not throw. */
  onAudit(listener: (end: ChainEnd) => void): void {
    this.#onAudit = listener;
  }

  /** Calls back after each commit that changed what users have. The listener must not throw. */
  onTouched(listener: (touched: Touched) => void): void {
    this.#onTouched = listener;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#db.destroy();
  }
}

/** For whoever asked for the change: why, and that nothing has come of it. */
function explain({ code, message }: InstanceType<typeof SqliteDatabase.SqliteError>): string {
  const why = code === "SQLITE_FULL" ? "the disk of stateDir is full; make room and try again" : message;
  return `nothing was changed: the database refuses: ${why} (${code})`;
}

function isLocked(cause: unknown): boolean {
  return cause instanceof SqliteDatabase.SqliteError && cause.code.startsWith("SQLITE_BUSY");
}
