import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import type { Claim, IdentityAnswer } from "@vsix/shared/contract/enrol.ts";
import { provePossession, sha256 } from "@vsix/shared/crypto/possession.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { isClockTrusted } from "./core/identity-times.ts";
import type { EnrolService, Trust } from "./io/enrol-client.ts";
import type { IdentityStore, NodeIdentity } from "./io/identity-store.ts";

export class IdentityError extends VsixError<"wrong-node" | "wrong-pin" | "bad-answer"> {}

export interface EnrolOptions {
  /** Name in the configuration. */
  readonly node: string;
  readonly claim: Claim;
  readonly store: IdentityStore;
  readonly service: EnrolService;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

export interface Enrolled {
  readonly identity: NodeIdentity;
  /** The claim had become a certificate before. */
  readonly already: boolean;
  /** Why the controller has not yet seen the new certificate in use; the first connection makes up for it. */
  readonly unconfirmed?: string;
}

/**
 * Turns a claim into an identity. May be cut off anywhere and run again: the key is kept until the certificate for it is on
 * the disk, and the controller answers the same claim and key with the same certificate. Throws IdentityError, EnrolError,
 * ServerError.
 */
export async function enrolNode(options: EnrolOptions): Promise<Enrolled> {
  const { node, claim, store, service, now } = options;
  if (claim.node !== node)
    throw new IdentityError(
      "wrong-node",
      `the claim is for ${claim.node}; the configuration says that this is ${node}`,
    );
  const secretHash = sha256(claim.secret);
  const claimHash = secretHash.toString("hex");
  const held = store.load();
  if (held?.claim === claimHash) {
    store.dropPending();
    return { identity: held, already: true, ...(await confirm(service, held, now(), claim.url)) };
  }
  const key = pendingKey(store, claimHash);
  const ca = await service.fetchCa(claim.url);
  checkPin(ca, claim.ca);
  const spki = spkiOf(key);
  const proof = provePossession(createPrivateKey(key), { purpose: "enrol", node, secretHash, spki });
  const nowMs = now();
  const clock = { nowMs, trusted: isClockTrusted(nowMs, [new X509Certificate(ca).validFromDate.getTime()]) };
  const answer = await service.enrol(
    { url: claim.url, ca, clock },
    {
      node,
      secret: claim.secret,
      spki: spki.toString("base64"),
      proof: Buffer.from(proof).toString("base64"),
    },
  );
  checkPin(answer.ca, claim.ca);
  const identity = identityFrom(answer, { node, key, claim: claimHash, savedMs: nowMs });
  store.save(identity);
  store.dropPending();
  return { identity, already: false, ...(await confirm(service, identity, now(), claim.url)) };
}

/** A new key and certificate by the ones at hand. The caller stores it, then calls {@link confirm}. */
export async function renewIdentity(
  held: NodeIdentity,
  service: EnrolService,
  nowMs: number,
): Promise<NodeIdentity> {
  const key = newKey();
  const spki = spkiOf(key);
  const { node, claim } = held;
  const possession = { purpose: "renew", node, secretHash: sha256(""), spki } as const;
  const proof = Buffer.from(provePossession(createPrivateKey(key), possession)).toString("base64");
  const answer = await service.renew(trustOf(held, nowMs), { spki: spki.toString("base64"), proof });
  // The CA's key stays; its certificate may be a newer one.
  checkPin(answer.ca, pinOf(held.ca));
  return identityFrom(answer, { node, key, claim, savedMs: nowMs });
}

/** Shows the certificate to the controller; why it could not, when it could not. */
export async function confirm(
  service: EnrolService,
  identity: NodeIdentity,
  nowMs: number,
  url = identity.enrolUrl,
): Promise<{ readonly unconfirmed?: string }> {
  try {
    await service.confirm({ ...trustOf(identity, nowMs), url });
    return {};
  } catch (error) {
    if (error instanceof VsixError) return { unconfirmed: error.message };
    throw error;
  }
}

/** Whom to believe and what to show, at this moment. */
export function trustOf(identity: NodeIdentity, nowMs: number): Trust {
  const { enrolUrl: url, ca, certificate, key } = identity;
  return { url, ca, own: { certificate, key }, clock: clockOf(identity, nowMs) };
}

/** The clock, and whether it can be right by what the identity shows to have happened. */
export function clockOf({ certificate, savedMs }: NodeIdentity, nowMs: number): Trust["clock"] {
  const issuedMs = new X509Certificate(certificate).validFromDate.getTime();
  // A time far ahead was written down by a clock that was wrong then.
  const happened = savedMs < issuedMs + YEAR_MS ? [issuedMs, savedMs] : [issuedMs];
  return { nowMs, trusted: isClockTrusted(nowMs, happened) };
}

const YEAR_MS = 365 * 86_400_000;

function pendingKey(store: IdentityStore, claim: string): string {
  const pending = store.loadPending();
  if (pending?.claim === claim) return pending.key;
  const key = newKey();
  store.savePending({ claim, key });
  return key;
}

/** What an answer makes of this node. Throws IdentityError `bad-answer`. */
export function identityFrom(
  answer: IdentityAnswer,
  own: Pick<NodeIdentity, "node" | "key" | "claim" | "savedMs">,
): NodeIdentity {
  const certificate = parse(answer.certificate);
  const ca = parse(answer.ca);
  const good =
    answer.node === own.node &&
    certificate?.subjectAltName === `URI:vsix:node:${own.node}` &&
    certificate.checkPrivateKey(createPrivateKey(own.key)) &&
    ca !== undefined &&
    certificate.verify(ca.publicKey);
  if (!good)
    throw new IdentityError("bad-answer", "the controller answered with a certificate that is not ours");
  return { version: 1, ...answer, ...own };
}

/** Throws IdentityError `wrong-pin` unless this is a CA of the key that the pin names. */
export function checkPin(ca: string, pin: string | undefined): void {
  const certificate = parse(ca);
  // Signed by the pinned key itself: what else it says is then the CA's own word.
  if (certificate !== undefined && pinOf(ca) === pin && certificate.verify(certificate.publicKey)) return;
  throw new IdentityError(
    "wrong-pin",
    "whoever answered is not the controller that made the claim: its CA has another key than the claim says",
  );
}

function pinOf(ca: string): string | undefined {
  const certificate = parse(ca);
  if (certificate === undefined) return undefined;
  return sha256(certificate.publicKey.export({ type: "spki", format: "der" })).toString("hex");
}

/** Undefined for what is none, or has a key that OpenSSL cannot read: that is found out only when the key is asked for. */
function parse(pem: string): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(pem);
    return certificate.publicKey.type === "public" ? certificate : undefined;
  } catch {
    return undefined;
  }
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

function spkiOf(key: string): Buffer {
  return createPublicKey(key).export({ type: "spki", format: "der" });
}
