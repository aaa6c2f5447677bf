import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";

/** As `portal.origin` of the controllers that tests start says. */
export const ORIGIN = "https://portal.example";

export interface Page {
  readonly status: number;
  /** Of the error; empty where there is none. */
  readonly code: string;
  readonly message: string;
  readonly body: Record<string, unknown>;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Asks like a browser with one tab of our own page, through the proxy that does TLS: what it says of itself can be changed, as an
 * attacker's page or program would.
 */
export class Browser {
  /** `NAME=VALUE`, as it would be sent; undefined: none. */
  cookie: string | undefined;
  readonly #port: number;
  readonly #says: Readonly<Record<string, string>>;
  readonly #from: string;

  constructor(port: number, says: Readonly<Record<string, string>> = ITSELF, from = "127.0.0.1") {
    this.#port = port;
    this.#says = says;
    this.#from = from;
  }

  async get(path: string): Promise<Page> {
    return this.ask("GET", path);
  }

  async post(path: string, body: unknown = {}): Promise<Page> {
    return this.ask("POST", path, body);
  }

  async ask(method: string, path: string, body?: unknown): Promise<Page> {
    const response = await this.open(method, path, body);
    let answer = "";
    for await (const chunk of response) answer += String(chunk);
    const [set] = response.headers["set-cookie"] ?? [];
    if (set !== undefined) this.cookie = /Max-Age=0/.test(set) ? undefined : set.split(";")[0];
    const parsed = answer.startsWith("{") ? (JSON.parse(answer) as Record<string, unknown>) : {};
    const error = parsed["error"] as { code: string; message: string } | undefined;
    const { statusCode: status = 0, headers } = response;
    return { status, code: error?.code ?? "", message: error?.message ?? "", body: parsed, headers };
  }

  /** An answer whose head has come; the rest is the caller's to read. */
  async open(method: string, path: string, body?: unknown): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const asked = request({
      host: "127.0.0.1",
      port: this.#port,
      localAddress: this.#from,
      method,
      path,
      agent: false,
      timeout: 60_000,
      headers: {
        ...this.#says,
        ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
        ...(text === undefined ? {} : { "content-type": "application/json" }),
      },
    });
    asked.on("error", () => {});
    asked.end(text);
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    return response;
  }
}

/** What a browser says where our own page asks. */
export const ITSELF = { origin: ORIGIN, "sec-fetch-site": "same-origin", "user-agent": "Test/1 \u00e9" };
