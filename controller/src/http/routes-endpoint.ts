import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { type EndpointUpdate, updateEndpoint } from "../access/ends.ts";
import { AttemptLimiter } from "../enrol/attempt-limiter.ts";
import { ControllerError, type ControllerErrorCode } from "../errors.ts";
import type { Context } from "../operations/context.ts";
import { guarded } from "./permission.ts";
import { EndpointAnswer, EndpointBody } from "./schemas-account.ts";

const REFUSALS = { perPrefix: 20, total: 500, windowMs: 60_000 };
/** Updates of one tunnel that change something within a minute: a router does not move faster. */
const CHANGES = { perPrefix: 12, total: Number.POSITIVE_INFINITY, windowMs: 60_000 };

const NicQuery = Type.Object({
  hostname: Type.String({ minLength: 1, maxLength: 32 }),
  /** Without it: where the request comes from. */
  myip: Type.Optional(Type.String({ minLength: 2, maxLength: 64 })),
});

/** What the dyndns2 protocol says to a refusal; anything else is `911`, to be tried again later. */
const WORDS: Partial<Record<ControllerErrorCode, string>> = {
  "update-refused": "badauth",
  "bad-endpoint": "dnserr",
  "endpoint-taken": "dnserr",
  "too-many-attempts": "abuse",
};

/** Where a user's router says where it is now. The key of the tunnel is the proof: no token is wanted. */
export function routeEndpoints(server: FastifyInstance, context: Context): void {
  const refusals = new AttemptLimiter(REFUSALS);
  const changes = new AttemptLimiter(CHANGES);

  const update = async (request: FastifyRequest, wanted: EndpointUpdate) => {
    const from = request.ip ?? "";
    const nowMs = context.clock.monotonicMs();
    const tunnel = String(wanted.application);
    if (!refusals.mayTry(from, nowMs) || !changes.mayTry(tunnel, nowMs))
      throw new ControllerError("too-many-attempts", "too many updates; try again in a minute");
    try {
      const done = await updateEndpoint(context, wanted);
      if (done.changed) changes.refused(tunnel, nowMs);
      return done;
    } catch (error) {
      if (error instanceof ControllerError && error.code === "update-refused") refusals.refused(from, nowMs);
      throw error;
    }
  };

  server.post<{ Body: Static<typeof EndpointBody> }>(
    "/v1/endpoint",
    guarded("anybody", "Say where a tunnel ends now, with the tunnel's key", {
      body: EndpointBody,
      response: { 200: EndpointAnswer },
    }),
    (request) => update(request, request.body),
  );

  server.get<{ Querystring: Static<typeof NicQuery> }>(
    "/nic/update",
    guarded(
      "anybody",
      "The same in the dyndns2 protocol: hostname is the application, the password its key",
      {
        querystring: NicQuery,
        response: { 200: Type.String() },
      },
    ),
    async (request, reply) => {
      void reply.type("text/plain; charset=utf-8").header("cache-control", "no-store");
      const { hostname, myip } = request.query;
      const key = passwordOf(request.headers.authorization);
      if (!/^[1-9][0-9]{0,14}$/.test(hostname) || key === undefined) return "badauth";
      try {
        const wanted = { application: Number(hostname), key, endpoint: myip ?? request.ip ?? "" };
        const { endpoint, changed } = await update(request, wanted);
        return `${changed ? "good" : "nochg"} ${endpoint}`;
      } catch (error) {
        if (error instanceof ControllerError) return WORDS[error.code] ?? "911";
        throw error;
      }
    },
  );
}

/** The password of HTTP's basic authentication (RFC 7617); its user name says nothing here. */
function passwordOf(header: string | undefined): string | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]{1,256})$/i.exec(header ?? "") ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 0 ? undefined : text.slice(colon + 1);
}
