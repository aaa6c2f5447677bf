import { timestamp } from "../clock.ts";
import { LIVING_STATES } from "../core/access/applications.ts";
import type { ApplicationTable } from "../store/access/account-schema.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { movePrefix } from "./addresses.ts";
import type { Moment } from "./allocate.ts";
import { remember } from "./record.ts";

/** Ends an application: its prefixes go back, its update key is good for nothing. The audit record is the caller's. */
export async function endApplication(
  tx: StoreTransaction,
  { id }: ApplicationTable,
  state: "refused" | "revoked",
  reason: string,
  moment: Moment,
): Promise<void> {
  const at = timestamp(moment.nowMs);
  for (const row of await tx.addresses.prefixes({ application: id, limit: 100 }))
    if (row.state === "active" || row.state === "reserved")
      await movePrefix(tx, row, "release", reason, moment);
  await tx.accounts.changeApplication(id, {
    ...{ state, reason, since: at },
    suspended_by: null,
    update_hash: null,
  });
  await remember(tx, {
    at,
    who: moment.who,
    what: state,
    kind: "application",
    subject: String(id),
    detail: { reason },
  });
}

/** Revokes whatever a user or a project has. */
export async function endAll(
  tx: StoreTransaction,
  of: { readonly account: string } | { readonly project: string },
  reason: string,
  moment: Moment,
): Promise<void> {
  const rows = await tx.accounts.applications({ ...of, states: LIVING_STATES, limit: 1_000_000 });
  for (const row of rows) await endApplication(tx, row, "revoked", reason, moment);
}
