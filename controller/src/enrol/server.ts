import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import rateLimit from "@fastify/rate-limit";
import { CaAnswer, EnrolRequest, IdentityAnswer, RenewRequest } from "@vsix/shared/contract/enrol.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { judgePeer, type PeerIdentity } from "../ca/peer.ts";
import { ControllerError, messageOf } from "../errors.ts";
import { Doorkeeper } from "../fleet/doorkeeper.ts";
import { sendError } from "../http/errors.ts";
import type { Context } from "../operations/context.ts";
import { AttemptLimiter } from "./attempt-limiter.ts";
import { enrol, renew } from "./issue.ts";

/** Requests a minute and address, good ones included: signatures cost processor time. */
const REQUESTS_PER_MINUTE = 300;
const REFUSALS = { perPrefix: 20, total: 500, windowMs: 60_000 };
/** Everybody is a stranger here: many idle ones from one address, or from many, do not keep the next one out. */
const STRANGERS = { strangers: 512, perAddress: 64 };

/**
 * HTTPS for nodes: the CA's certificate, enrolment against a claim, renewal against a certificate. Faces whoever can reach
 * it, so it is small, bounded and apart from the operators' API.
 */
export class EnrolServer implements AsyncDisposable {
  readonly #server: FastifyInstance;
  readonly #forget: () => void;

  private constructor(server: FastifyInstance, forget: () => void) {
    this.#server = server;
    this.#forget = forget;
  }

  /** Throws ControllerError `config` when the address cannot be had. */
  static async start(
    context: Context,
    where: { readonly host: string; readonly port: number },
  ): Promise<EnrolServer> {
    const server = await build(context);
    const forget = context.server.listen((tls) => secureServer(server).setSecureContext(tls));
    try {
      await server.listen(where);
      return new EnrolServer(server, forget);
    } catch (cause) {
      forget();
      await server.close();
      throw new ControllerError("config", `enrol cannot listen: ${messageOf(cause)}`, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#forget();
    await this.#server.close();
  }
}

async function build(context: Context): Promise<FastifyInstance> {
  const server = Fastify({
    loggerInstance: context.log.child({ part: "enrol" }, { level: "warn" }),
    bodyLimit: 16 * 1024,
    forceCloseConnections: true,
    connectionTimeout: 30_000,
    requestTimeout: 10_000,
    keepAliveTimeout: 2_000,
    https: {
      ...context.server.tls,
      requestCert: true,
      // Newcomers have none; what wants one asks judgePeer.
      rejectUnauthorized: false,
      handshakeTimeout: 10_000,
    },
  }) as unknown as FastifyInstance;
  const door = new Doorkeeper(STRANGERS);
  secureServer(server).prependListener("connection", (socket: Socket) => door.admit(socket));
  await server.register(rateLimit, { max: REQUESTS_PER_MINUTE, timeWindow: 60_000, cache: 4096 });
  server.setErrorHandler(sendError);
  const limiter = new AttemptLimiter(REFUSALS);

  server.get("/v1/ca", { schema: { response: { 200: CaAnswer } } }, () => ({
    ca: context.authority.certificate,
  }));

  server.post<{ Body: EnrolRequest }>(
    "/v1/enrol",
    { schema: { body: EnrolRequest, response: { 200: IdentityAnswer } } },
    (request) => limited(limiter, context, request, () => enrol(context, request.body)),
  );

  server.post<{ Body: RenewRequest }>(
    "/v1/renew",
    { schema: { body: RenewRequest, response: { 200: IdentityAnswer } } },
    (request) =>
      limited(limiter, context, request, () => renew(context, peerOf(context, request), request.body)),
  );

  // The node holds its new certificate on its disk and shows it: those before it are superseded.
  server.post("/v1/confirm", (request) =>
    limited(limiter, context, request, async () => {
      const peer = peerOf(context, request);
      await context.registry.used(peer.serial);
      return { node: peer.node, serial: peer.serial };
    }),
  );
  return server;
}

async function limited<T>(
  limiter: AttemptLimiter,
  { clock, log }: Context,
  request: FastifyRequest,
  work: () => Promise<T>,
): Promise<T> {
  if (!limiter.mayTry(request.ip, clock.monotonicMs()))
    throw new ControllerError("too-many-attempts", "too many refused attempts; try again in a minute");
  try {
    return await work();
  } catch (error) {
    if (error instanceof VsixError) {
      limiter.refused(request.ip, clock.monotonicMs());
      log.warn({ from: request.ip, route: request.url, code: error.code }, "a node's request was refused");
    }
    throw error;
  }
}

function peerOf({ registry }: Context, request: FastifyRequest): PeerIdentity {
  const judged = judgePeer(request.raw.socket as TLSSocket, registry);
  if (!judged.ok) throw new ControllerError("certificate-refused", `the certificate ${judged.reason}`);
  return judged.peer;
}

/** Fastify's types do not tell that `https` makes a TLS server. */
function secureServer(server: FastifyInstance) {
  return server.server as unknown as import("node:https").Server;
}
