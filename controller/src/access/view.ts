import { containsPrefix, type Prefix } from "@vsix/shared/net/prefix.ts";
import type { Utilisation } from "../core/access/utilisation.ts";
import type { AccessEvent, PoolAnswer, PrefixAnswer } from "../http/schemas-address.ts";
import { poolOfRow } from "../store/access/reader.ts";
import type { AccessEventTable, PoolTable, PrefixTable, SubjectKind } from "../store/access/schema.ts";
import { type AddressContext, parseEither, textsAround } from "./addresses.ts";

/** Rows as the API tells them. */

export function viewPool(row: PoolTable, utilisation?: Utilisation): PoolAnswer {
  const { name, prefix, purpose, length, site, strategy, state, note } = row;
  return {
    name,
    prefix,
    purpose,
    length,
    site,
    strategy,
    quarantineS: row.quarantine_s,
    state,
    note,
    createdAt: row.created_at,
    createdBy: row.created_by,
    ...(utilisation === undefined ? {} : { utilisation }),
  };
}

export function viewPrefix(row: PrefixTable): PrefixAnswer {
  const { prefix, pool, state, since, until, account, project, application, note } = row;
  return { prefix, pool, state, since, until, user: account, project, application, note };
}

export interface HistoryOf {
  readonly kind?: SubjectKind;
  readonly subject?: string;
  readonly before?: number;
  readonly limit: number;
}

/** What happened to resources, newest first. The history of an address is that of every prefix it lay in. Throws `bad-prefix`. */
export async function historyOf(context: AddressContext, of: HistoryOf): Promise<readonly AccessEvent[]> {
  const { kind, subject, before, limit } = of;
  const { addresses } = context.store.read;
  let subjects = subject === undefined ? undefined : [subject];
  if (kind === "prefix" && subject !== undefined) {
    const wanted = parseEither(subject);
    subjects = [...textsAround(wanted, await shortestAround(context, wanted))];
  }
  const rows = await addresses.events(limit, {
    ...(kind === undefined ? {} : { kind }),
    ...(subjects === undefined ? {} : { subjects }),
    ...(before === undefined ? {} : { before }),
  });
  return rows.map(viewEvent);
}

export function viewEvent(row: AccessEventTable): AccessEvent {
  const { id, at, who, kind, subject, what, detail } = row;
  return { id, at, who, kind, subject, what, detail: JSON.parse(detail) as unknown };
}

/** The length of the pool around; /16 is the largest that a pool can be, also one that is gone. */
async function shortestAround({ store }: AddressContext, wanted: Prefix): Promise<number> {
  const pools = (await store.read.addresses.pools()).map(poolOfRow);
  const pool = pools.find(({ prefix }) => containsPrefix(prefix, wanted));
  return pool?.prefix.length ?? Math.min(16, wanted.length);
}
