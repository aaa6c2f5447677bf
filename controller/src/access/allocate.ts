import { formatPrefix, type Prefix, prefixOf } from "@vsix/shared/net/prefix.ts";
import { timestamp } from "../clock.ts";
import { addressOfHex, buddyOf, carve, chooseBlock, hexOf, parentOf } from "../core/access/blocks.ts";
import { type Pool, type Purpose, poolsFor } from "../core/access/pools.ts";
import { describeExhaustion, utilisationOf } from "../core/access/utilisation.ts";
import { ControllerError } from "../errors.ts";
import { poolOfRow } from "../store/access/reader.ts";
import type { PrefixTable } from "../store/access/schema.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { remember } from "./record.ts";

/** Prefixes whose quarantine is over that one allocation makes free: enough that it finds one, and bounded. */
const FREED_AT_ONCE = 64;

/** Who gets a prefix. */
export interface Holder {
  readonly state: "reserved" | "active";
  readonly account: string | null;
  readonly project: string | null;
  readonly application: number | null;
  readonly note: string;
}

export interface Moment {
  readonly who: string;
  readonly nowMs: number;
}

/**
 * Takes a free prefix out of the pools of a purpose at a site: the first pool that has one. Who gave one back gets that one
 * again while it is in quarantine, so nobody empties a pool by applying and revoking. The choice is made and written
 * in the caller's transaction. Throws `no-pool`, `pool-exhausted`, which says of every pool how full it is.
 */
export async function allocateFor(
  tx: StoreTransaction,
  {
    purpose,
    site,
    length,
  }: { readonly purpose: Purpose; readonly site: string | null; readonly length?: number },
  holder: Holder,
  moment: Moment,
): Promise<PrefixTable> {
  const pools = poolsFor((await tx.addresses.pools()).map(poolOfRow), purpose, site);
  if (pools.length === 0) {
    const where = site === null ? "" : ` at ${site}`;
    const how = `vsixctl pool create NAME --prefix PREFIX --purpose ${purpose}${site === null ? "" : ` --site ${site}`}`;
    throw new ControllerError("no-pool", `no open pool serves ${purpose}${where}; ${how} makes one`);
  }
  const reasons: string[] = [];
  if (holder.account !== null)
    for (const pool of pools) {
      const own = await tx.addresses.quarantinedOf(holder.account, pool.name, length ?? pool.length);
      if (own !== undefined) return takeBack(tx, own, holder, moment);
    }
  for (const pool of pools) {
    const found = await take(tx, pool, length ?? pool.length, moment);
    if (found !== undefined) return occupy(tx, pool, found, holder, moment);
    reasons.push(await exhaustion(tx, pool, length ?? pool.length));
  }
  throw new ControllerError("pool-exhausted", reasons.join("; "));
}

/** Takes a free prefix out of one pool. Throws `pool-closed`, `bad-prefix`, `pool-exhausted`. */
export async function allocateIn(
  tx: StoreTransaction,
  pool: Pool,
  length: number,
  holder: Holder,
  moment: Moment,
): Promise<PrefixTable> {
  requireOpen(pool);
  if (length < pool.prefix.length || length > 128)
    throw new ControllerError("bad-prefix", `no /${length} lies inside of ${formatPrefix(pool.prefix)}`);
  const found = await take(tx, pool, length, moment);
  if (found === undefined) throw new ControllerError("pool-exhausted", await exhaustion(tx, pool, length));
  return occupy(tx, pool, found, holder, moment);
}

/** Takes this very prefix. Throws `pool-closed`, `prefix-taken`, which names what is in the way. */
export async function allocateExactly(
  tx: StoreTransaction,
  pool: Pool,
  prefix: Prefix,
  holder: Holder,
  moment: Moment,
): Promise<PrefixTable> {
  requireOpen(pool);
  await freeExpired(tx, moment, FREED_AT_ONCE, pool.name);
  const around: Prefix[] = [];
  for (let length = pool.prefix.length; length <= prefix.length; length++)
    around.push(prefixOf(prefix.address, length));
  const block = await tx.addresses.freeAround(pool.name, around);
  if (block === undefined) {
    const inTheWay =
      (await tx.addresses.prefixAround(around.map(formatPrefix))) ??
      (await tx.addresses.firstFrom(pool.name, hexOf(prefix.address)));
    const what = inTheWay === undefined ? "something in it" : `${inTheWay.prefix} (${inTheWay.state})`;
    throw new ControllerError("prefix-taken", `${formatPrefix(prefix)} is not free: ${what} is in the way`);
  }
  await split(tx, pool, block, prefix);
  return occupy(tx, pool, prefix, holder, moment);
}

