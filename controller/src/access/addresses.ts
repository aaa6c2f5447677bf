import { parseAddress } from "@vsix/shared/net/address.ts";
import { containsPrefix, formatPrefix, type Prefix, parsePrefix, prefixOf } from "@vsix/shared/net/prefix.ts";
import { type Clock, timestamp } from "../clock.ts";
import { judgePool, type Pool, type PoolWish, poolHolding } from "../core/access/pools.ts";
import { nextPrefixState, type PrefixAction, prefixActions } from "../core/access/prefixes.ts";
import { type Utilisation, utilisationOf } from "../core/access/utilisation.ts";
import { ControllerError } from "../errors.ts";
import { poolOfRow } from "../store/access/reader.ts";
import type { PoolTable, PrefixTable } from "../store/access/schema.ts";
import type { Store } from "../store/store.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { allocateExactly, allocateIn, free, freeExpired } from "./allocate.ts";
import { record, remember } from "./record.ts";

/** What operations on addresses need of the controller. */
export interface AddressContext {
  readonly store: Store;
  readonly clock: Clock;
}

export interface PoolView {
  readonly pool: PoolTable;
  readonly utilisation: Utilisation;
}

/** Makes a pool, all of it free. Throws `pool-exists`, `bad-pool`. */
export async function createPool(
  { store, clock }: AddressContext,
  who: string,
  wish: PoolWish,
): Promise<PoolView> {
  const at = timestamp(clock.wallMs());
  return store.transaction(async (tx) => {
    const others = (await tx.addresses.pools()).map(poolOfRow);
    if (others.some(({ name }) => name === wish.name))
      throw new ControllerError("pool-exists", `there is a pool ${wish.name} already`);
    const verdict = judgePool(wish, others);
    if (!verdict.ok) throw new ControllerError("bad-pool", verdict.reason);
    const { name, prefix, purpose, length, site, strategy, quarantineS, state, note } = verdict.pool;
    const row: PoolTable = {
      name,
      prefix: formatPrefix(prefix),
      purpose,
      length,
      site,
      strategy,
      quarantine_s: quarantineS,
      state,
      note,
      created_at: at,
      created_by: who,
    };
    await tx.addresses.addPool(row);
    await tx.addresses.addFree(name, [prefix]);
    const detail = { prefix: row.prefix, purpose, length, site, strategy, quarantineS, note };
    await record(tx, { at, who, what: "pool create", kind: "pool", subject: name, detail });
    return { pool: row, utilisation: utilisationOf(verdict.pool, []) };
  });
}

/** Every pool and how full it is, by name. */
export async function listPools({ store }: AddressContext): Promise<readonly PoolView[]> {
  const views: PoolView[] = [];
  for (const pool of await store.read.addresses.pools())
    views.push({
      pool,
      utilisation: utilisationOf(poolOfRow(pool), await store.read.addresses.countPrefixes(pool.name)),
    });
  return views;
}

/** Opens or closes a pool. Throws `unknown-pool`. */
export async function setPoolState(
  { store, clock }: AddressContext,
  who: string,
  name: string,
  state: PoolTable["state"],
): Promise<PoolTable> {
  const at = timestamp(clock.wallMs());
  return store.transaction(async (tx) => {
    const row = await requirePool(tx, name);
    if (row.state === state) return row;
    await tx.addresses.changePool(name, { state });
    const what = state === "open" ? "pool open" : "pool close";
    await record(tx, { at, who, what, kind: "pool", subject: name, detail: {} });
    return { ...row, state };
  });
}

/** Throws `unknown-pool`, `pool-in-use` while anything of it is not free. */
export async function removePool({ store, clock }: AddressContext, who: string, name: string): Promise<void> {
  const at = timestamp(clock.wallMs());
  await store.transaction(async (tx) => {
    const { prefix } = await requirePool(tx, name);
    const [first] = await tx.addresses.prefixes({ pool: name, limit: 1 });
    if (first !== undefined)
      throw new ControllerError(
        "pool-in-use",
        `pool ${name} is in use: ${first.prefix} is ${first.state}; vsixctl pool close ${name} lets it run out`,
      );
    await tx.addresses.removePool(name);
    await record(tx, { at, who, what: "pool remove", kind: "pool", subject: name, detail: { prefix } });
  });
}

export interface AllocateWish {
  readonly pool: string;
  /** This very one; else any free one of `length`, or of the pool's length. */
  readonly prefix?: string;
  readonly length?: number;
  readonly state: "reserved" | "active";
  readonly note: string;
}

/** Gives out a prefix by hand. Throws `unknown-pool`, `pool-closed`, `bad-prefix`, `prefix-taken`, `pool-exhausted`. */
export async function allocatePrefix(
  { store, clock }: AddressContext,
  who: string,
  wish: AllocateWish,
): Promise<PrefixTable> {
  const moment = { who, nowMs: clock.wallMs() };
  const { state, note } = wish;
  const holder = { state, note, account: null, project: null, application: null };
  return store.transaction(async (tx) => {
    const pool = poolOfRow(await requirePool(tx, wish.pool));
    const row =
      wish.prefix === undefined
        ? await allocateIn(tx, pool, wish.length ?? pool.length, holder, moment)
        : await allocateExactly(tx, pool, parseInside(pool, wish.prefix), holder, moment);
    await tx.addAudit({
      at: row.since,
      who,
      what: state === "reserved" ? "prefix reserve" : "prefix allocate",
      detail: JSON.stringify({ prefix: row.prefix, pool: pool.name, note }),
    });
    return row;
  });
}

