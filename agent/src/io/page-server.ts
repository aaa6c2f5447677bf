import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { HomeView } from "../core/home-page/facts.ts";
import { homePage, PAGE_STYLE } from "../core/home-page/page.ts";
import { askedFor, isOurHost, languageOf } from "../core/home-page/request.ts";

export interface PageServerOptions {
  /** A listening socket that somebody passed, or where to listen. */
  readonly at: { readonly fd: number } | { readonly host: string; readonly port: number };
  /** Names that this router has for its hosts, lower case. */
  readonly names: readonly string[];
  /** What is known now; never throws. */
  readonly look: () => Promise<HomeView>;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Nobody asked for so long, milliseconds; told once. */
  readonly idle?: { readonly afterMs: number; readonly tell: () => void };
}

/** A home has few browsers; a client's time, and how old an answer may be, milliseconds. */
const MAX_CONNECTIONS = 32;
const CLIENT_MS = 5000;
const KEEP_MS = 1000;
const MAX_HEADER = 8192;

/** Of every answer: no script, nothing from elsewhere, in no frame of another page, and kept nowhere. */
const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
  connection: "close",
};

/** The status page of a home router: read-only, without sign-in, for hosts of the LAN. Whoever opens the socket decides who can reach it. */
export class PageServer implements AsyncDisposable {
  readonly #options: PageServerOptions;
  readonly #server: Server;
  readonly #idle: NodeJS.Timeout | undefined;
  #kept: { readonly atMs: number; readonly view: Promise<HomeView> } | undefined;

  private constructor(options: PageServerOptions) {
    this.#options = options;
    const { createServer } = process.getBuiltinModule("node:http");
    this.#server = createServer(
      {
        headersTimeout: CLIENT_MS,
        requestTimeout: CLIENT_MS,
        connectionsCheckingInterval: CLIENT_MS / 2,
        maxHeaderSize: MAX_HEADER,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
    // One that takes the answer slowly, too.
    this.#server.setTimeout(CLIENT_MS);
    this.#server.on("clientError", (_error, socket) => {
      if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
      else socket.destroy();
    });
    const { idle } = options;
    if (idle === undefined) return;
    this.#idle = setTimeout(idle.tell, idle.afterMs);
    this.#server.on("connection", () => this.#idle?.refresh());
  }

  /** Throws what the listener says. */
  static async listen(options: PageServerOptions): Promise<PageServer> {
    const page = new PageServer(options);
    await new Promise<void>((resolve, reject) => {
      // Stays: an error that nobody listens to would end the process.
      page.#server.on("error", reject);
      page.#server.listen(options.at, () => resolve());
    });
    return page;
  }

  /** Where it listens; undefined on a socket without a port. */
  get port(): number | undefined {
    const address = this.#server.address();
    return typeof address === "object" ? address?.port : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const end = (status: number, type: string, text: string, more: Record<string, string> = {}): void => {
      const length = String(Buffer.byteLength(text));
      response.writeHead(status, { ...HEADERS, ...more, "content-type": type, "content-length": length });
      response.end(request.method === "HEAD" ? undefined : text);
    };
    const plain = "text/plain; charset=utf-8";
    const { method, url = "", headers } = request;
    // RFC 9110 section 15.5.20.
    if (!isOurHost(headers.host, this.#options.names))
      end(421, plain, "this is not the router of that name\n");
    else if (method !== "GET" && method !== "HEAD")
      end(405, plain, "only to be looked at\n", { allow: "GET, HEAD" });
    else {
      const asked = askedFor(url);
      if (asked.what === "page") {
        const language = asked.language ?? languageOf(headers["accept-language"]);
        const said = { "content-language": language, vary: "Accept-Language" };
        const html = homePage(await this.#view(), language, this.#options.now());
        end(200, "text/html; charset=utf-8", html, said);
      } else if (asked.what === "json")
        end(200, "application/json", `${JSON.stringify(await this.#view())}\n`);
      else if (asked.what === "style") end(200, "text/css; charset=utf-8", PAGE_STYLE);
      else end(404, plain, "there is / and /status.json\n");
    }
  }

  /** However often it is asked, the agent is asked once a second. */
  #view(): Promise<HomeView> {
    const nowMs = performance.now();
    if (this.#kept === undefined || nowMs - this.#kept.atMs > KEEP_MS)
      this.#kept = { atMs: nowMs, view: this.#options.look() };
    return this.#kept.view;
  }
}
