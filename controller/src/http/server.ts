import { chmod, mkdir, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { ControllerError, messageOf } from "../errors.ts";
import type { Context } from "../operations/context.ts";
import { sendError } from "./errors.ts";
import { routeEvents } from "./events.ts";
import { routeAudit } from "./routes-audit.ts";
import { routeChanges } from "./routes-change.ts";
import { routeIdentity } from "./routes-identity.ts";
import { routeReads } from "./routes-read.ts";

/** The HTTP API, on a unix socket and where asked for on loopback TCP as well. */
export class ApiServer implements AsyncDisposable {
  readonly #servers: readonly FastifyInstance[];

  private constructor(servers: readonly FastifyInstance[]) {
    this.#servers = servers;
  }

  /** Starts listening. Throws ControllerError `config` when an address or path cannot be had. */
  static async start(
    context: Context,
    where: { readonly socket: string; readonly http?: { readonly host: string; readonly port: number } },
  ): Promise<ApiServer> {
    const servers: FastifyInstance[] = [];
    try {
      await clearStaleSocket(where.socket);
      const local = buildServer(context);
      servers.push(local);
      // The socket must never exist with a wider mode, however short.
      const umask = process.umask(0o177);
      try {
        await local.listen({ path: where.socket });
      } finally {
        process.umask(umask);
      }
      await chmod(where.socket, 0o600);
      if (where.http !== undefined) {
        const tcp = buildServer(context);
        servers.push(tcp);
        await tcp.listen(where.http);
      }
      return new ApiServer(servers);
    } catch (cause) {
      await Promise.all(servers.map((server) => server.close()));
      if (cause instanceof ControllerError) throw cause;
      throw new ControllerError("config", `the API cannot listen: ${messageOf(cause)}`, { cause });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}

function buildServer(context: Context): FastifyInstance {
  const server = Fastify({
    loggerInstance: context.log.child({ part: "http" }, { level: "warn" }),
    bodyLimit: 2 * 1024 * 1024,
    forceCloseConnections: true,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: "array", useDefaults: true } },
  }) as unknown as FastifyInstance;
  server.setErrorHandler(sendError);
  server.setNotFoundHandler((request, reply) => {
    const message = `there is no ${request.method} ${request.url.split("?")[0]}`;
    void reply.code(404).send({ error: { code: "no-such-route", message } });
  });
  routeReads(server, context);
  routeChanges(server, context);
  routeIdentity(server, context);
  routeEvents(server, context);
  routeAudit(server, context);
  return server;
}

/** Removes what a killed controller left; refuses to take the place of a living one. */
async function clearStaleSocket(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
  if (alive) throw new ControllerError("config", `socket: ${path}: another controller listens there`);
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}
