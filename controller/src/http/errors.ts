import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { FabricFaultsError } from "../operations/apply.ts";
import { TooManyRequests } from "./limits.ts";

/** HTTP status of a refusal, by its code; anything else is 409: understood, and refused as things are. */
const STATUS: Readonly<Record<string, number>> = {
  "fabric-faults": 422,
  "unknown-edge": 404,
  "unknown-plane": 404,
  "unknown-node": 404,
  "no-health": 404,
  "unknown-revision": 404,
  "claim-refused": 403,
  "certificate-refused": 403,
  "bad-proof": 403,
  "too-many-attempts": 429,
  "unknown-token": 404,
  "unknown-rollout": 404,
  "unknown-destination": 404,
  "bad-rollout": 400,
  "unknown-path": 404,
  "bad-question": 400,
  "dns-busy": 503,
  "no-dns": 404,
  "no-expected": 404,
  "bad-lesson": 400,
  "unknown-receiver": 404,
  "bad-pool": 400,
  "unknown-pool": 404,
  "bad-prefix": 400,
  "unknown-prefix": 404,
  "no-account": 403,
  "account-state": 403,
  "project-state": 403,
  "not-a-member": 403,
  "unknown-account": 404,
  "unknown-project": 404,
  "unknown-application": 404,
  "bad-endpoint": 400,
  "bad-public-key": 400,
  "bad-application": 400,
  "update-refused": 403,
  "webhook-refused": 403,
  "portal-busy": 503,
  "pages-not-built": 503,
  "unknown-file": 404,
  "sign-in-refused": 401,
  "second-factor-wanted": 401,
  "cross-site": 403,
  "bad-password": 400,
  "invitation-refused": 403,
  "link-refused": 403,
  "provider-failed": 503,
  "no-provider": 404,
  "not-linked": 403,
  "unknown-session": 404,
  "unknown-passkey": 404,
  "no-passkeys": 404,
  "passkey-refused": 400,
  netbox: 502,
  unauthenticated: 401,
  forbidden: 403,
  "too-many-requests": 429,
  store: 500,
  broker: 503,
};

/** The one shape of every error: {error: {code, message}}, and `faults` for a fabric file. */
export function sendError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof FabricFaultsError) {
    const { code, message, faults } = error;
    void reply.code(422).send({ error: { code, message, faults } });
  } else if (error instanceof VsixError) {
    const { code, message } = error;
    if (code === "unauthenticated") void reply.header("www-authenticate", "Bearer");
    if (error instanceof TooManyRequests) void reply.header("retry-after", error.retryAfterS);
    void reply.code(STATUS[code] ?? 409).send({ error: { code, message } });
  } else if (error.statusCode !== undefined && error.statusCode < 500) {
    const code = error.validation === undefined ? error.code.toLowerCase() : "bad-request";
    void reply.code(error.statusCode).send({ error: { code, message: error.message } });
  } else {
    request.log.error({ err: error }, "request failed");
    void reply
      .code(500)
      .send({ error: { code: "internal", message: "the controller failed; its log says why" } });
  }
}
