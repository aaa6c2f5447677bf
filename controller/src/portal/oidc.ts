import { timestamp } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import { countAccount, countAddress } from "./counted.ts";
import type { OidcClient, OidcWay } from "./oidc-client.ts";
import type { Bounds } from "./pending.ts";
import type { Portal } from "./portal.ts";
import type { LiveSession, Place } from "./sessions.ts";
import { proveAgain, useCode } from "./sign-in.ts";

/** Somebody's way to the provider and back, which his browser's cookie stands for (portal/pending.ts). */
export interface OidcUnderWay {
  readonly way: OidcWay;
  /** Who was signed in and wants to be known there as well; undefined: somebody signs in. */
  readonly link: string | undefined;
  /** Set once the provider has said who it is and only the code is missing. */
  readonly account?: string;
}

/** How long somebody may take at the provider. */
export const OIDC_BOUNDS: Bounds = { patienceMs: 10 * 60_000, most: 20_000 };

/** The provider. Throws ControllerError `no-provider`. */
export function requireOidc({ oidc }: Portal): OidcClient {
  if (oidc !== undefined) return oidc;
  throw new ControllerError("no-provider", "the configuration names no identity provider: portal.oidc");
}

/** Begins to sign in. Returns where to go, and the secret of the browser's cookie. Throws TooManyRequests, `provider-failed`. */
export async function beginOidc(
  portal: Portal,
  { address }: Place,
): Promise<{ readonly url: string; readonly secret: string }> {
  const counted = countAddress(portal, address);
  const { way, url } = await requireOidc(portal).begin();
  const secret = portal.oidcWays.put({ way, link: undefined }, portal.clock.monotonicMs());
  counted();
  return { url, secret };
}

/** The same for who is signed in and wants to be known there as well: with his password. Throws as proveAgain too. */
export async function beginLink(
  portal: Portal,
  { account }: LiveSession,
  password: string,
  place: Place,
): Promise<{ readonly url: string; readonly secret: string }> {
  const client = requireOidc(portal);
  const right = await proveAgain(portal, account, password, place);
  right();
  const { way, url } = await client.begin();
  return { url, secret: portal.oidcWays.put({ way, link: account }, portal.clock.monotonicMs()) };
}

export type OidcDone =
  /** The secret of the session that was opened. */
  | { readonly kind: "signed-in"; readonly secret: string }
  | { readonly kind: "linked" }
  /** The second factor is wanted: come again with a code and this cookie. */
  | { readonly kind: "code-wanted"; readonly secret: string };

/**
 * Somebody is back. An identity opens the account that was linked to it by who had that account's password, and no other: neither names nor
 * addresses that a provider tells are looked at. `session`: the one that this browser has. Throws `sign-in-refused`, `not-linked`,
 * `identity-taken`, `provider-failed`, TooManyRequests.
 */
export async function finishOidc(
  portal: Portal,
  cookie: string | undefined,
  { query, code }: { readonly query?: string; readonly code?: string },
  place: Place,
  session: LiveSession | undefined,
): Promise<OidcDone> {
  const counted = countAddress(portal, place.address);
  const client = requireOidc(portal);
  const pending = portal.oidcWays.take(cookie, portal.clock.monotonicMs());
  if (pending === undefined)
    throw new ControllerError("sign-in-refused", "this browser has not begun to sign in, or too long ago");
  const { way, link } = pending;
  const subject = pending.account === undefined ? await client.subjectOf(way, query ?? "") : undefined;
  if (link !== undefined) {
    if (session?.account !== link || subject === undefined)
      throw new ControllerError("sign-in-refused", "whoever began this is not signed in any more");
    await linkTo(portal, link, client.settings.issuer, subject);
    counted();
    return { kind: "linked" };
  }
  const account =
    pending.account ??
    (await portal.store.read.portal.identity(client.settings.issuer, subject ?? ""))?.account;
  const codeCounted = account === undefined || code === undefined ? () => {} : countAccount(portal, account);
  const { store, sessions } = portal;
  const at = timestamp(portal.clock.wallMs());
  const outcome = await store.transaction(async (tx) => {
    const user = account === undefined ? undefined : await tx.accounts.account(account);
    const isOne = account !== undefined && (await tx.portal.user(account)) !== undefined;
    if (account === undefined || !isOne || user === undefined || user.state === "removed") {
      const detail = JSON.stringify({
        user: account ?? null,
        issuer: client.settings.issuer,
        address: place.address,
      });
      await tx.addAudit({ at, who: "anybody", what: "sign-in refused", detail });
      return "not-linked" as const;
    }
    const hasCode = (await tx.portal.credential(account, "totp")) !== undefined;
    if (hasCode && code === undefined) return "code-wanted" as const;
    const factor = hasCode ? await useCode(portal, tx, account, code ?? "") : ("none" as const);
    if (factor === undefined) {
      const detail = JSON.stringify({ user: account, address: place.address });
      await tx.addAudit({ at, who: "anybody", what: "sign-in refused", detail });
      return "bad-code" as const;
    }
    if (session !== undefined) await tx.portal.removeSession(session.id);
    const opened = await sessions.open(tx, { account, secondFactor: factor, place });
    const detail = JSON.stringify({
      ...{ user: account, session: opened.id, instead: session?.id, secondFactor: factor },
      ...{ issuer: client.settings.issuer, address: place.address },
    });
    await tx.addAudit({ at, who: `user:${account}`, what: "sign-in", detail });
    return opened;
  });
  switch (outcome) {
    case "not-linked":
      throw new ControllerError(
        "not-linked",
        "no user has linked this identity: sign in with the password, and link it among what you prove yourself with",
      );
    case "bad-code":
      throw new ControllerError("sign-in-refused", "that is not the code; begin again");
    case "code-wanted": {
      counted();
      const again = { way, link: undefined, ...(account === undefined ? {} : { account }) };
      return { kind: "code-wanted", secret: portal.oidcWays.put(again, portal.clock.monotonicMs()) };
    }
    default:
      counted();
      codeCounted();
      sessions.cutOff([...(session === undefined ? [] : [session.id]), ...outcome.closed]);
      return { kind: "signed-in", secret: outcome.secret };
  }
}

/** Whoever is signed in wants the identity to open his account no more. Throws as proveAgain. */
export async function unlinkOidc(
  portal: Portal,
  { account }: LiveSession,
  password: string,
  place: Place,
): Promise<void> {
  const right = await proveAgain(portal, account, password, place);
  right();
  const at = timestamp(portal.clock.wallMs());
  await portal.store.transaction(async (tx) => {
    await tx.portal.removeIdentities(account);
    const detail = JSON.stringify({ user: account });
    await tx.addAudit({ at, who: `user:${account}`, what: "identity unlinked", detail });
  });
}

async function linkTo(portal: Portal, account: string, issuer: string, subject: string): Promise<void> {
  const at = timestamp(portal.clock.wallMs());
  await portal.store.transaction(async (tx) => {
    const there = await tx.portal.identity(issuer, subject);
    if (there !== undefined && there.account !== account)
      throw new ControllerError("identity-taken", "this identity opens another user's account already");
    await tx.portal.putIdentity({ issuer, subject, account, created_at: at });
    const detail = JSON.stringify({ user: account, issuer });
    await tx.addAudit({ at, who: `user:${account}`, what: "identity linked", detail });
  });
}