/** Makes a prefix free. What it is part of merges with what is free beside it. */
export async function free(tx: StoreTransaction, row: PrefixTable, poolPrefix: Prefix): Promise<void> {
  let block = prefixOf(addressOfHex(row.start), row.length);
  while (block.length > poolPrefix.length && (await tx.addresses.removeFree(row.pool, buddyOf(block))))
    block = parentOf(block);
  await tx.addresses.addFree(row.pool, [block]);
  await tx.addresses.removePrefix(row.prefix);
}

/** Makes prefixes free whose quarantine is over; how many. */
export async function freeExpired(
  tx: StoreTransaction,
  { nowMs }: Moment,
  limit: number,
  pool?: string,
): Promise<number> {
  const at = timestamp(nowMs);
  const expired = await tx.addresses.expired(at, limit, pool);
  if (expired.length === 0) return 0;
  const pools = new Map((await tx.addresses.pools()).map((row) => [row.name, poolOfRow(row)]));
  for (const row of expired) {
    const within = pools.get(row.pool);
    if (within === undefined) continue;
    await free(tx, row, within.prefix);
    const detail = { since: row.since };
    await remember(tx, {
      at,
      who: "time",
      what: "quarantine over",
      kind: "prefix",
      subject: row.prefix,
      detail,
    });
  }
  return expired.length;
}

async function take(
  tx: StoreTransaction,
  pool: Pool,
  length: number,
  moment: Moment,
): Promise<Prefix | undefined> {
  await freeExpired(tx, moment, FREED_AT_ONCE, pool.name);
  const block = chooseBlock(await tx.addresses.lowestFree(pool, length), length, pool.strategy);
  if (block === undefined) return undefined;
  const prefix = prefixOf(block.address, length);
  await split(tx, pool, block, prefix);
  return prefix;
}

async function split(tx: StoreTransaction, pool: Pool, block: Prefix, taken: Prefix): Promise<void> {
  await tx.addresses.removeFree(pool.name, block);
  await tx.addresses.addFree(pool.name, carve(block, taken));
}

async function occupy(
  tx: StoreTransaction,
  pool: Pool,
  prefix: Prefix,
  holder: Holder,
  { who, nowMs }: Moment,
): Promise<PrefixTable> {
  const at = timestamp(nowMs);
  const row: PrefixTable = {
    prefix: formatPrefix(prefix),
    pool: pool.name,
    start: hexOf(prefix.address),
    length: prefix.length,
    since: at,
    until: null,
    ...holder,
  };
  await tx.addresses.addPrefix(row);
  await tellHolder(tx, row, holder, { who, at });
  return row;
}

async function takeBack(
  tx: StoreTransaction,
  row: PrefixTable,
  holder: Holder,
  { who, nowMs }: Moment,
): Promise<PrefixTable> {
  const at = timestamp(nowMs);
  const change = { ...holder, since: at, until: null };
  await tx.addresses.changePrefix(row.prefix, change);
  await tellHolder(tx, row, holder, { who, at });
  return { ...row, ...change };
}

async function tellHolder(
  tx: StoreTransaction,
  { prefix, pool }: PrefixTable,
  { account, project, application, note, state }: Holder,
  { who, at }: { readonly who: string; readonly at: string },
): Promise<void> {
  const detail = { pool, account, project, application, note };
  await remember(tx, { at, who, what: state, kind: "prefix", subject: prefix, detail });
}

async function exhaustion(tx: StoreTransaction, pool: Pool, length: number): Promise<string> {
  const utilisation = utilisationOf(pool, await tx.addresses.countPrefixes(pool.name));
  return describeExhaustion(pool, length, utilisation, await tx.addresses.freesAt(pool.name));
}

function requireOpen({ name, state }: Pool): void {
  if (state === "open") return;
  throw new ControllerError("pool-closed", `pool ${name} is closed; vsixctl pool open ${name} opens it`);
}
