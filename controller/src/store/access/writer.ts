import type { Prefix } from "@vsix/shared/net/prefix.ts";
import type { Kysely } from "kysely";
import { hexOf } from "../../core/access/blocks.ts";
import type { Tables } from "../schema.ts";
import { AddressReader } from "./reader.ts";
import type { AccessEventTable, PoolTable, PrefixTable } from "./schema.ts";
import type { Touched } from "./touched.ts";

/** Writes addresses and their history. Exists only inside a transaction. */
export class AddressWriter extends AddressReader {
  readonly #touched: Touched;

  constructor(db: Kysely<Tables>, touched: Touched) {
    super(db);
    this.#touched = touched;
  }

  async addPool(row: PoolTable): Promise<void> {
    await this.db.insertInto("pool").values(row).execute();
  }

  async changePool(name: string, change: Partial<Pick<PoolTable, "state" | "note">>): Promise<void> {
    await this.db.updateTable("pool").set(change).where("name", "=", name).execute();
  }

  /** A pool that nothing was given out of. */
  async removePool(name: string): Promise<void> {
    await this.db.deleteFrom("free_block").where("pool", "=", name).execute();
    await this.db.deleteFrom("pool").where("name", "=", name).execute();
  }

  async addFree(pool: string, blocks: readonly Prefix[]): Promise<void> {
    if (blocks.length === 0) return;
    const rows = blocks.map(({ address, length }) => ({ pool, length, start: hexOf(address) }));
    await this.db.insertInto("free_block").values(rows).execute();
  }

  /** True when it was free as a whole block. */
  async removeFree(pool: string, { address, length }: Prefix): Promise<boolean> {
    const { numDeletedRows } = await this.db
      .deleteFrom("free_block")
      .where("pool", "=", pool)
      .where("length", "=", length)
      .where("start", "=", hexOf(address))
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async addPrefix(row: PrefixTable): Promise<void> {
    if (row.application !== null) this.#touched.applications.add(row.application);
    await this.db.insertInto("prefix").values(row).execute();
  }

  async changePrefix(prefix: string, change: Partial<Omit<PrefixTable, "prefix">>): Promise<void> {
    await this.#touchHolder(prefix);
    if (change.application != null) this.#touched.applications.add(change.application);
    await this.db.updateTable("prefix").set(change).where("prefix", "=", prefix).execute();
  }

  async removePrefix(prefix: string): Promise<void> {
    await this.#touchHolder(prefix);
    await this.db.deleteFrom("prefix").where("prefix", "=", prefix).execute();
  }

  async addEvent(row: Omit<AccessEventTable, "id">): Promise<void> {
    const newest = await this.db
      .selectFrom("access_event")
      .select((eb) => eb.fn.max("id").as("id"))
      .executeTakeFirst();
    const id = Number(newest?.id ?? 0) + 1;
    await this.db
      .insertInto("access_event")
      .values({ ...row, id })
      .execute();
  }

  /** Whoever had it is served otherwise from now on. */
  async #touchHolder(prefix: string): Promise<void> {
    const application = (await this.prefix(prefix))?.application ?? null;
    if (application !== null) this.#touched.applications.add(application);
  }
}
