import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { WAY_COOKIE } from "../portal/cookie.ts";
import { beginLink, beginOidc, finishOidc, unlinkOidc } from "../portal/oidc.ts";
import type { Portal } from "../portal/portal.ts";
import { answerSession, placeOf, sessionOf } from "./browser-session.ts";
import { guarded } from "./permission.ts";
import { maybe } from "./schemas-address.ts";
import { BeginBody } from "./schemas-portal.ts";

const Closed = { additionalProperties: false };
const GoAnswer = Type.Object({ url: Type.String() });
const FinishBody = Type.Object(
  {
    /** What stood behind `?` where the provider sent the browser: code, state, iss. */
    query: Type.Optional(Type.String({ maxLength: 3000, pattern: "^[!-~]*$" })),
    /** Of the second factor. */
    code: Type.Optional(Type.String({ minLength: 6, maxLength: 32 })),
  },
  Closed,
);
const FinishAnswer = Type.Object({
  done: Type.Unsafe<"signed-in" | "linked" | "code-wanted">(
    Type.String({ enum: ["signed-in", "linked", "code-wanted"] }),
  ),
});
const IdentityAnswer = Type.Object({ provider: maybe(Type.String()), since: maybe(Type.String()) });
/** Nothing that is sent here is longer. */
const SMALL = 4 * 1024;

/** Signing in by an identity provider. Its answer comes to a page of ours, which takes it out of the address and sends it here. */
export function routeOidc(server: FastifyInstance, portal: Portal): void {
  server.post(
    "/v1/portal/oidc/begin",
    {
      ...guarded("anybody", "Begin to sign in by the provider", { response: { 200: GoAnswer } }),
      bodyLimit: SMALL,
    },
    async (request, reply) => go(reply, await beginOidc(portal, placeOf(request))),
  );

  server.post<{ Body: Static<typeof FinishBody> }>(
    "/v1/portal/oidc/finish",
    {
      ...guarded("anybody", "What the provider said of who came back", {
        body: FinishBody,
        response: { 200: FinishAnswer },
      }),
      bodyLimit: SMALL,
    },
    async (request, reply) => {
      const cookie = WAY_COOKIE.read(request.headers.cookie);
      const before = request.session ?? undefined;
      const done = await finishOidc(portal, cookie, request.body, placeOf(request), before);
      if (done.kind === "signed-in") await answerSession(portal, reply, done.secret);
      void reply.header(
        "set-cookie",
        done.kind === "code-wanted" ? WAY_COOKIE.set(done.secret) : WAY_COOKIE.clear(),
      );
      return { done: done.kind };
    },
  );

  server.get(
    "/v1/portal/oidc",
    guarded("self", "Whether the asking user has linked an identity", { response: { 200: IdentityAnswer } }),
    async (request) => {
      const issuer = portal.oidc?.settings.issuer ?? "";
      const found = await portal.store.read.portal.identityOf(sessionOf(request).account, issuer);
      return { provider: portal.oidc?.settings.name ?? null, since: found?.created_at ?? null };
    },
  );

  server.post<{ Body: Static<typeof BeginBody> }>(
    "/v1/portal/oidc/link",
    {
      ...guarded("self", "Begin to link an identity; with the password", {
        body: BeginBody,
        response: { 200: GoAnswer },
      }),
      bodyLimit: SMALL,
    },
    async (request, reply) =>
      go(reply, await beginLink(portal, sessionOf(request), request.body.password, placeOf(request))),
  );

  server.post<{ Body: Static<typeof BeginBody> }>(
    "/v1/portal/oidc/unlink",
    {
      ...guarded("self", "Let the identity open the account no more; with the password", { body: BeginBody }),
      bodyLimit: SMALL,
    },
    async (request: FastifyRequest<{ Body: Static<typeof BeginBody> }>, reply) => {
      await unlinkOidc(portal, sessionOf(request), request.body.password, placeOf(request));
      return reply.code(204).send();
    },
  );
}

function go(reply: FastifyReply, { url, secret }: { readonly url: string; readonly secret: string }) {
  void reply.header("set-cookie", WAY_COOKIE.set(secret));
  return { url };
}
