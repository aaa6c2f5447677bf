import type { TLSSocket } from "node:tls";
import swagger from "@fastify/swagger";
import { Type } from "@sinclair/typebox";
import {
  CaAnswer,
  ConfirmAnswer,
  EnrolRequest,
  IdentityAnswer,
  RenewRequest,
} from "@vsix/shared/contract/enrol.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { FastifyInstance, FastifyRequest, FastifySchema } from "fastify";
import { judgePeer, type PeerIdentity } from "../ca/peer.ts";
import { ControllerError } from "../errors.ts";
import { ErrorBody } from "../http/schemas.ts";
import type { Context } from "../operations/context.ts";
import { AttemptLimiter } from "./attempt-limiter.ts";
import { enrol, renew } from "./issue.ts";

const REFUSALS = { perPrefix: 20, total: 500, windowMs: 60_000 };
/** By the node's name, of which the fabric has only so many. */
const REFUSALS_OF_NODES = { perPrefix: 20, total: Number.POSITIVE_INFINITY, windowMs: 60_000 };

/** How a caller proves who it is: not at all, by what is in the request, or by the certificate of its connection. */
type Proof = "none" | "claim" | "certificate";

/** A line for the document, schemas, and what the route asks of its caller. */
function declared<S extends FastifySchema>(proof: Proof, summary: string, schema: S) {
  const { response } = schema;
  return {
    schema: {
      ...schema,
      summary,
      "x-proof": proof,
      security: [],
      response: { ...(typeof response === "object" ? response : {}), "4xx": ErrorBody, "5xx": ErrorBody },
    },
  };
}

/** Every route of the enrolment listener, and an OpenAPI 3.1 document of its own, for it is another service than the API. */
export async function routeEnrolment(server: FastifyInstance, context: Context): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "vSIX controller, enrolment of nodes",
        description:
          "Errors are {error: {code, message}}; codes are stable, messages are for people. x-proof says how a caller proves " +
          "who it is: by nothing, by a claim's secret in the request, or by the certificate that it shows (mutual TLS).",
        version: "1",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
    },
  });
  const limiter = new AttemptLimiter(REFUSALS);
  // Whoever has a certificate that counts is not held back by what strangers try, from its own network or in all.
  const proven = new AttemptLimiter(REFUSALS_OF_NODES);
  const asPeer = async <T>(request: FastifyRequest, work: (peer: PeerIdentity) => Promise<T>): Promise<T> => {
    const judged = judgePeer(request.raw.socket as TLSSocket, context.registry);
    if (judged.ok) return limited(proven, judged.peer.node, context, request, () => work(judged.peer));
    return limited(limiter, request.ip, context, request, async () => {
      throw new ControllerError("certificate-refused", `the certificate ${judged.reason}`);
    });
  };

  server.get(
    "/v1/openapi.json",
    declared("none", "This document", { response: { 200: Type.Unknown() } }),
    () => server.swagger(),
  );

  server.get(
    "/v1/ca",
    declared("none", "The CA's certificate, worth as much as the pin it is compared with", {
      response: { 200: CaAnswer },
    }),
    () => ({ ca: context.authority.certificate }),
  );

  server.post<{ Body: EnrolRequest }>(
    "/v1/enrol",
    declared("claim", "A node's first certificate, against a claim's secret and proof of its key", {
      body: EnrolRequest,
      response: { 200: IdentityAnswer },
    }),
    (request) => limited(limiter, request.ip, context, request, () => enrol(context, request.body)),
  );

  server.post<{ Body: RenewRequest }>(
    "/v1/renew",
    declared("certificate", "A new certificate for the node whose certificate is shown", {
      body: RenewRequest,
      response: { 200: IdentityAnswer },
    }),
    (request) => asPeer(request, (peer) => renew(context, peer, request.body)),
  );

  // The node holds its new certificate on its disk and shows it: those before it are superseded.
  server.post(
    "/v1/confirm",
    declared("certificate", "The certificate that is shown is in use: those before it count no more", {
      response: { 200: ConfirmAnswer },
    }),
    (request) =>
      asPeer(request, async (peer) => {
        await context.registry.used(peer.serial);
        return { node: peer.node, serial: peer.serial };
      }),
  );
}

async function limited<T>(
  limiter: AttemptLimiter,
  whose: string,
  { clock, log }: Context,
  request: FastifyRequest,
  work: () => Promise<T>,
): Promise<T> {
  if (!limiter.mayTry(whose, clock.monotonicMs()))
    throw new ControllerError("too-many-attempts", "too many refused attempts; try again in a minute");
  try {
    return await work();
  } catch (error) {
    if (error instanceof VsixError) {
      limiter.refused(whose, clock.monotonicMs());
      log.warn({ from: request.ip, route: request.url, code: error.code }, "a node's request was refused");
    }
    throw error;
  }
}
