import type { ClientRequest, IncomingMessage } from "node:http";
import type { RequestOptions } from "node:https";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import type { ErrorBody } from "../http/schemas.ts";

// An `import` evaluates every export of node:http, and with them a second HTTP client: 20 ms of each command.
const { request: httpRequest } = process.getBuiltinModule("node:http");

/** Exit codes of vsixctl. */
export const EXIT = { ok: 0, refused: 1, usage: 2, unreachable: 3, notObserved: 4, takenBack: 5 } as const;

/** Ends the command with a message and an exit code. */
export class CliError extends Error {
  readonly exitCode: number;
  readonly body: ErrorBody | undefined;

  constructor(exitCode: number, message: string, body?: ErrorBody) {
    super(message);
    this.name = "CliError";
    this.exitCode = exitCode;
    this.body = body;
  }
}

/** Where the controller is: its unix socket, or an http(s) URL and the token to show there. */
export type ApiTarget =
  | { readonly socket: string }
  | { readonly url: URL; readonly token: string; readonly ca?: string };

/** The controller's API. */
export class ApiClient {
  readonly #target: ApiTarget;
  readonly #actor: string;

  constructor(target: ApiTarget, actor: string) {
    this.#target = target;
    this.#actor = actor;
  }

  /** The answer's JSON. Throws CliError: unreachable, or refused with the controller's own words. */
  async get<T>(path: string): Promise<T> {
    return this.#json("GET", path, undefined);
  }

  async delete<T>(path: string): Promise<T> {
    return this.#json<T>("DELETE", path, undefined);
  }

  async post<T>(path: string, body: object): Promise<T> {
    return this.#json("POST", path, JSON.stringify(body));
  }

  /**
   * Calls back with each server-sent event's data until the signal is aborted. Throws CliError `unreachable` when the
   * controller is not there, ends the stream or goes away.
   */
  async events(path: string, onData: (data: string) => void, signal: AbortSignal): Promise<void> {
    try {
      const response = await this.#send("GET", path, undefined, signal);
      if (response.statusCode !== 200)
        throw new CliError(EXIT.refused, `the controller answered ${response.statusCode}`);
      response.setEncoding("utf8");
      let rest = "";
      for await (const chunk of response) {
        rest += String(chunk);
        const events = rest.split("\n\n");
        rest = events.pop() ?? "";
        for (const event of events) {
          for (const line of event.split("\n")) if (line.startsWith("data: ")) onData(line.slice(6));
        }
      }
      throw unreachable(`the controller at ${this.#where} ended the stream`);
    } catch (cause) {
      if (signal.aborted) return;
      if (cause instanceof CliError) throw cause;
      throw unreachable(`the controller at ${this.#where} has gone away: ${messageOf(cause)}`);
    }
  }

  /** An answer that is a file, piece by piece. Throws CliError, also where it ends in its middle. */
  async download(path: string, onPiece: (piece: Uint8Array) => void | Promise<void>): Promise<void> {
    const response = await this.#send("GET", path, undefined);
    if (response.statusCode !== 200) {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      const value: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      if (isErrorBody(value)) throw new CliError(EXIT.refused, value.error.message, value);
      throw new CliError(EXIT.refused, `the controller answered ${response.statusCode}`);
    }
    try {
      for await (const piece of response) await onPiece(piece as Uint8Array);
    } catch (cause) {
      throw unreachable(`the file ends in its middle: ${messageOf(cause)}`);
    }
  }

  async #json<T>(method: string, path: string, body: string | undefined): Promise<T> {
    const response = await this.#send(method, path, body);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new CliError(EXIT.refused, `the controller answered no JSON: ${text.slice(0, 200)}`, {
        error: { code: "bad-answer", message: String(cause) },
      });
    }
    if ((response.statusCode ?? 500) < 400) return value as T;
    if (isErrorBody(value)) throw new CliError(EXIT.refused, value.error.message, value);
    throw new CliError(EXIT.refused, `the controller answered ${response.statusCode}`);
  }

  get #where(): string {
    return "socket" in this.#target ? this.#target.socket : this.#target.url.origin;
  }

  /** Asked again where the connection was cut before TLS stood: the controller cannot have heard anything of it. */
  async #send(
    method: string,
    path: string,
    body: string | undefined,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    for (const pauseMs of CUT_PAUSES_MS) {
      try {
        return await this.#sendOnce(method, path, body, signal);
      } catch (error) {
        if (!(error instanceof CutBeforeTls) || signal?.aborted === true) throw error;
        await setTimeout(pauseMs);
      }
    }
    return await this.#sendOnce(method, path, body, signal);
  }

  async #sendOnce(
    method: string,
    path: string,
    body: string | undefined,
    signal?: AbortSignal,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = open(this.#target, {
        path,
        method,
        headers: {
          "x-vsix-actor": this.#actor,
          ...(body === undefined
            ? {}
            : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
        },
        ...(signal === undefined ? {} : { signal }),
      });
      let secured = "socket" in this.#target || this.#target.url.protocol === "http:";
      request.once("socket", (socket) => {
        if (request.reusedSocket) secured = true;
        if (secured) return;
        socket.once("secureConnect", () => {
          secured = true;
        });
      });
      request.once("response", resolve);
      request.once("error", (error: NodeJS.ErrnoException) => {
        const message = `controller out of reach at ${this.#where}: ${error.message}`;
        reject(!secured && error.code === "ECONNRESET" ? new CutBeforeTls(message) : unreachable(message));
      });
      request.end(body);
    });
  }
}

/** A controller that is flooded cuts off whoever is one too many; the next try has a place of its own. */
const CUT_PAUSES_MS = [200, 800];

/** The connection ended before TLS stood: nothing of the request had left. */
class CutBeforeTls extends CliError {
  constructor(message: string) {
    super(EXIT.unreachable, message, { error: { code: "unreachable", message } });
  }
}

function unreachable(message: string): CliError {
  return new CliError(EXIT.unreachable, message, { error: { code: "unreachable", message } });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function open(target: ApiTarget, options: RequestOptions): ClientRequest {
  if ("socket" in target) return httpRequest({ ...options, socketPath: target.socket });
  const { protocol, hostname, port } = target.url;
  const where = {
    ...options,
    host: hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    headers: { ...options.headers, authorization: `Bearer ${target.token}` },
  };
  if (protocol === "http:") return httpRequest(where);
  const { request } = process.getBuiltinModule("node:https");
  return request({ ...where, minVersion: "TLSv1.3", ...(target.ca === undefined ? {} : { ca: target.ca }) });
}

/** Enough of a look to show it: validators take longer to load than the command takes. */
function isErrorBody(value: unknown): value is ErrorBody {
  const error: unknown = typeof value === "object" && value !== null && "error" in value ? value.error : null;
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    "message" in error &&
    typeof error.code === "string" &&
    typeof error.message === "string" &&
    (!("faults" in error) || Array.isArray(error.faults))
  );
}
