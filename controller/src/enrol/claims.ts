import { randomBytes } from "node:crypto";
import { encodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { sha256 } from "@vsix/shared/crypto/possession.ts";
import { findNode } from "@vsix/shared/fabric/query.ts";
import { timestamp } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import { type Context, requireInForce } from "../operations/context.ts";
import type { StoreTransaction } from "../store/transaction.ts";

export interface ClaimRequest {
  readonly who: string;
  readonly node: string;
  /** How long the token is good for, seconds. */
  readonly ttlS: number;
  /** A node without a certificate that counts, or one that has it and shall get another. */
  readonly kind: "enrol" | "rekey";
  /** Where the node reaches the enrolment listener while it enrols; default: what nodes are told anyway. */
  readonly url?: string;
  /**
   * For what is no node of the fabric, such as a user's device: throws, within the transaction, where it may have no
   * claim.
   */
  readonly allow?: (tx: StoreTransaction) => Promise<void>;
}

export interface ClaimAnswer {
  /** Secret: to be shown once and kept nowhere. */
  readonly token: string;
  readonly node: string;
  readonly expires: string;
}

/**
 * Makes a one-time claim token for a node of the fabric; an earlier one of that node is void from now on. Throws
 * `enrol-off`, `no-fabric`, `unknown-node`, `already-enrolled`, `not-enrolled`.
 */
export async function makeClaim(context: Context, request: ClaimRequest): Promise<ClaimAnswer> {
  const { store, clock, registry, authority, nodeFacing } = context;
  const { who, node, ttlS, kind, allow } = request;
  if (nodeFacing.enrolUrl === undefined)
    throw new ControllerError(
      "enrol-off",
      "nodes cannot enrol: the controller's configuration has no `enrol`",
    );
  if (allow === undefined) requireOwnNode(context, node);
  const active = registry.newest(node)?.state === "active";
  if (kind === "enrol" && active)
    throw new ControllerError(
      "already-enrolled",
      `${node} has a certificate that counts; \`vsixctl node rekey ${node}\` gives it another`,
    );
  if (kind === "rekey" && !active)
    throw new ControllerError(
      "not-enrolled",
      `${node} has no certificate that counts; \`vsixctl node enrol ${node}\` gives it one`,
    );
  const secret = randomBytes(32).toString("base64url");
  const nowMs = clock.wallMs();
  const expires = timestamp(nowMs + ttlS * 1000);
  await store.transaction(async (tx) => {
    await allow?.(tx);
    await tx.putClaim({
      node,
      secret: sha256(secret).toString("hex"),
      ends: expires,
      attempts: 0,
      serial: null,
    });
    await tx.addAudit({
      at: timestamp(nowMs),
      who,
      what: `node ${kind}`,
      detail: JSON.stringify({ node, expires }),
    });
  });
  const token = encodeClaim({
    url: request.url ?? nodeFacing.enrolUrl,
    node,
    secret,
    ca: authority.pin,
    expires,
  });
  return { token, node, expires };
}

/** Revokes whatever certificates and claims the node has; its sessions are closed at once. Returns the serials. */
export async function revokeNode(context: Context, who: string, node: string): Promise<readonly string[]> {
  const { store, registry, clock } = context;
  const claim = await store.read.claim(node);
  if (registry.newest(node)?.state !== "active" && claim === undefined)
    throw new ControllerError("not-enrolled", `${node} has neither a certificate that counts nor a claim`);
  return registry.revoke(node, async (tx) => {
    await tx.removeClaim(node);
    await tx.addAudit({
      at: timestamp(clock.wallMs()),
      who,
      what: "node revoke",
      detail: JSON.stringify({ node }),
    });
  });
}

function requireOwnNode(context: Context, name: string): void {
  const { fabric, nodes } = requireInForce(context.desired.inForce);
  if (nodes.has(name)) return;
  const software = findNode(fabric, name)?.software;
  const reason =
    software === undefined
      ? `there is no node ${JSON.stringify(name)}; nodes: ${[...nodes.keys()].join(", ")}`
      : `${name} runs ${software}, which has no agent of ours`;
  throw new ControllerError("unknown-node", reason);
}