/**
 * Does something with one prefix. Throws `bad-prefix`, `unknown-prefix`, `prefix-state` where that is not possible in its
 * state, `prefix-held` where an application has it.
 */
export async function changePrefix(
  { store, clock }: AddressContext,
  who: string,
  text: string,
  action: PrefixAction,
  reason: string,
): Promise<{
  readonly prefix: string;
  readonly state: PrefixTable["state"] | "free";
  readonly until: string | null;
}> {
  const moment = { who, nowMs: clock.wallMs() };
  return store.transaction(async (tx) => {
    const row = await requirePrefix(tx, text);
    if (row.application !== null && (row.state === "active" || row.state === "reserved"))
      throw new ControllerError(
        "prefix-held",
        `application ${row.application} has ${row.prefix}; vsixctl application show ${row.application} tells whose it is`,
      );
    const done = await movePrefix(tx, row, action, reason, moment);
    const detail = JSON.stringify({ prefix: row.prefix, reason });
    await tx.addAudit({ at: timestamp(moment.nowMs), who, what: `prefix ${action}`, detail });
    return done;
  });
}

/** The same within a transaction, and without the audit record. Throws `prefix-state`. */
export async function movePrefix(
  tx: StoreTransaction,
  row: PrefixTable,
  action: PrefixAction,
  reason: string,
  { who, nowMs }: { readonly who: string; readonly nowMs: number },
): Promise<{
  readonly prefix: string;
  readonly state: PrefixTable["state"] | "free";
  readonly until: string | null;
}> {
  const pool = poolOfRow(await requirePool(tx, row.pool));
  // A pool without quarantine gives back at once.
  const wanted = nextPrefixState(row.state, action);
  const next = wanted === "quarantine" && pool.quarantineS === 0 ? "free" : wanted;
  if (next === undefined) {
    const possible = prefixActions(row.state).join(", ");
    throw new ControllerError("prefix-state", `${row.prefix} is ${row.state}; possible is: ${possible}`);
  }
  const at = timestamp(nowMs);
  const until = next === "quarantine" ? timestamp(nowMs + pool.quarantineS * 1000) : null;
  if (next === "free") await free(tx, row, pool.prefix);
  else await tx.addresses.changePrefix(row.prefix, { state: next, since: at, until });
  const detail = { reason, until, account: row.account, project: row.project, application: row.application };
  await remember(tx, { at, who, what: next, kind: "prefix", subject: row.prefix, detail });
  return { prefix: row.prefix, state: next, until };
}

/** Makes free whatever has been in quarantine for long enough; a thousand at once, so that nobody waits long for it. */
export async function endQuarantines({ store, clock }: AddressContext): Promise<void> {
  const moment = { who: "time", nowMs: clock.wallMs() };
  const [first] = await store.read.addresses.expired(timestamp(moment.nowMs), 1);
  if (first !== undefined) await store.transaction((tx) => freeExpired(tx, moment, 1000));
}

/** The prefix that an address or prefix lies in or is, as far as it is not free, and the pool. */
export async function findPrefix(
  { store }: AddressContext,
  text: string,
): Promise<{ readonly pool: PoolTable; readonly prefix: PrefixTable | undefined }> {
  const wanted = parseEither(text);
  const rows = await store.read.addresses.pools();
  const holding = poolHolding(rows.map(poolOfRow), wanted);
  const pool = rows.find(({ name }) => name === holding?.name);
  if (holding === undefined || pool === undefined)
    throw new ControllerError("unknown-prefix", `no pool holds ${text}`);
  return {
    pool,
    prefix: await store.read.addresses.prefixAround(textsAround(wanted, holding.prefix.length)),
  };
}

/** A prefix at every length from `from` on: whatever was given out around it is among them. */
export function textsAround({ address, length }: Prefix, from: number): readonly string[] {
  return Array.from({ length: length - from + 1 }, (_, at) => formatPrefix(prefixOf(address, from + at)));
}

/** An address as the /128 it is, or a prefix. Throws `bad-prefix`. */
export function parseEither(text: string): Prefix {
  const address = parseAddress(text);
  const prefix = address === undefined ? parsePrefix(text) : { address, length: 128 };
  if (prefix !== undefined) return prefix;
  throw new ControllerError("bad-prefix", `${text} is neither an IPv6 address nor a prefix`);
}

/** Throws `unknown-pool`, which names those there are. */
export async function requirePool(tx: StoreTransaction, name: string): Promise<PoolTable> {
  const row = await tx.addresses.pool(name);
  if (row !== undefined) return row;
  const names = (await tx.addresses.pools()).map((pool) => pool.name).join(", ");
  throw new ControllerError(
    "unknown-pool",
    `there is no pool ${name}; pools: ${names === "" ? "none" : names}`,
  );
}

async function requirePrefix(tx: StoreTransaction, text: string): Promise<PrefixTable> {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new ControllerError("bad-prefix", `${text} is no IPv6 prefix`);
  const row = await tx.addresses.prefix(formatPrefix(prefix));
  if (row === undefined)
    throw new ControllerError(
      "unknown-prefix",
      `nobody was given ${formatPrefix(prefix)}: it is free, or of no pool`,
    );
  return row;
}

function parseInside(pool: Pool, text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined || !containsPrefix(pool.prefix, prefix))
    throw new ControllerError(
      "bad-prefix",
      `${text} is no prefix of pool ${pool.name}, ${formatPrefix(pool.prefix)}`,
    );
  return prefix;
}
