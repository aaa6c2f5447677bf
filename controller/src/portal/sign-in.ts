import { timestamp } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { countAccount, countAddress } from "./counted.ts";
import type { Portal } from "./portal.ts";
import type { SecondFactor } from "./roles.ts";
import type { LiveSession, Place } from "./sessions.ts";
import { totpMatch } from "./totp.ts";

/** The same words whatever was wrong. */
const REFUSAL = "no such user, or not the password or code";

export interface Asked {
  readonly user: string;
  readonly password: string;
  /** Of the authenticator application, or one of the recovery codes. */
  readonly code?: string;
}

/**
 * Opens a session for who proves to be a user, and returns its secret. `before`: the session that the browser had; it ends. The
 * same work is done and the same is said for users that there are not. Throws `sign-in-refused`, `second-factor-wanted`,
 * TooManyRequests, `portal-busy`.
 */
export async function signIn(
  portal: Portal,
  asked: Asked,
  place: Place,
  before: LiveSession | undefined,
): Promise<string> {
  const counted = count(portal, asked.user, place.address);
  const stored = await portal.store.read.portal.credential(asked.user, "password");
  const right = await portal.passwords.check(asked.password, stored?.secret);
  const at = timestamp(portal.clock.wallMs());
  // One transaction whatever comes of it: the time that it takes tells nothing of the user.
  const outcome = await portal.store.transaction(async (tx) => {
    const judged = right ? await judge(portal, tx, asked) : "refused";
    if (judged === "wanted") return { wanted: true } as const;
    const { address } = place;
    if (judged === "refused") {
      // What was typed as a name may be a password: only names of users are written down.
      const user = (await tx.accounts.account(asked.user)) === undefined ? null : asked.user;
      const detail = JSON.stringify({ user, address });
      await tx.addAudit({ at, who: "anybody", what: "sign-in refused", detail });
      return undefined;
    }
    if (before !== undefined) await tx.portal.removeSession(before.id);
    const opened = await portal.sessions.open(tx, { account: asked.user, secondFactor: judged, place });
    const detail = JSON.stringify({
      ...{ user: asked.user, session: opened.id, instead: before?.id, secondFactor: judged, address },
    });
    await tx.addAudit({ at, who: `user:${asked.user}`, what: "sign-in", detail });
    return { opened, closed: [...(before === undefined ? [] : [before.id]), ...opened.closed] } as const;
  });
  if (outcome === undefined) {
    portal.log.info({ address: place.address }, "a sign-in was refused");
    throw new ControllerError("sign-in-refused", REFUSAL);
  }
  counted.giveBack();
  if ("wanted" in outcome)
    throw new ControllerError(
      "second-factor-wanted",
      "the code of the authenticator application is wanted too",
    );
  portal.sessions.cutOff(outcome.closed);
  return outcome.opened.secret;
}

/**
 * Asks a signed-in user for his password again. What it returns is to be called when all of his proof was right; until then it
 * counts as a failure. Throws `sign-in-refused`, TooManyRequests, `portal-busy`.
 */
export async function proveAgain(
  portal: Portal,
  account: string,
  password: string,
  { address }: Place,
): Promise<() => void> {
  const counted = count(portal, account, address);
  const stored = await portal.store.read.portal.credential(account, "password");
  if (await portal.passwords.check(password, stored?.secret)) return counted.giveBack;
  await portal.store.transaction((tx) => recordRefusal(portal, tx, account, address));
  throw new ControllerError("sign-in-refused", "that is not your password");
}

/** A signed-in user could not prove again that it is he. */
export async function recordRefusal(
  { clock }: Portal,
  tx: StoreTransaction,
  account: string,
  address: string,
): Promise<void> {
  const detail = JSON.stringify({ user: account, address });
  await tx.addAudit({
    ...{ at: timestamp(clock.wallMs()), who: `user:${account}`, what: "proof refused", detail },
  });
}

/** Throws TooManyRequests. An attempt counts when it begins. */
function count(portal: Portal, account: string, from: string): { readonly giveBack: () => void } {
  const ofAddress = countAddress(portal, from);
  const ofAccount = countAccount(portal, account);
  return {
    giveBack: () => {
      ofAddress();
      ofAccount();
    },
  };
}

/** The password is right: whether the rest is. A code that counts is used up. */
async function judge(
  portal: Portal,
  tx: StoreTransaction,
  { user, code }: Asked,
): Promise<SecondFactor | "refused" | "wanted"> {
  const row = await tx.accounts.account(user);
  if (row === undefined || row.state === "removed") return "refused";
  if ((await tx.portal.user(user)) === undefined) return "refused";
  if ((await tx.portal.credential(user, "totp")) === undefined) return "none";
  if (code === undefined) return "wanted";
  return (await useCode(portal, tx, user, code)) ?? "refused";
}

/** Takes a code of the application, or a recovery code, and uses it up; undefined where it is neither. */
export async function useCode(
  { vault, clock }: Portal,
  tx: StoreTransaction,
  account: string,
  code: string,
): Promise<SecondFactor | undefined> {
  const totp = await tx.portal.credential(account, "totp");
  if (totp === undefined) return undefined;
  const step = totpMatch(vault.open(totp.secret, account), code, clock.wallMs(), totp.counter);
  if (step !== undefined) {
    await tx.portal.changeCredential(totp.id, { counter: step });
    return "totp";
  }
  const codes = (await tx.portal.credentials(account)).filter(({ kind }) => kind === "recovery");
  const found = vault.findRecovery(
    code,
    account,
    codes.map(({ secret }) => secret),
  );
  const used = codes.find(({ secret }) => secret === found);
  if (used === undefined) return undefined;
  await tx.portal.removeCredential(used.id);
  return "recovery";
}
