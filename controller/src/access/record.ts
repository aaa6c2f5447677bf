import type { SubjectKind } from "../store/access/schema.ts";
import type { StoreTransaction } from "../store/transaction.ts";

/** Something that was done to a resource, and by whom. */
export interface Deed {
  readonly at: string;
  readonly who: string;
  /** As an operator would type it: `pool create`. */
  readonly what: string;
  readonly kind: SubjectKind;
  readonly subject: string;
  /** Never holds a secret. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Writes a deed into the audit log and into the history of its resource. */
export async function record(tx: StoreTransaction, deed: Deed): Promise<void> {
  const { at, who, what, kind, subject } = deed;
  await tx.addAudit({ at, who, what, detail: JSON.stringify({ [kind]: subject, ...deed.detail }) });
  await remember(tx, deed);
}

/** Writes a deed into the history of its resource alone: for what follows from a deed that is in the audit log. */
export async function remember(tx: StoreTransaction, deed: Deed): Promise<void> {
  const { at, who, what, kind, subject, detail } = deed;
  await tx.addresses.addEvent({ kind, subject, at, who, what, detail: JSON.stringify(detail) });
}
