import type { Selectable } from "kysely";
import { timestamp } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import type { PasskeyTable } from "../store/portal/schema.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { CHALLENGE_BOUNDS, requireParty } from "./passkey-party.ts";
import { ALGORITHMS, type Creation, readCreation } from "./passkey-proof.ts";
import type { Portal } from "./portal.ts";
import { newSecret } from "./secrets.ts";
import type { LiveSession, Place } from "./sessions.ts";
import { proveAgain } from "./sign-in.ts";

/** Of one user. */
const MOST = 10;

/** How people's devices name whom a passkey is for. */
const PARTY_NAME = "vSIX";

/** Which passkey an authenticator has already, and how it is reached. */
export interface Descriptor {
  readonly id: string;
  readonly type: "public-key";
  readonly transports: readonly string[];
}

/** PublicKeyCredentialCreationOptionsJSON (Web Authentication Level 3, section 5.1.8). */
export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly pubKeyCredParams: readonly { readonly alg: number; readonly type: "public-key" }[];
  readonly timeout: number;
  readonly excludeCredentials: readonly Descriptor[];
  readonly authenticatorSelection: {
    readonly residentKey: "required";
    readonly requireResidentKey: true;
    readonly userVerification: "required";
  };
  readonly attestation: "none";
}

/**
 * Begins to make one more passkey of a signed-in user, with his password. Returns what his browser is to be asked, and the secret of its
 * cookie. Throws `no-passkeys`, `too-many-passkeys`, and what proveAgain throws.
 */
export async function beginPasskey(
  portal: Portal,
  { account, id }: LiveSession,
  password: string,
  place: Place,
): Promise<{ readonly options: CreationOptions; readonly secret: string }> {
  const party = requireParty(portal);
  const right = await proveAgain(portal, account, password, place);
  right();
  const there = await portal.store.read.portal.passkeysOf(account);
  if (there.length >= MOST) throw tooMany();
  const challenge = newSecret();
  const options: CreationOptions = {
    challenge,
    rp: { id: party.id, name: PARTY_NAME },
    user: { id: portal.vault.userHandle(account), name: account, displayName: account },
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ alg, type: "public-key" })),
    timeout: CHALLENGE_BOUNDS.patienceMs,
    excludeCredentials: there.map(({ credential, transports }) => ({
      ...{ id: credential, type: "public-key", transports: JSON.parse(transports) as string[] },
    })),
    authenticatorSelection: {
      ...{ residentKey: "required", requireResidentKey: true, userVerification: "required" },
    },
    attestation: "none",
  };
  const secret = portal.challenges.put({ challenge, session: id }, portal.clock.monotonicMs());
  return { options, secret };
}

export interface NewPasskey extends Creation {
  /** What its user calls it. */
  readonly name: string;
  readonly transports: readonly string[];
}

/**
 * Keeps the passkey that a browser made for the session that asked. It is a second factor of that session too, which gets another id. Returns
 * its secret. Throws `passkey-refused`, `passkey-exists`, `too-many-passkeys`.
 */
export async function finishPasskey(
  portal: Portal,
  session: LiveSession,
  cookie: string | undefined,
  { name, transports, ...creation }: NewPasskey,
  place: Place,
): Promise<string> {
  const party = requireParty(portal);
  const { store, clock, sessions } = portal;
  const begun = portal.challenges.take(cookie, clock.monotonicMs());
  if (begun?.session !== session.id)
    throw new ControllerError(
      "passkey-refused",
      "this session has begun no passkey, or too long ago: begin again",
    );
  const { credential, publicKey, counter } = await readCreation(party, begun.challenge, creation);
  const { account } = session;
  const at = timestamp(clock.wallMs());
  const { secret, closed } = await store.transaction(async (tx) => {
    if ((await tx.portal.passkeysOf(account)).length >= MOST) throw tooMany();
    if ((await tx.portal.passkey(credential)) !== undefined)
      throw new ControllerError("passkey-exists", "this passkey is known already");
    await tx.portal.addPasskey({
      ...{ credential, account, name, public_key: publicKey, counter },
      ...{ transports: JSON.stringify(transports), created_at: at, used_at: null },
    });
    const secondFactor = session.secondFactor === "none" ? "passkey" : session.secondFactor;
    const opened = await sessions.open(tx, { account, secondFactor, place }, session);
    // They stay: nothing that anybody has was taken back. Their users are told (web: added-passkeys.tsx).
    const otherSessions = (await tx.portal.sessionsOf(account)).length - 1;
    const { address } = place;
    await recordChange(tx, at, account, "passkey added", {
      ...{ name, session: opened.id, instead: session.id, address, otherSessions },
    });
    return opened;
  });
  sessions.cutOff(closed);
  return secret;
}

/** Calls one of a user's otherwise. Throws `unknown-passkey`, for another user's too. */
export async function renamePasskey(
  { store, clock }: Portal,
  { account }: LiveSession,
  id: number,
  name: string,
): Promise<void> {
  await store.transaction(async (tx) => {
    const { name: before } = await requireOwn(tx, account, id);
    await tx.portal.changePasskey(id, { name });
    await recordChange(tx, timestamp(clock.wallMs()), account, "passkey renamed", { name, before });
  });
}

/**
 * Takes one of a user's away, with his password: it may be in other hands, so all other sessions end, and this one gets another id. Returns
 * its secret. Throws `unknown-passkey`, and what proveAgain throws.
 */
export async function removePasskey(
  portal: Portal,
  session: LiveSession,
  { id, password }: { readonly id: number; readonly password: string },
  place: Place,
): Promise<string> {
  const { account } = session;
  const right = await proveAgain(portal, account, password, place);
  right();
  const { store, clock, sessions } = portal;
  const at = timestamp(clock.wallMs());
  const { secret, closed } = await store.transaction(async (tx) => {
    const { name } = await requireOwn(tx, account, id);
    await tx.portal.removePasskey(id);
    await recordChange(tx, at, account, "passkey removed", { name });
    const who = `user:${account}`;
    const others = await sessions.endAll(tx, account, { who, why: "a passkey was removed", but: session.id });
    // Without any, what it proved once is no second factor any more.
    const isLast = (await tx.portal.passkeysOf(account)).length === 0;
    const secondFactor = session.secondFactor === "passkey" && isLast ? "none" : session.secondFactor;
    const opened = await sessions.open(tx, { account, secondFactor, place }, session);
    return { secret: opened.secret, closed: [...others, ...opened.closed] };
  });
  sessions.cutOff(closed);
  return secret;
}

async function requireOwn(
  tx: StoreTransaction,
  account: string,
  id: number,
): Promise<Selectable<PasskeyTable>> {
  const found = (await tx.portal.passkeysOf(account)).find((one) => one.id === id);
  if (found === undefined) throw new ControllerError("unknown-passkey", `${account} has no such passkey`);
  return found;
}

async function recordChange(
  tx: StoreTransaction,
  at: string,
  account: string,
  what: string,
  detail: object,
): Promise<void> {
  await tx.addAudit({
    ...{ at, who: `user:${account}`, what, detail: JSON.stringify({ user: account, ...detail }) },
  });
}

function tooMany(): ControllerError {
  return new ControllerError("too-many-passkeys", `a user has at most ${MOST} passkeys: remove one first`);
}
