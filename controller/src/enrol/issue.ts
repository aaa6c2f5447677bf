import { type KeyObject, timingSafeEqual } from "node:crypto";
import type { EnrolRequest, IdentityAnswer, RenewRequest } from "@vsix/shared/contract/enrol.ts";
import { checkPossession, sha256 } from "@vsix/shared/crypto/possession.ts";
import { spkiHash } from "../ca/authority.ts";
import type { PeerIdentity } from "../ca/peer.ts";
import { timestamp } from "../clock.ts";
import { ControllerError, type ControllerErrorCode } from "../errors.ts";
import type { Context } from "../operations/context.ts";
import type { CertificateTable, ClaimTable } from "../store/schema.ts";
import type { StoreTransaction } from "../store/transaction.ts";

/** Wrong secrets after which a claim is void. */
const MAX_ATTEMPTS = 10;
/** Certificates that a node may renew itself within an hour: more is no renewal. */
const MAX_RENEWALS_PER_HOUR = 10;
/** What an unknown node's claim is compared with, so that it takes as long. */
const NO_SECRET = sha256("no claim");

type Outcome =
  | { readonly row: CertificateTable; readonly fresh: boolean }
  | { readonly refused: ControllerErrorCode; readonly reason: string };

/**
 * Gives a node its certificate against a claim's secret. Asked again with the same secret and the same key (the answer was
 * lost), it answers the same certificate. Throws `claim-refused`, `claim-expired`, `claim-used`, `claim-locked`, `bad-proof`.
 */
export async function enrol(context: Context, request: EnrolRequest): Promise<IdentityAnswer> {
  const { node } = request;
  const secretHash = sha256(request.secret);
  const spki = Buffer.from(request.spki, "base64");
  const outcome = await context.store.transaction(async (tx): Promise<Outcome> => {
    const claim = await tx.claim(node);
    const refusal = await judgeClaim(context, tx, claim, secretHash, spkiHash(spki));
    if (refusal !== undefined) return refusal;
    const proof = Buffer.from(request.proof, "base64");
    const key = checkPossession({ purpose: "enrol", node, secretHash, spki }, proof);
    if (key === undefined)
      return { refused: "bad-proof", reason: "the proof of the key is not good, or it is not ECDSA P-256" };
    if (claim?.serial != null) {
      const row = context.registry.row(claim.serial);
      if (row?.state === "active") return { row, fresh: false };
      return { refused: "claim-used", reason: "the claim was used, and what it gave no longer counts" };
    }
    const row = await issue(context, tx, node, key, "node enrolled");
    if (claim !== undefined) await tx.putClaim({ ...claim, serial: row.serial });
    return { row, fresh: true };
  });
  if ("refused" in outcome) throw new ControllerError(outcome.refused, outcome.reason);
  if (outcome.fresh) await context.registry.added(outcome.row);
  return answer(context, outcome.row);
}

/** A new certificate for a node that shows one that counts. Throws `bad-proof`, `too-many-attempts`. */
export async function renew(
  context: Context,
  peer: PeerIdentity,
  request: RenewRequest,
): Promise<IdentityAnswer> {
  const spki = Buffer.from(request.spki, "base64");
  const { node } = peer;
  const possession = { purpose: "renew", node, secretHash: sha256(""), spki } as const;
  const key = checkPossession(possession, Buffer.from(request.proof, "base64"));
  if (key === undefined)
    throw new ControllerError("bad-proof", "the proof of the key is not good, or it is not ECDSA P-256");
  const hourAgoMs = context.clock.wallMs() - 3_600_000;
  if (context.registry.issuedSince(node, hourAgoMs) >= MAX_RENEWALS_PER_HOUR)
    throw new ControllerError("too-many-attempts", `${node} was given too many certificates within an hour`);
  // What it was given before and has never used is void: a node holds two at most.
  await context.registry.dropUnused(peer.serial);
  const row = await context.store.transaction((tx) => issue(context, tx, node, key, "node renewed"));
  await context.registry.added(row);
  return answer(context, row);
}

async function judgeClaim(
  { clock }: Context,
  tx: StoreTransaction,
  claim: ClaimTable | undefined,
  secretHash: Buffer,
  spki: string,
): Promise<Outcome | undefined> {
  const wanted = claim === undefined ? NO_SECRET : Buffer.from(claim.secret, "hex");
  const right = timingSafeEqual(wanted, secretHash);
  if (claim === undefined) return { refused: "claim-refused", reason: "no such claim" };
  if (claim.attempts >= MAX_ATTEMPTS)
    return { refused: "claim-locked", reason: "too many wrong secrets: a new claim is needed" };
  if (!right) {
    await tx.putClaim({ ...claim, attempts: claim.attempts + 1 });
    return { refused: "claim-refused", reason: "no such claim" };
  }
  if (Date.parse(claim.ends) <= clock.wallMs())
    return { refused: "claim-expired", reason: `the claim was good until ${claim.ends}` };
  if (claim.serial === null) return undefined;
  const used = (await tx.certificates()).find(({ serial }) => serial === claim.serial);
  return used?.spki === spki
    ? undefined
    : { refused: "claim-used", reason: "the claim was used already, by another key" };
}

async function issue(
  { authority, clock }: Context,
  tx: StoreTransaction,
  node: string,
  key: KeyObject,
  what: string,
): Promise<CertificateTable> {
  const issued = await authority.issueNode(node, key);
  const at = timestamp(clock.wallMs());
  const row = await tx.addCertificate({
    serial: issued.serial,
    node,
    spki: spkiHash(key.export({ type: "spki", format: "der" })),
    pem: issued.certificate,
    starts: timestamp(issued.notBefore.getTime()),
    ends: timestamp(issued.notAfter.getTime()),
    state: "active",
    since: at,
  });
  const detail = JSON.stringify({ node, serial: row.serial, ends: row.ends });
  await tx.addAudit({ at, who: `node ${node}`, what, detail });
  return row;
}

function answer({ authority, nodeFacing }: Context, row: CertificateTable): IdentityAnswer {
  const { brokerUrl, enrolUrl, manifestKeys } = nodeFacing;
  if (enrolUrl === undefined) throw new ControllerError("enrol-off", "nodes cannot enrol here");
  return {
    node: row.node,
    certificate: row.pem,
    ca: authority.certificate,
    brokerUrl,
    enrolUrl,
    manifestKeys: [...manifestKeys()],
  };
}
