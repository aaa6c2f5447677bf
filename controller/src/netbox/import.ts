import { containsPrefix, formatPrefix } from "@vsix/shared/net/prefix.ts";
import { movePrefix } from "../access/addresses.ts";
import { allocateExactly, type Moment } from "../access/allocate.ts";
import { record } from "../access/record.ts";
import type { Clock } from "../clock.ts";
import { timestamp } from "../clock.ts";
import { type NetboxPrefix, purposeOfRole, readNetbox } from "../core/access/netbox-forms.ts";
import {
  DEFAULT_QUARANTINE_S,
  judgePool,
  PURPOSES,
  type Purpose,
  poolHolding,
} from "../core/access/pools.ts";
import { ControllerError } from "../errors.ts";
import { poolOfRow } from "../store/access/reader.ts";
import type { Store } from "../store/store.ts";
import type { StoreTransaction } from "../store/transaction.ts";

export interface ImportWish {
  /** Objects of NetBox: a list, or an answer of its API. */
  readonly data: unknown;
  /** Of containers whose role says none. */
  readonly purpose?: Purpose;
  readonly dryRun: boolean;
}

export interface ImportResult {
  readonly dryRun: boolean;
  readonly pools: readonly string[];
  readonly prefixes: readonly string[];
  /** Here already, as they are there. */
  readonly same: number;
  readonly skipped: readonly { readonly prefix: string; readonly reason: string }[];
}

/** Undoes what a dry run has done. */
class DryRun extends Error {
  readonly result: ImportResult;

  constructor(result: ImportResult) {
    super("dry run");
    this.result = result;
  }
}

/**
 * Takes over what NetBox says: innermost containers become pools, what is in them prefixes. active and reserved stay what
 * they are; deprecated becomes revoked, for nobody should get it unasked. All of it in one transaction; what cannot be
 * taken over is skipped with a reason.
 */
export async function importNetbox(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  who: string,
  { data, purpose, dryRun }: ImportWish,
): Promise<ImportResult> {
  const moment = { who, nowMs: clock.wallMs() };
  const read = readNetbox(data);
  const skipped = [...read.skipped];
  const containers = read.prefixes.filter(({ status }) => status === "container");
  const inner: NetboxPrefix[] = [];
  for (const one of containers) {
    const outer = containers.some((other) => other !== one && containsPrefix(one.prefix, other.prefix));
    if (outer)
      skipped.push({
        prefix: formatPrefix(one.prefix),
        reason: "holds other containers, which are the pools",
      });
    else inner.push(one);
  }
  try {
    return await store.transaction(async (tx) => {
      const pools: string[] = [];
      const prefixes: string[] = [];
      let same = 0;
      const take = async (one: NetboxPrefix, work: () => Promise<"made" | "same">, made: string[]) => {
        const text = formatPrefix(one.prefix);
        try {
          if ((await work()) === "same") same++;
          else made.push(text);
        } catch (error) {
          if (!(error instanceof ControllerError)) throw error;
          skipped.push({ prefix: text, reason: error.message });
        }
      };
      for (const one of inner) await take(one, () => importPool(tx, one, purpose, moment), pools);
      for (const one of read.prefixes)
        if (one.status !== "container") await take(one, () => importPrefix(tx, one, moment), prefixes);
      const result = { dryRun, pools, prefixes, same, skipped };
      if (dryRun) throw new DryRun(result);
      const detail = JSON.stringify({
        pools: pools.length,
        prefixes: prefixes.length,
        skipped: skipped.length,
      });
      await tx.addAudit({ at: timestamp(moment.nowMs), who, what: "netbox import", detail });
      return result;
    });
  } catch (error) {
    if (error instanceof DryRun) return error.result;
    throw error;
  }
}

async function importPool(
  tx: StoreTransaction,
  { prefix, role, site, description }: NetboxPrefix,
  byDefault: Purpose | undefined,
  { who, nowMs }: Moment,
): Promise<"made" | "same"> {
  const others = (await tx.addresses.pools()).map(poolOfRow);
  const text = formatPrefix(prefix);
  if (others.some((one) => formatPrefix(one.prefix) === text)) return "same";
  const said = purposeOfRole(role);
  const purpose = said === "other" ? (byDefault ?? "other") : said;
  const wish = {
    name: nameOf(text, description, new Set(others.map(({ name }) => name))),
    prefix: text,
    purpose,
    length: Math.max(PURPOSES[purpose].length, prefix.length),
    ...(site === null ? {} : { site }),
    strategy: "first",
    quarantineS: DEFAULT_QUARANTINE_S,
    note: description.slice(0, 200),
  } as const;
  const verdict = judgePool(wish, others);
  if (!verdict.ok) throw new ControllerError("bad-pool", verdict.reason);
  const { name, length, strategy, quarantineS, note } = wish;
  const at = timestamp(nowMs);
  await tx.addresses.addPool({
    name,
    prefix: text,
    purpose,
    length,
    site,
    strategy,
    quarantine_s: quarantineS,
    state: "open",
    note,
    created_at: at,
    created_by: who,
  });
  await tx.addresses.addFree(name, [prefix]);
  const detail = { prefix: text, purpose, length, site, from: "NetBox" };
  await record(tx, { at, who, what: "pool create", kind: "pool", subject: name, detail });
  return "made";
}

async function importPrefix(
  tx: StoreTransaction,
  { prefix, status, tenant, description }: NetboxPrefix,
  moment: Moment,
): Promise<"made" | "same"> {
  const pool = poolHolding((await tx.addresses.pools()).map(poolOfRow), prefix);
  if (pool === undefined) throw new ControllerError("unknown-pool", "lies in no pool");
  const text = formatPrefix(prefix);
  const state = status === "active" || status === "reserved" ? status : "revoked";
  const before = await tx.addresses.prefix(text);
  if (before?.state === state || (before?.state === "quarantine" && state === "revoked")) return "same";
  const project = tenant !== null && (await tx.accounts.project(tenant)) !== undefined ? tenant : null;
  const note = description.slice(0, 200);
  const holder = {
    state: state === "revoked" ? "reserved" : state,
    account: null,
    project,
    application: null,
    note,
  } as const;
  const row = await allocateExactly(tx, pool, prefix, holder, moment);
  if (state === "revoked") await movePrefix(tx, row, "revoke", "deprecated in NetBox", moment);
  return "made";
}

/** What our own export calls it, or the prefix. */
function nameOf(prefix: string, description: string, taken: ReadonlySet<string>): string {
  const [, said] = /^pool ([a-z0-9][a-z0-9._-]{0,62})(?:$|:)/.exec(description) ?? [];
  if (said !== undefined && !taken.has(said)) return said;
  return `netbox-${prefix.replace(/[^0-9a-f]+/g, "-")}`.slice(0, 63);
}
