import { chmod } from "node:fs/promises";
import { Server as TlsServer } from "node:tls";
import Fastify, { type FastifyInstance } from "fastify";
import { triedPages } from "../access/own-paths.ts";
import { ControllerError, messageOf } from "../errors.ts";
import type { Context } from "../operations/context.ts";
import { type Portal, requirePortal } from "../portal/portal.ts";
import { SECURITY_HEADERS } from "../portal/security-headers.ts";
import { authenticateBySession, authenticateByToken, authenticateLocally } from "./authentication.ts";
import { sendError } from "./errors.ts";
import { routeEvents } from "./events.ts";
import { type ApiLimits, boundConnections, makeLimits } from "./limits.ts";
import { clearStaleSocket } from "./living-socket.ts";
import { describeApi, routeOpenapi } from "./openapi.ts";
import { readPages, routePages } from "./pages.ts";
import { requirePermissions } from "./permission.ts";
import { routeAccounts } from "./routes-account.ts";
import { routeAddresses } from "./routes-address.ts";
import { routeApplications } from "./routes-application.ts";
import { routeAudit } from "./routes-audit.ts";
import { routeChanges } from "./routes-change.ts";
import { routeDns } from "./routes-dns.ts";
import { routeEndpoints } from "./routes-endpoint.ts";
import { routeEpe } from "./routes-epe.ts";
import { routeHealth } from "./routes-health.ts";
import { routeIdentity } from "./routes-identity.ts";
import { routeInventory } from "./routes-inventory.ts";
import { routeMeasure } from "./routes-measure.ts";
import { countAnswers, routeMetrics } from "./routes-metrics.ts";
import { routeNetbox } from "./routes-netbox.ts";
import { routeOidc } from "./routes-oidc.ts";
import { routeOnce } from "./routes-once.ts";
import { routeOwnEvents } from "./routes-own-events.ts";
import { routeOwnNetwork } from "./routes-own-network.ts";
import { routePasskeys } from "./routes-passkey.ts";
import { routePaths } from "./routes-path.ts";
import { routeReads } from "./routes-read.ts";
import { routeReport } from "./routes-report.ts";
import { routeRollouts } from "./routes-rollout.ts";
import { routeSignIn } from "./routes-sign-in.ts";
import { routeTokens } from "./routes-token.ts";
import { routeTopology } from "./routes-topology.ts";
import { routeTrust } from "./routes-trust.ts";
import { routeUserPortal } from "./routes-user-portal.ts";
import { routeUserTokens } from "./routes-user-token.ts";
import { routeWatch } from "./routes-watch.ts";
import { COMPILED_WHEN_USED } from "./schema-compilers.ts";

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface ApiOptions {
  readonly socket: string;
  readonly http?: Endpoint;
  readonly https?: Endpoint;
  /** Where browsers come. */
  readonly portal?: { readonly listen: Endpoint; readonly tls: PortalTls };
  readonly limits: ApiLimits;
}

/** own: our certificate. off: a proxy on this machine does it, and says in `X-Forwarded-For` who asks. Else PEM. */
export type PortalTls = "own" | "off" | { readonly cert: string; readonly key: string };

/** How long a whole request may take to come, and how long a connection may be idle, milliseconds. */
const REQUEST_MS = 30_000;
const KEEP_ALIVE_MS = 10_000;
const HEADERS_MS = 10_000;
/**
 * How long an answer may be given again that differs by what nodes have told since alone, milliseconds. Pages ask 300 ms after an
 * event at the earliest (web/src/api/queries.ts), so none is left with what was before it.
 */
const KEEP_ANSWER_MS = 200;

/** The HTTP API: on a unix socket for the controller's own user, on TCP for tokens, and for sessions of browsers. */
export class ApiServer implements AsyncDisposable {
  readonly #servers: readonly FastifyInstance[];
  readonly #unlisten: () => void;

  private constructor(servers: readonly FastifyInstance[], unlisten: () => void) {
    this.#servers = servers;
    this.#unlisten = unlisten;
  }

