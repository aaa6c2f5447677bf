import { timestamp } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { countAccount, countAddress } from "./counted.ts";
import { CHALLENGE_BOUNDS, requireParty } from "./passkey-party.ts";
import { type Assertion, counterOf } from "./passkey-proof.ts";
import type { Portal } from "./portal.ts";
import { newSecret } from "./secrets.ts";
import type { LiveSession, Place } from "./sessions.ts";

/** PublicKeyCredentialRequestOptionsJSON (Web Authentication Level 3, section 5.1.9), the same for everybody but for the challenge. */
export interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
  readonly timeout: number;
  readonly userVerification: "required";
}

/**
 * Begins to sign in by a passkey, which itself knows whose it is: no name is asked for. Returns what the browser is to be asked, and the
 * secret of its cookie. Throws `no-passkeys`, TooManyRequests.
 */
export function beginPasskeySignIn(
  portal: Portal,
  { address }: Place,
): { readonly options: RequestOptions; readonly secret: string } {
  const party = requireParty(portal);
  // Whoever guessed too much is told before his device is asked.
  countAddress(portal, address)();
  const challenge = newSecret();
  const secret = portal.challenges.put({ challenge, session: undefined }, portal.clock.monotonicMs());
  const timeout = CHALLENGE_BOUNDS.patienceMs;
  return { options: { challenge, rpId: party.id, timeout, userVerification: "required" }, secret };
}

/** The transaction's outcome where nobody is signed in; `why` is for the audit log alone. */
interface Refused {
  readonly why: string | undefined;
}

/**
 * Opens a session for whose device answered what this browser was asked, and returns its secret: password and second factor at once, for the
 * device looked who holds it. `before`: the session that the browser had; it ends. The same is said whatever was wrong. Throws
 * `sign-in-refused`, `no-passkeys`, TooManyRequests.
 */
export async function finishPasskeySignIn(
  portal: Portal,
  cookie: string | undefined,
  answer: Assertion,
  place: Place,
  before: LiveSession | undefined,
): Promise<string> {
  const party = requireParty(portal);
  const { store, clock, sessions, vault, log } = portal;
  const { address } = place;
  const ofAddress = countAddress(portal, address);
  const begun = portal.challenges.take(cookie, clock.monotonicMs());
  const passkey = await store.read.portal.passkey(answer.id);
  const account = passkey?.account;
  const ofAccount = account === undefined ? () => {} : countAccount(portal, account);
  const counter =
    begun === undefined || begun.session !== undefined || passkey === undefined
      ? undefined
      : await counterOf(party, begun.challenge, answer, passkey.public_key, log);
  const at = timestamp(clock.wallMs());
  const outcome = await store.transaction(async (tx) => {
    const refuse = async (why?: string): Promise<Refused> => {
      const detail = JSON.stringify({ user: account ?? null, by: "passkey", why, address });
      await tx.addAudit({ at, who: "anybody", what: "sign-in refused", detail });
      return { why };
    };
    if (account === undefined || counter === undefined) return refuse();
    // Asked again: it may have been removed, or used, meanwhile.
    const now = await tx.portal.passkey(answer.id);
    if (now?.id !== passkey?.id || now === undefined) return refuse();
    if (answer.userHandle !== vault.userHandle(account)) return refuse("it names another user");
    if (wentBack(now.counter, counter)) return refuse(`it counted ${now.counter} before, and ${counter} now`);
    if (!(await mayEnter(tx, account))) return refuse();
    await tx.portal.changePasskey(now.id, { counter, used_at: at });
    if (before !== undefined) await tx.portal.removeSession(before.id);
    const opened = await sessions.open(tx, { account, secondFactor: "passkey", place });
    const detail = JSON.stringify({
      ...{ user: account, session: opened.id, instead: before?.id, secondFactor: "passkey" },
      ...{ passkey: now.name, address },
    });
    await tx.addAudit({ at, who: `user:${account}`, what: "sign-in", detail });
    return opened;
  });
  if ("why" in outcome) {
    log.info({ address, why: outcome.why }, "a sign-in by a passkey was refused");
    throw new ControllerError("sign-in-refused", "no such passkey, or not what it was asked");
  }
  ofAddress();
  ofAccount();
  sessions.cutOff([...(before === undefined ? [] : [before.id]), ...outcome.closed]);
  return outcome.secret;
}

/** A copy of the passkey was used, or this is one (Web Authentication Level 3, section 6.1.1). Those that do not count tell 0 always. */
function wentBack(before: number, now: number): boolean {
  return (before > 0 || now > 0) && now <= before;
}

async function mayEnter(tx: StoreTransaction, account: string): Promise<boolean> {
  const row = await tx.accounts.account(account);
  return row !== undefined && row.state !== "removed" && (await tx.portal.user(account)) !== undefined;
}
