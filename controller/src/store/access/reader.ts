import { type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { type Kysely, sql } from "kysely";
import { addressOfHex, hexOf } from "../../core/access/blocks.ts";
import type { Pool } from "../../core/access/pools.ts";
import type { PrefixState } from "../../core/access/prefixes.ts";
import type { PrefixCount } from "../../core/access/utilisation.ts";
import type { Tables } from "../schema.ts";
import type { AccessEventTable, PoolTable, PrefixTable, SubjectKind } from "./schema.ts";

/** Which prefixes are wanted; all that is said must hold. */
export interface PrefixQuery {
  readonly pool?: string;
  readonly state?: PrefixState;
  readonly account?: string;
  readonly project?: string;
  readonly application?: number;
  /** Those after this one (32 hexadecimal digits), in the order of addresses. */
  readonly after?: string;
  readonly limit: number;
}

/** Reads addresses and their history. */
export class AddressReader {
  protected readonly db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  /** By name. */
  async pools(): Promise<readonly PoolTable[]> {
    return this.db.selectFrom("pool").selectAll().orderBy("name").execute();
  }

  async pool(name: string): Promise<PoolTable | undefined> {
    return this.db.selectFrom("pool").selectAll().where("name", "=", name).executeTakeFirst();
  }

  /** In the order of addresses. */
  async prefixes(query: PrefixQuery): Promise<readonly PrefixTable[]> {
    const { pool, state, account, project, application, after } = query;
    return this.db
      .selectFrom("prefix")
      .selectAll()
      .$if(pool !== undefined, (rows) => rows.where("pool", "=", pool ?? ""))
      .$if(state !== undefined, (rows) => rows.where("state", "=", state ?? "active"))
      .$if(account !== undefined, (rows) => rows.where("account", "=", account ?? ""))
      .$if(project !== undefined, (rows) => rows.where("project", "=", project ?? ""))
      .$if(application !== undefined, (rows) => rows.where("application", "=", application ?? 0))
      .$if(after !== undefined, (rows) => rows.where("start", ">", after ?? ""))
      .orderBy("start")
      .orderBy("length")
      .limit(query.limit)
      .execute();
  }

  /** The newest prefix of a length that a user gave back and nobody was given since. */
  async quarantinedOf(account: string, pool: string, length: number): Promise<PrefixTable | undefined> {
    return this.db
      .selectFrom("prefix")
      .selectAll()
      .where("account", "=", account)
      .where("pool", "=", pool)
      .where("state", "=", "quarantine")
      .where("length", "=", length)
      .orderBy("since", "desc")
      .limit(1)
      .executeTakeFirst();
  }

  /** Those that applications have, all or these, in the order of addresses. */
  async prefixesInUse(
    of?: readonly number[],
  ): Promise<readonly Pick<PrefixTable, "prefix" | "pool" | "application">[]> {
    return this.db
      .selectFrom("prefix")
      .select(["prefix", "pool", "application"])
      .where("application", "is not", null)
      .$if(of !== undefined, (rows) => rows.where("application", "in", of ?? []))
      .where("state", "=", "active")
      .orderBy("start")
      .execute();
  }

  async prefix(prefix: string): Promise<PrefixTable | undefined> {
    return this.db.selectFrom("prefix").selectAll().where("prefix", "=", prefix).executeTakeFirst();
  }

  /** What is not free around an address: prefixes do not overlap, so there is one at most. */
  async prefixAround(texts: readonly string[]): Promise<PrefixTable | undefined> {
    return this.db.selectFrom("prefix").selectAll().where("prefix", "in", texts).executeTakeFirst();
  }

  /** The first that is not free, from an address (32 hexadecimal digits) on. */
  async firstFrom(pool: string, start: string): Promise<PrefixTable | undefined> {
    return this.db
      .selectFrom("prefix")
      .selectAll()
      .where("pool", "=", pool)
      .where("start", ">=", start)
      .orderBy("start")
      .limit(1)
      .executeTakeFirst();
  }

  async countPrefixes(pool: string): Promise<readonly PrefixCount[]> {
    const rows = await this.db
      .selectFrom("prefix")
      .select(({ fn }) => ["state", "length", fn.countAll<number>().as("count")])
      .where("pool", "=", pool)
      .groupBy(["state", "length"])
      .execute();
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  /** When the first prefix of a pool leaves quarantine. */
  async freesAt(pool: string): Promise<string | undefined> {
    const row = await this.db
      .selectFrom("prefix")
      .select(({ fn }) => fn.min("until").as("until"))
      .where("pool", "=", pool)
      .where("state", "=", "quarantine")
      .executeTakeFirst();
    return row?.until ?? undefined;
  }

  /** Those whose quarantine is over, of one pool where it is given. */
  async expired(now: string, limit: number, pool?: string): Promise<readonly PrefixTable[]> {
    return this.db
      .selectFrom("prefix")
      .selectAll()
      .where("state", "=", "quarantine")
      .where("until", "<=", now)
      .$if(pool !== undefined, (rows) => rows.where("pool", "=", pool ?? ""))
      .orderBy("until")
      .limit(limit)
      .execute();
  }

  /**
   * The lowest free block of each length up to `length`: one look into the key's index for each, however many blocks
   * there are.
   */
  async lowestFree({ name, prefix }: Pool, length: number): Promise<readonly Prefix[]> {
    const { rows } = await sql<{ length: number; start: string | null }>`
      WITH RECURSIVE lengths(length) AS (
        SELECT CAST(${prefix.length} AS INTEGER)
        UNION ALL SELECT length + 1 FROM lengths WHERE length < CAST(${length} AS INTEGER)
      )
      SELECT length, (
        SELECT MIN(start) FROM free_block WHERE pool = ${name} AND free_block.length = lengths.length
      ) AS start FROM lengths`.execute(this.db);
    return rows.flatMap(({ length: found, start }) =>
      start === null ? [] : [{ address: addressOfHex(start), length: found }],
    );
  }

  /** The free block that holds one of these (the same prefix at every length). */
  async freeAround(pool: string, candidates: readonly Prefix[]): Promise<Prefix | undefined> {
    const rows = await this.db
      .selectFrom("free_block")
      .select(["length", "start"])
      .where("pool", "=", pool)
      .where(({ eb, or, and }) =>
        or(
          candidates.map(({ address, length }) =>
            and([eb("length", "=", length), eb("start", "=", hexOf(address))]),
          ),
        ),
      )
      .execute();
    const [row] = rows;
    return row === undefined ? undefined : { address: addressOfHex(row.start), length: row.length };
  }

  /** All that is free in a pool, in the order of addresses; for checks. */
  async freeBlocks(pool: string): Promise<readonly Prefix[]> {
    const rows = await this.db
      .selectFrom("free_block")
      .select(["length", "start"])
      .where("pool", "=", pool)
      .orderBy("start")
      .execute();
    return rows.map(({ length, start }) => ({ address: addressOfHex(start), length }));
  }

  /** Newest first. */
  async events(
    limit: number,
    of: { readonly kind?: SubjectKind; readonly subjects?: readonly string[]; readonly before?: number } = {},
  ): Promise<readonly AccessEventTable[]> {
    const { kind, subjects, before } = of;
    return this.db
      .selectFrom("access_event")
      .selectAll()
      .$if(kind !== undefined, (rows) => rows.where("kind", "=", kind ?? "pool"))
      .$if(subjects !== undefined, (rows) => rows.where("subject", "in", subjects ?? []))
      .$if(before !== undefined, (rows) => rows.where("id", "<", before ?? 0))
      .orderBy("id", "desc")
      .limit(limit)
      .execute();
  }
}

/** A pool as the core knows it. Stored prefixes are always good ones. */
export function poolOfRow(row: PoolTable): Pool {
  const prefix = parsePrefix(row.prefix);
  if (prefix === undefined) throw new RangeError(`${row.prefix} is no prefix`);
  const { name, purpose, length, site, strategy, state, note } = row;
  return { name, prefix, purpose, length, site, strategy, quarantineS: row.quarantine_s, state, note };
}
