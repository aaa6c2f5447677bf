import { once } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { type Agent, Agent as HttpsAgent, request } from "node:https";
import { buffer } from "node:stream/consumers";
import type { InvitedAnswer } from "../../controller/src/http/schemas-portal.ts";
import { PASSWORD } from "../controller/visitor.ts";
import type { WebBed } from "./web-bed.ts";

/** Connections from one address are bounded (README, limits.connectionsPerAddress: 64). */
const PER_ADDRESS = 25;

export interface Answer {
  readonly path: string;
  readonly status: number;
  readonly ms: number;
  readonly octets: number;
}

/** Somebody signed in to the portal with a connection of his own, as his browser would hold it. */
export class WebSession implements Disposable {
  readonly #origin: string;
  readonly #agent: Agent;
  readonly #localAddress: string;
  #cookie = "";
  #heard = 0;

  private constructor(origin: string, localAddress: string) {
    this.#origin = origin;
    this.#localAddress = localAddress;
    this.#agent = new HttpsAgent({ keepAlive: true, maxSockets: 2, rejectUnauthorized: false });
  }

  /** A new user who has just accepted his invitation. `index` chooses one of the machine's own addresses to come from. */
  static async open(bed: WebBed, index: number, role: "user" | "read-only"): Promise<WebSession> {
    const name = `u${index}`;
    await bed.api.post("/v1/users", { name, display: `User ${index}` });
    const { invitation } = await bed.api.post<InvitedAnswer>(`/v1/users/${name}/invite`, { role });
    const session = new WebSession(bed.site.origin, `127.0.2.${1 + Math.floor(index / PER_ADDRESS)}`);
    const { status } = await session.#ask("POST", "/v1/portal/invitation", {
      invitation,
      password: PASSWORD,
    });
    if (status !== 200) throw new Error(`invitation of ${name}: ${status}`);
    return session;
  }

  async get(path: string): Promise<Answer> {
    return this.#ask("GET", path);
  }

  /** Octets of events so far. */
  get heard(): number {
    return this.#heard;
  }

  /** Hears the network's events, as an open page of the console does, on a connection that does nothing else. */
  async listen(): Promise<void> {
    const asked = this.#request("GET", "/v1/events");
    asked.on("error", () => undefined).end();
    const [response] = await once(asked, "response");
    response.on("error", () => undefined);
    response.on("data", (chunk: Buffer) => {
      this.#heard += chunk.length;
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #ask(method: string, path: string, body?: object): Promise<Answer> {
    const startMs = performance.now();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const response = await this.#answer(method, path, text);
    const octets = (await buffer(response)).length;
    const [cookie] = (response.headers["set-cookie"] as readonly string[] | undefined) ?? [];
    if (cookie !== undefined) this.#cookie = cookie.split(";")[0] ?? "";
    return { path, status: response.statusCode ?? 0, ms: performance.now() - startMs, octets };
  }

  /** A kept connection may be closed while the question is on its way: as browsers do, it is asked once more on a new one. */
  async #answer(
    method: string,
    path: string,
    text: string | undefined,
    again = false,
  ): Promise<IncomingMessage> {
    const asked = this.#request(method, path, text !== undefined);
    asked.end(text);
    try {
      const [response] = await once(asked, "response");
      return response as IncomingMessage;
    } catch (error) {
      if (again || method !== "GET" || !asked.reusedSocket) throw error;
      return this.#answer(method, path, text, true);
    }
  }

  #request(method: string, path: string, hasBody = false): ClientRequest {
    return request(`${this.#origin}${path}`, {
      method,
      agent: this.#agent,
      localAddress: this.#localAddress,
      family: 4,
      headers: {
        origin: this.#origin,
        "sec-fetch-site": "same-origin",
        // As browsers do. What comes is counted, not unpacked: browsers do that on machines of their own.
        "accept-encoding": "gzip, deflate, br",
        ...(this.#cookie === "" ? {} : { cookie: this.#cookie }),
        ...(hasBody ? { "content-type": "application/json" } : {}),
      },
    });
  }
}
