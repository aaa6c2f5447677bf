import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect, type TLSSocket } from "node:tls";
import type { TSchema } from "@sinclair/typebox";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import {
  CaAnswer,
  type EnrolRequest,
  IdentityAnswer,
  type RenewRequest,
} from "@vsix/shared/contract/enrol.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { openVerifiedTls, type VerifiedTlsOptions } from "./verified-tls.ts";

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_OCTETS = 64 * 1024;

/** The controller cannot be reached, or answers nonsense (`unreachable`); or what it refuses, by its own code. */
export class EnrolError extends VsixError {}

/** Where and how sure the connection is. */
export type Trust = Omit<VerifiedTlsOptions, "defaultPort">;

/** The controller's enrolment service, as a node uses it. */
export interface EnrolService {
  /** Asked of whoever is there: worth only as much as the pin that it is compared with. Nothing secret is sent. */
  fetchCa(url: string): Promise<string>;
  enrol(trust: Trust, request: EnrolRequest): Promise<IdentityAnswer>;
  renew(trust: Trust, request: RenewRequest): Promise<IdentityAnswer>;
  /** Shows the new certificate: those before it are superseded. */
  confirm(trust: Trust): Promise<void>;
}

export const enrolService: EnrolService = {
  async fetchCa(url) {
    const { hostname, port } = new URL(url);
    const socket = connect({
      host: hostname.replaceAll(/^\[|\]$/g, ""),
      port: Number(port || 443),
      rejectUnauthorized: false,
      minVersion: "TLSv1.3",
    });
    return (await ask(socket, url, "GET", "/v1/ca", undefined, CaAnswer)).ca;
  },
  enrol: (trust, request) => post(trust, "/v1/enrol", request, IdentityAnswer),
  renew: (trust, request) => post(trust, "/v1/renew", request, IdentityAnswer),
  confirm: async (trust) => {
    await post(trust, "/v1/confirm", {}, Type.Object({}));
  },
};

async function post<S extends TSchema>(
  trust: Trust,
  path: string,
  body: object,
  answer: S,
): Promise<Static<S>> {
  const socket = openVerifiedTls({ ...trust, defaultPort: 443 });
  return ask(socket, trust.url, "POST", path, JSON.stringify(body), answer);
}

async function ask<S extends TSchema>(
  socket: TLSSocket,
  url: string,
  method: string,
  path: string,
  body: string | undefined,
  schema: S,
): Promise<Static<S>> {
  const late = AbortSignal.timeout(TIMEOUT_MS);
  try {
    // Only once the server is known: the request may hold a secret.
    await once(socket, "secureConnect", { signal: late });
    if (socket.destroyed) throw socket.errored ?? new Error("the connection was closed");
    // An `import` would evaluate every export of node:http, fetch among them, in every agent that runs.
    const request = process.getBuiltinModule("node:http").request({
      createConnection: () => socket,
      method,
      path,
      host: new URL(url).host,
      signal: late,
      headers: {
        connection: "close",
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      },
    });
    request.end(body);
    const [response] = (await once(request, "response", { signal: late })) as [IncomingMessage];
    return understand(url, response.statusCode ?? 0, await readAll(response), schema);
  } catch (cause) {
    if (cause instanceof VsixError) throw cause;
    const reason = late.aborted ? `no answer in ${TIMEOUT_MS / 1000} s` : messageOf(cause);
    throw new EnrolError("unreachable", `the controller at ${url} is out of reach: ${reason}`, { cause });
  } finally {
    socket.destroy();
  }
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    octets += chunk.length;
    if (octets > MAX_ANSWER_OCTETS) throw new Error("its answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const Refusal = Type.Object({ error: Type.Object({ code: Type.String(), message: Type.String() }) });

/** What an answer holds. Throws EnrolError: a refusal by its own code, `unreachable` for what makes no sense. */
export function understand<S extends TSchema>(
  url: string,
  status: number,
  text: string,
  schema: S,
): Static<S> {
  const value = parseJson(text);
  if (status === 200 && Value.Check(schema, value)) return value;
  if (Value.Check(Refusal, value))
    throw new EnrolError(value.error.code.slice(0, 64), value.error.message.slice(0, 512));
  throw new EnrolError(
    "unreachable",
    `the controller at ${url} is out of reach: it answered ${status} and nothing that makes sense`,
  );
}

/** Undefined for what is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
