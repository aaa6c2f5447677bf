import type { Socket } from "node:net";
import rateLimit, { normalizeIP } from "@fastify/rate-limit";
import Fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { ControllerError, messageOf } from "../errors.ts";
import { Doorkeeper } from "../fleet/doorkeeper.ts";
import { sendError } from "../http/errors.ts";
import { TooManyRequests } from "../http/limits.ts";
import { COMPILED_WHEN_USED } from "../http/schema-compilers.ts";
import type { EnrolMetrics } from "../metrics/enrol-metrics.ts";
import type { Context } from "../operations/context.ts";
import { routeEnrolment } from "./routes.ts";

/** Requests a minute and address, good ones included: signatures cost processor time. */
const REQUESTS_PER_MINUTE = 300;
/** How long a TLS handshake, and how long a whole request may take to come, milliseconds. */
const REQUEST_MS = 10_000;
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
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: 2_000,
    exposeHeadRoutes: false,
    schemaController: COMPILED_WHEN_USED,
    https: {
      ...context.server.tls,
      requestCert: true,
      // Newcomers have none; what wants one asks judgePeer.
      rejectUnauthorized: false,
      handshakeTimeout: REQUEST_MS,
      // Who sends nothing, or an octet now and then, is cut off within half as long again.
      headersTimeout: REQUEST_MS,
      connectionsCheckingInterval: REQUEST_MS / 2,
    },
  }) as unknown as FastifyInstance;
  const figures = context.metrics.enrol;
  const tls = secureServer(server);
  const door = new Doorkeeper(STRANGERS, () => figures.closed("too-many"));
  tls.prependListener("connection", (socket: Socket) => door.admit(socket));
  tls.on("tlsClientError", () => figures.closed("tls"));
  tls.on("clientError", () => figures.closed("malformed"));
  await server.register(rateLimit, {
    max: REQUESTS_PER_MINUTE,
    timeWindow: 60_000,
    cache: 4096,
    keyGenerator: ({ ip }) => normalizeIP(ip),
    errorResponseBuilder: (_request, { ttl }) => new TooManyRequests("from here", Math.ceil(ttl / 1000)),
  });
  server.setErrorHandler(sendError);
  countRequests(server, figures);
  server.setNotFoundHandler((request, reply) => {
    const message = `there is no ${request.method} ${request.url.split("?")[0]?.slice(0, 64)}`;
    void reply.code(404).send({ error: { code: "no-such-route", message } });
  });
  await routeEnrolment(server, context);
  return server;
}

/** Counts every answer by its declared route: what was asked for could be anything. */
function countRequests(server: FastifyInstance, figures: EnrolMetrics): void {
  const codes = new WeakMap<FastifyRequest, string>();
  server.addHook("onError", async (request, _reply, { code }) => void codes.set(request, code));
  server.addHook("onResponse", async (request, { statusCode }) => {
    const route = request.routeOptions.url ?? "none";
    if (statusCode < 400) figures.done(route);
    else if (statusCode === 404 && route === "none") figures.refused(route, statusCode, "no-such-route");
    else figures.refused(route, statusCode, codes.get(request) ?? "");
  });
}

/** Fastify's types do not tell that `https` makes a TLS server. */
function secureServer(server: FastifyInstance) {
  return server.server as unknown as import("node:https").Server;
}
