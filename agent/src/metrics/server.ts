import { rmSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

export interface MetricsServerOptions {
  /** Unix socket, for root alone. */
  readonly socket: string;
  /** On an address as well, without authentication. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  readonly expose: () => Promise<string>;
  readonly log: Logger;
}

/** Enough for two scrapers; the oldest exposition handed out, milliseconds; a client's time, milliseconds. */
const MAX_CONNECTIONS = 8;
const KEEP_MS = 500;
const CLIENT_MS = 5000;
const LISTEN_AGAIN_MS = 10_000;
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * GET /metrics on a unix socket, and on an address where configured. However often it is asked, the figures are put
 * together at most twice a second. An address that is not there yet is tried again: metrics never keep an agent from running.
 */
export class MetricsServer implements AsyncDisposable {
  readonly #options: MetricsServerOptions;
  readonly #abort = new AbortController();
  readonly #servers: Server[] = [];
  readonly #listening: Promise<unknown>;
  #kept: { readonly atMs: number; readonly text: Promise<string> } | undefined;

  /** Begins to listen; never throws. No other agent may use the socket's directory. */
  constructor(options: MetricsServerOptions) {
    this.#options = options;
    const { socket, address } = options;
    rmSync(socket, { force: true });
    this.#listening = Promise.all([
      this.#listen({ path: socket }),
      ...(address === undefined ? [] : [this.#listen(address)]),
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#listening;
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
  }

  async #listen(where: { readonly path: string } | { readonly host: string; readonly port: number }) {
    const { signal } = this.#abort;
    const { log } = this.#options;
    let said = "";
    while (!signal.aborted) {
      const server = makeServer((request, response) => this.#answer(request, response));
      const failure = await begin(server, where);
      if (failure === undefined) {
        this.#servers.push(server);
        log.info({ ...where }, "metrics are told");
        return;
      }
      if (said !== failure) log.warn({ ...where, reason: failure }, "metrics cannot be told here yet");
      said = failure;
      await sleep(LISTEN_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #answer(...[request, response]: Parameters<RequestListener>): void {
    const end = (status: number, text: string): void => {
      response.writeHead(status, { "content-type": CONTENT_TYPE, connection: "close" }).end(text);
    };
    if (request.url !== "/metrics" || request.method !== "GET") {
      end(404, "there is only GET /metrics\n");
      return;
    }
    this.#text().then(
      (text) => end(200, text),
      (error: unknown) => {
        this.#options.log.error({ err: error }, "metrics not put together");
        end(500, "the agent's log says why\n");
      },
    );
  }

  #text(): Promise<string> {
    const nowMs = performance.now();
    if (this.#kept === undefined || nowMs - this.#kept.atMs > KEEP_MS) {
      this.#kept = { atMs: nowMs, text: this.#options.expose() };
    }
    return this.#kept.text;
  }
}

function makeServer(listener: RequestListener): Server {
  // An `import` evaluates every export of node:http; see vsixctl's client.
  const { createServer } = process.getBuiltinModule("node:http");
  const server = createServer(
    {
      headersTimeout: CLIENT_MS,
      requestTimeout: CLIENT_MS,
      connectionsCheckingInterval: CLIENT_MS / 2,
      maxHeaderSize: 4096,
    },
    listener,
  );
  server.maxConnections = MAX_CONNECTIONS;
  // One that takes the answer slowly, too.
  server.setTimeout(CLIENT_MS);
  return server;
}

/** Undefined once it listens, or why it does not. */
async function begin(
  server: Server,
  where: { readonly path: string } | { readonly host: string; readonly port: number },
) {
  return new Promise<string | undefined>((resolve) => {
    // Stays: an error that nobody listens to would end the agent.
    server.on("error", (error) => resolve(error.message));
    // The socket must never exist with a wider mode, however short.
    const umask = process.umask(0o177);
    try {
      server.listen(where, () => resolve(undefined));
    } finally {
      process.umask(umask);
    }
  });
}
