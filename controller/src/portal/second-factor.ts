import { randomBytes } from "node:crypto";
import { timestamp } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import type { Portal } from "./portal.ts";
import { newRecoveryCodes } from "./secrets.ts";
import type { LiveSession, Place } from "./sessions.ts";
import { proveAgain, recordRefusal, useCode } from "./sign-in.ts";
import { base32, TOTP_SECRET_OCTETS, totpMatch, totpUri } from "./totp.ts";

const ISSUER = "vSIX";

/**
 * Makes a secret for an authenticator application; it counts for nothing until its user has shown a code of it. Throws
 * `second-factor-state` where there is one already, and what proveAgain throws.
 */
export async function beginTotp(
  portal: Portal,
  { account }: LiveSession,
  password: string,
  place: Place,
): Promise<{ readonly secret: string; readonly uri: string }> {
  const right = await proveAgain(portal, account, password, place);
  right();
  const secret = randomBytes(TOTP_SECRET_OCTETS);
  await portal.store.transaction(async (tx) => {
    if ((await tx.portal.credential(account, "totp")) !== undefined)
      throw new ControllerError("second-factor-state", "there is a second factor already: remove it first");
    // One that was begun and never shown.
    await tx.portal.removeCredentials(account, ["totp"]);
    await tx.portal.addCredential({
      account,
      kind: "totp",
      secret: portal.vault.seal(secret, account),
      state: "pending",
      counter: -1,
      created_at: timestamp(portal.clock.wallMs()),
    });
  });
  return { secret: base32(secret), uri: totpUri(ISSUER, account, secret) };
}

/** Codes for when it is lost, told once, and the secret of the session that goes on instead of the one that asked. */
export interface Confirmed {
  readonly recoveryCodes: readonly string[];
  readonly secret: string;
}

/**
 * Puts the second factor in force. Other sessions of the user end, this one gets another id, for it has other rights now. Throws
 * `second-factor-state`, `sign-in-refused`.
 */
export async function confirmTotp(
  portal: Portal,
  session: LiveSession,
  code: string,
  place: Place,
): Promise<Confirmed> {
  const { account } = session;
  const { store, vault, clock, sessions } = portal;
  const codes = newRecoveryCodes();
  const at = timestamp(clock.wallMs());
  const { secret, closed } = await store.transaction(async (tx) => {
    const pending = await tx.portal.credential(account, "totp", "pending");
    if (pending === undefined)
      throw new ControllerError("second-factor-state", "no second factor waits to be confirmed: begin one");
    const step = totpMatch(vault.open(pending.secret, account), code, clock.wallMs(), -1);
    if (step === undefined)
      throw new ControllerError("sign-in-refused", "that is not the code; is the device's clock right?");
    await tx.portal.changeCredential(pending.id, { state: "active", counter: step });
    await tx.portal.removeCredentials(account, ["recovery"]);
    for (const one of codes)
      await tx.portal.addCredential({
        account,
        kind: "recovery",
        secret: vault.recoveryHash(one, account),
        state: "active",
        counter: 0,
        created_at: at,
      });
    const who = `user:${account}`;
    await tx.addAudit({ at, who, what: "second factor set", detail: JSON.stringify({ user: account }) });
    const why = "a second factor was set";
    const others = await sessions.endAll(tx, account, { who, why, but: session.id });
    const opened = await sessions.open(tx, { account, secondFactor: "totp", place }, session);
    return { secret: opened.secret, closed: [...others, ...opened.closed] };
  });
  sessions.cutOff(closed);
  return { recoveryCodes: codes, secret };
}

/**
 * Takes the second factor away, with password and code. All other sessions end, this one gets another id. Returns its secret. Throws
 * `second-factor-state`, and what proveAgain throws.
 */
export async function removeTotp(
  portal: Portal,
  session: LiveSession,
  { password, code }: { readonly password: string; readonly code: string },
  place: Place,
): Promise<string> {
  const { account } = session;
  const right = await proveAgain(portal, account, password, place);
  const { store, clock, sessions } = portal;
  const at = timestamp(clock.wallMs());
  const who = `user:${account}`;
  const done = await store.transaction(async (tx) => {
    if ((await tx.portal.credential(account, "totp")) === undefined)
      throw new ControllerError("second-factor-state", "there is no second factor");
    if ((await useCode(portal, tx, account, code)) === undefined) {
      await recordRefusal(portal, tx, account, place.address);
      return undefined;
    }
    await tx.portal.removeCredentials(account, ["totp", "recovery"]);
    await tx.addAudit({ at, who, what: "second factor removed", detail: JSON.stringify({ user: account }) });
    const why = "the second factor was removed";
    const others = await sessions.endAll(tx, account, { who, why, but: session.id });
    const secondFactor = session.secondFactor === "passkey" ? "passkey" : "none";
    const opened = await sessions.open(tx, { account, secondFactor, place }, session);
    return { secret: opened.secret, closed: [...others, ...opened.closed] };
  });
  if (done === undefined) throw new ControllerError("sign-in-refused", "that is not the code");
  right();
  sessions.cutOff(done.closed);
  return done.secret;
}

/** Another password; other sessions end, this one gets another id. Returns its secret. Throws `bad-password`, and what proveAgain throws. */
export async function changePassword(
  portal: Portal,
  session: LiveSession,
  { current, password }: { readonly current: string; readonly password: string },
  place: Place,
): Promise<string> {
  const { account, secondFactor } = session;
  const right = await proveAgain(portal, account, current, place);
  right();
  const { store, clock, sessions, passwords } = portal;
  const stored = await passwords.make(password, account);
  const at = timestamp(clock.wallMs());
  const who = `user:${account}`;
  const { secret, closed } = await store.transaction(async (tx) => {
    await tx.portal.removeCredentials(account, ["password"]);
    await tx.portal.addCredential({
      ...{ account, kind: "password", secret: stored, state: "active", counter: 0, created_at: at },
    });
    await tx.addAudit({ at, who, what: "password change", detail: JSON.stringify({ user: account }) });
    const why = "the password was changed";
    const others = await sessions.endAll(tx, account, { who, why, but: session.id });
    const opened = await sessions.open(tx, { account, secondFactor, place }, session);
    return { secret: opened.secret, closed: [...others, ...opened.closed] };
  });
  sessions.cutOff(closed);
  return secret;
}