  /** Starts listening. Throws ControllerError `config` when an address or path cannot be had, `undeclared-route`. */
  static async start(context: Context, options: ApiOptions): Promise<ApiServer> {
    const { socket, http, https, portal, limits } = options;
    const servers: FastifyInstance[] = [];
    const renewed = new Set<() => void>();
    const unlisten = (): void => {
      for (const forget of renewed) forget();
    };
    const renew = ({ server }: FastifyInstance): void => {
      const forget = context.server.listen((secure) => {
        if (server instanceof TlsServer) server.setSecureContext(secure);
      });
      renewed.add(forget);
    };
    try {
      await clearStaleSocket(socket);
      const local = await buildServer(context, undefined);
      servers.push(local);
      // The socket must never exist with a wider mode, however short.
      const umask = process.umask(0o177);
      try {
        await local.listen({ path: socket });
      } finally {
        process.umask(umask);
      }
      await chmod(socket, 0o600);
      if (http !== undefined) {
        const tcp = await buildServer(context, { limits, tls: false });
        servers.push(tcp);
        await tcp.listen(http);
      }
      if (https !== undefined) {
        const tls = await buildServer(context, { limits, tls: true });
        servers.push(tls);
        renew(tls);
        await tls.listen(https);
      }
      if (portal !== undefined) {
        const { listen, tls } = portal;
        const browsers = await buildServer(context, { limits, tls, portal: requirePortal(context) });
        servers.push(browsers);
        if (tls === "own") renew(browsers);
        await browsers.listen(listen);
      }
      return new ApiServer(servers, unlisten);
    } catch (cause) {
      unlisten();
      await Promise.all(servers.map((server) => server.close()));
      if (cause instanceof ControllerError) throw cause;
      throw new ControllerError("config", `the API cannot listen: ${messageOf(cause)}`, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unlisten();
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}

/** Where a server stands: undefined is the unix socket. */
type Entrance =
  | { readonly limits: ApiLimits; readonly tls: boolean | PortalTls; readonly portal?: Portal }
  | undefined;

/** A server with every route, not listening yet. Throws ControllerError `undeclared-route`. */
export async function buildServer(context: Context, entrance: Entrance): Promise<FastifyInstance> {
  const headersTimeout = entrance?.limits.headersMs ?? HEADERS_MS;
  // A client that sends nothing, or an octet now and then, is cut off within half as long again.
  const slow = { headersTimeout, connectionsCheckingInterval: Math.ceil(headersTimeout / 2) };
  const tls = tlsOf(context, entrance);
  const server = Fastify({
    loggerInstance: context.log.child({ part: "http" }, { level: "warn" }),
    bodyLimit: 2 * 1024 * 1024,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    schemaController: COMPILED_WHEN_USED,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: "array", useDefaults: true } },
    trustProxy: entrance?.tls === "off" ? "loopback" : false,
    ...(tls === undefined
      ? { http: slow }
      : { https: { ...tls, handshakeTimeout: headersTimeout, ...slow } }),
  }) as unknown as FastifyInstance;
  server.setErrorHandler(sendError);
  countAnswers(server, context);
  if (entrance === undefined) {
    authenticateLocally(server);
  } else {
    const { connections } = entrance.limits;
    // Behind a proxy all of them come from one address.
    const proxied = entrance.tls === "off" ? { connectionsPerAddress: connections } : {};
    boundConnections(server.server, { ...entrance.limits, ...proxied });
    if (entrance.portal !== undefined) tellBrowsers(server);
    const limits = await makeLimits(server, entrance.limits);
    if (entrance.portal === undefined) authenticateByToken(server, { tokens: context.tokens, limits });
    else authenticateBySession(server, { portal: entrance.portal, limits });
  }
  server.setNotFoundHandler((request, reply) => {
    const message = `there is no ${request.method} ${request.url.split("?")[0]}`;
    void reply.code(404).send({ error: { code: "no-such-route", message } });
  });
  // The operator's own socket tells what is so now; few ask there.
  await addRoutes(server, context, entrance === undefined ? 0 : KEEP_ANSWER_MS);
  if (entrance?.portal !== undefined) {
    routeSignIn(server, entrance.portal);
    routeOnce(server, entrance.portal);
    routeOidc(server, entrance.portal);
    routePasskeys(server, entrance.portal);
    routePages(server, await readPages(), () => triedOrigins(context));
  }
  return server;
}

/** Other origins that our pages may ask: a user sees there whether his connection works. */
function triedOrigins(context: Context): readonly string[] {
  return [...new Set(triedPages(context).map(({ url }) => new URL(url).origin))];
}

function tlsOf({ server }: Context, entrance: Entrance) {
  const tls = entrance?.tls ?? false;
  if (tls === false || tls === "off") return undefined;
  return tls === true || tls === "own" ? server.tls : { ...tls, minVersion: "TLSv1.3" as const };
}

/** On the response itself: also where a handler writes its own head, and where a request is refused. */
function tellBrowsers(server: FastifyInstance): void {
  server.addHook("onRequest", async (_request, reply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) reply.raw.setHeader(name, value);
  });
}

/** Every route of the API; answers that are the same for everybody are kept for `keepMs`. Throws ControllerError `undeclared-route`. */
export async function addRoutes(server: FastifyInstance, context: Context, keepMs = 0): Promise<void> {
  requirePermissions(server);
  await describeApi(server);
  routeReads(server, context, keepMs);
  routeTopology(server, context, keepMs);
  routeChanges(server, context);
  routeRollouts(server, context);
  routeTrust(server, context);
  routeEvents(server, context);
  routeOwnEvents(server, context);
  routeOwnNetwork(server, context);
  routeAudit(server, context);
  routeIdentity(server, context);
  routeTokens(server, context);
  routeMetrics(server, context);
  routeMeasure(server, context);
  routeEpe(server, context);
  routeHealth(server, context);
  routeDns(server, context);
  routeReport(server, context);
  routePaths(server, context);
  routeWatch(server, context);
  routeAddresses(server, context);
  routeAccounts(server, context);
  routeApplications(server, context);
  routeUserTokens(server, context);
  routeUserPortal(server, context);
  routeEndpoints(server, context);
  routeInventory(server, context);
  await routeNetbox(server, context);
  routeOpenapi(server);
}
