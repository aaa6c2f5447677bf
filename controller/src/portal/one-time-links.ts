import { randomBytes } from "node:crypto";
import { normalizeIP } from "@fastify/rate-limit";
import { timestamp } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import { TooManyRequests } from "../http/limits.ts";
import type { Portal } from "./portal.ts";
import { newSecret, secretHash } from "./secrets.ts";
import type { Place } from "./sessions.ts";

/** Links of one user that nobody has opened yet. */
const MOST_OPEN = 20;
const SHAPE = /^vsixo_[A-Za-z0-9_-]{43}$/;

export interface OneTimeLink {
  /** Told once. */
  readonly link: string;
  readonly expiresAt: string;
}

/**
 * Keeps what a user's browser has sealed until somebody with the link asks for it, once. The key is in the link and never comes here, so neither
 * the controller nor its database can read it. Throws `too-many-links`, `account-state`.
 */
export async function makeOneTimeLink(
  { store, clock }: Portal,
  account: string,
  { sealed, ttlS }: { readonly sealed: string; readonly ttlS: number },
): Promise<OneTimeLink> {
  const nowMs = clock.wallMs();
  const [at, ends] = [timestamp(nowMs), timestamp(nowMs + ttlS * 1000)];
  const link = `vsixo_${newSecret()}`;
  const id = randomBytes(8).toString("hex");
  await store.transaction(async (tx) => {
    const user = await tx.accounts.account(account);
    if (user?.state !== "active")
      throw new ControllerError("account-state", `user ${account} is ${user?.state ?? "not there"}`);
    await tx.portal.removeLinksOver(at);
    if ((await tx.portal.countLinks(account)) >= MOST_OPEN)
      throw new ControllerError("too-many-links", `${MOST_OPEN} links that nobody has opened are enough`);
    await tx.portal.addLink({ hash: secretHash(link), id, account, sealed, created_at: at, ends });
    const detail = JSON.stringify({ user: account, link: id, ends });
    await tx.addAudit({ at, who: `user:${account}`, what: "one-time link made", detail });
  });
  return { link, expiresAt: ends };
}

/** What was sealed; it is gone from here. Throws `link-refused`, TooManyRequests. */
export async function openOneTimeLink(
  { store, clock, attempts }: Portal,
  link: string,
  { address }: Place,
): Promise<string> {
  const nowMs = clock.monotonicMs();
  const from = normalizeIP(address);
  if (!attempts.address.take(from, nowMs))
    throw new TooManyRequests("to open links from this address", attempts.address.waitS(nowMs));
  const hash = secretHash(link);
  const at = timestamp(clock.wallMs());
  const known = SHAPE.test(link) && (await store.read.portal.link(hash)) !== undefined;
  const sealed = known
    ? await store.transaction(async (tx) => {
        // Asked again: another may have opened it meanwhile.
        const row = await tx.portal.link(hash);
        if (row === undefined || row.ends <= at) return undefined;
        await tx.portal.removeLink(hash);
        const detail = JSON.stringify({ user: row.account, link: row.id, address });
        await tx.addAudit({ at, who: "anybody", what: "one-time link opened", detail });
        return row.sealed;
      })
    : undefined;
  if (sealed === undefined)
    throw new ControllerError("link-refused", "no such link, or it was opened already, or its time is over");
  attempts.address.giveBack(from, clock.monotonicMs());
  return sealed;
}
