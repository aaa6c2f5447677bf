import { requireAccount } from "../access/accounts.ts";
import { record } from "../access/record.ts";
import { timestamp } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import type { InvitationTable } from "../store/portal/schema.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { countAddress } from "./counted.ts";
import type { Portal } from "./portal.ts";
import type { PortalRole } from "./roles.ts";
import { isInvitation, newInvitation, secretHash } from "./secrets.ts";
import type { Place } from "./sessions.ts";

/** Who acts, and whether he may make others more than users. */
export interface Inviter {
  readonly who: string;
  readonly isAdmin: boolean;
}

export interface Invited {
  readonly user: string;
  readonly role: PortalRole;
  readonly expiresAt: string;
  /** Told once. */
  readonly invitation: string;
  /** Where it is accepted: behind `#`, so that it is in no request and no log. */
  readonly url: string;
}

/**
 * Invites a user to sign in, for the first time or because he can no longer. An earlier invitation is void. Only an admin invites to
 * more than `user`, or whoever has more already: else `access` would be a way to everything. Throws `unknown-account`,
 * `account-state`, `forbidden`.
 */
export async function invite(
  { store, clock, origin }: Portal,
  inviter: Inviter,
  { user, role, ttlS }: { readonly user: string; readonly role?: PortalRole; readonly ttlS: number },
): Promise<Invited> {
  const nowMs = clock.wallMs();
  const at = timestamp(nowMs);
  const invitation = newInvitation();
  const row = await store.transaction(async (tx) => {
    const { state } = await requireAccount(tx, user);
    if (state !== "active") throw new ControllerError("account-state", `${user} is ${state}`);
    const wanted = role ?? (await tx.portal.user(user))?.role ?? "user";
    await requireMayDecide(tx, inviter, user, wanted);
    const { who } = inviter;
    const row: InvitationTable = {
      account: user,
      hash: secretHash(invitation),
      role: wanted,
      created_at: at,
      created_by: who,
      ends: timestamp(nowMs + ttlS * 1000),
    };
    await tx.portal.putInvitation(row);
    const detail = { role: wanted, expiresAt: row.ends };
    await record(tx, { at, who, what: "user invite", kind: "user", subject: user, detail });
    return row;
  });
  return { user, role: row.role, expiresAt: row.ends, invitation, url: `${origin}/invitation#${invitation}` };
}

/**
 * Takes an invitation, once: the user has this password from now on and no other credential, and a session. Returns its secret. Throws
 * `invitation-refused`, `bad-password`, TooManyRequests, `portal-busy`.
 */
export async function acceptInvitation(
  portal: Portal,
  { invitation, password }: { readonly invitation: string; readonly password: string },
  place: Place,
): Promise<string> {
  const { store, clock, passwords, sessions } = portal;
  const counted = countAddress(portal, place.address);
  const hash = secretHash(invitation);
  const found = isInvitation(invitation) ? await store.read.portal.invitation(hash) : undefined;
  if (found === undefined) throw refusal();
  const stored = await passwords.make(password, found.account);
  const at = timestamp(clock.wallMs());
  const { account } = found;
  const { secret, closed } = await store.transaction(async (tx) => {
    // Asked again: another may have used it meanwhile.
    const row = await tx.portal.invitation(hash);
    if (row === undefined || row.ends <= at) throw refusal();
    if ((await tx.accounts.account(account))?.state !== "active") throw refusal();
    await tx.portal.removeInvitation(account);
    await tx.portal.removeCredentials(account, ["password", "totp", "recovery"]);
    await tx.portal.removeIdentities(account);
    await tx.portal.removePasskeys(account);
    await tx.portal.addCredential({
      ...{ account, kind: "password", secret: stored, state: "active", counter: 0, created_at: at },
    });
    await tx.portal.putUser({ account, role: row.role, since: at, set_by: row.created_by });
    const who = `user:${account}`;
    const closed = await sessions.endAll(tx, account, { who, why: "an invitation was accepted" });
    const opened = await sessions.open(tx, { account, secondFactor: "none", place });
    const detail = { role: row.role, session: opened.id, address: place.address };
    await record(tx, { at, who, what: "invitation accepted", kind: "user", subject: account, detail });
    return { secret: opened.secret, closed };
  });
  counted();
  sessions.cutOff(closed);
  return secret;
}

/**
 * Gives a user who signs in another role; his sessions end, so that each right begins with a new one. Throws `unknown-account` where he
 * cannot sign in, `forbidden`.
 */
export async function setRole(
  portal: Portal,
  inviter: Inviter,
  user: string,
  role: PortalRole,
): Promise<void> {
  const { store, clock, sessions } = portal;
  const at = timestamp(clock.wallMs());
  const { who } = inviter;
  const closed = await store.transaction(async (tx) => {
    await requireAccount(tx, user);
    const before = await tx.portal.user(user);
    if (before === undefined)
      throw new ControllerError(
        "unknown-account",
        `${user} has accepted no invitation yet: invite with a role`,
      );
    await requireMayDecide(tx, inviter, user, role);
    if (before.role === role) return [];
    await tx.portal.putUser({ account: user, role, since: at, set_by: who });
    // One that was made for the role before would bring it back.
    await tx.portal.removeInvitation(user);
    const detail = { role, before: before.role };
    await record(tx, { at, who, what: "user role", kind: "user", subject: user, detail });
    return sessions.endAll(tx, user, { who, why: `the role is ${role} now` });
  });
  sessions.cutOff(closed);
}

/** Ends all sessions of a user. Returns how many. Throws `unknown-account`, `forbidden`. */
export async function endSessionsOf(portal: Portal, inviter: Inviter, user: string): Promise<number> {
  const closed = await portal.store.transaction(async (tx) => {
    await requireAccount(tx, user);
    return portal.sessions.endAll(tx, user, { who: inviter.who, why: "an operator ended it" });
  });
  portal.sessions.cutOff(closed);
  return closed.length;
}

async function requireMayDecide(
  tx: StoreTransaction,
  { isAdmin }: Inviter,
  user: string,
  role: PortalRole,
): Promise<void> {
  const now = (await tx.portal.user(user))?.role ?? "user";
  if (isAdmin || (role === "user" && now === "user")) return;
  throw new ControllerError("forbidden", "only an admin decides about read-only users, operators and admins");
}

function refusal(): ControllerError {
  return new ControllerError("invitation-refused", "no such invitation, or it was used, or its time is over");
}
