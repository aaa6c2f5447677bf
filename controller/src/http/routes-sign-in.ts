import type { Static } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { ControllerError } from "../errors.ts";
import { clearCookie, setCookie } from "../portal/cookie.ts";
import { acceptInvitation } from "../portal/invitations.ts";
import type { Portal } from "../portal/portal.ts";
import { beginTotp, changePassword, confirmTotp, removeTotp } from "../portal/second-factor.ts";
import type { LiveSession } from "../portal/sessions.ts";
import { signIn } from "../portal/sign-in.ts";
import { answerSession, placeOf, sessionOf, viewSession } from "./browser-session.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";
import {
  AcceptBody,
  BeginBody,
  ConfirmBody,
  DoorAnswer,
  PasswordBody,
  RecoveryAnswer,
  RemoveBody,
  SessionAnswer,
  SessionParams,
  SessionsAnswer,
  SignInBody,
  TotpAnswer,
} from "./schemas-portal.ts";

/** Nothing that is sent here is longer. */
const SMALL = 4 * 1024;

/** Signing in and out, and what a user does with his own credentials and sessions. Only where browsers come. */
export function routeSignIn(server: FastifyInstance, portal: Portal): void {
  routeDoor(server, portal);
  routeSessions(server, portal);
  routeCredentials(server, portal);
}

function routeDoor(server: FastifyInstance, portal: Portal): void {
  // Pages ask it first: that nobody is signed in is an answer here, and no failure to be counted.
  server.get(
    "/v1/portal/door",
    guarded("anybody", "Whether somebody is signed in here, and who", { response: { 200: DoorAnswer } }),
    ({ session }) => ({
      session: session === null ? null : viewSession(session),
      provider: portal.oidc?.settings.name ?? null,
      passkeys: portal.party !== undefined,
    }),
  );

  server.post<{ Body: Static<typeof SignInBody> }>(
    "/v1/portal/sign-in",
    {
      ...guarded("anybody", "Sign in", { body: SignInBody, response: { 200: SessionAnswer } }),
      bodyLimit: SMALL,
    },
    async (request, reply) => {
      const { user, password, code } = request.body;
      const asked = { user, password, ...(code === undefined ? {} : { code }) };
      const before = request.session ?? undefined;
      return answerSession(portal, reply, await signIn(portal, asked, placeOf(request), before));
    },
  );

  server.post<{ Body: Static<typeof AcceptBody> }>(
    "/v1/portal/invitation",
    {
      ...guarded("anybody", "Accept an invitation and choose a password", {
        body: AcceptBody,
        response: { 200: SessionAnswer },
      }),
      bodyLimit: SMALL,
    },
    async (request, reply) => {
      const secret = await acceptInvitation(portal, request.body, placeOf(request));
      if (request.session !== null) await endBefore(portal, request.session);
      return answerSession(portal, reply, secret);
    },
  );

  server.post("/v1/portal/sign-out", guarded("self", "Sign out", {}), async (request, reply) => {
    const { account, id } = sessionOf(request);
    await portal.sessions.end(account, id, actorOf(request), "signed out");
    return reply.header("set-cookie", clearCookie()).code(204).send();
  });
}

function routeSessions(server: FastifyInstance, portal: Portal): void {
  server.get(
    "/v1/portal/session",
    guarded("self", "Who is signed in, and what he may", { response: { 200: SessionAnswer } }),
    (request) => viewSession(sessionOf(request)),
  );

  server.get(
    "/v1/portal/sessions",
    guarded("self", "The asking user's sessions", { response: { 200: SessionsAnswer } }),
    async (request) => {
      const { account, id } = sessionOf(request);
      const rows = await portal.sessions.list(account);
      return {
        sessions: rows.map((row) => ({
          id: row.id,
          current: row.id === id,
          secondFactor: row.second_factor,
          createdAt: row.created_at,
          seenAt: row.seen_at,
          endsAt: row.ends,
          address: row.address,
          agent: row.agent,
        })),
      };
    },
  );

  server.post<{ Params: Static<typeof SessionParams> }>(
    "/v1/portal/sessions/:id/end",
    guarded("self", "End one of the asking user's sessions, at once", { params: SessionParams }),
    async (request, reply) => {
      const { account, id } = sessionOf(request);
      await portal.sessions.end(account, request.params.id, actorOf(request), "its user ended it");
      if (request.params.id === id) void reply.header("set-cookie", clearCookie());
      return reply.code(204).send();
    },
  );
}

function routeCredentials(server: FastifyInstance, portal: Portal): void {
  server.post<{ Body: Static<typeof PasswordBody> }>(
    "/v1/portal/password",
    {
      ...guarded("self", "Choose another password; other sessions end", {
        body: PasswordBody,
        response: { 200: SessionAnswer },
      }),
      bodyLimit: SMALL,
    },
    async (request, reply) => {
      const secret = await changePassword(portal, sessionOf(request), request.body, placeOf(request));
      return answerSession(portal, reply, secret);
    },
  );

  server.post<{ Body: Static<typeof BeginBody> }>(
    "/v1/portal/totp",
    {
      ...guarded("self", "Begin a second factor: the secret for an authenticator application, told once", {
        body: BeginBody,
        response: { 200: TotpAnswer },
      }),
      bodyLimit: SMALL,
    },
    (request) => beginTotp(portal, sessionOf(request), request.body.password, placeOf(request)),
  );

  server.post<{ Body: Static<typeof ConfirmBody> }>(
    "/v1/portal/totp/confirm",
    {
      ...guarded("self", "Put the second factor in force; recovery codes, told once; other sessions end", {
        body: ConfirmBody,
        response: { 200: RecoveryAnswer },
      }),
      bodyLimit: SMALL,
    },
    async (request, reply) => {
      const { code } = request.body;
      const done = await confirmTotp(portal, sessionOf(request), code, placeOf(request));
      void reply.header("set-cookie", setCookie(done.secret));
      return { recoveryCodes: [...done.recoveryCodes] };
    },
  );

  server.post<{ Body: Static<typeof RemoveBody> }>(
    "/v1/portal/totp/remove",
    {
      ...guarded("self", "Take the second factor away; other sessions end", {
        body: RemoveBody,
        response: { 200: SessionAnswer },
      }),
      bodyLimit: SMALL,
    },
    async (request, reply) =>
      answerSession(
        portal,
        reply,
        await removeTotp(portal, sessionOf(request), request.body, placeOf(request)),
      ),
  );
}

/** Whoever becomes somebody else leaves no session of his former self open. */
async function endBefore(portal: Portal, { account, id }: LiveSession): Promise<void> {
  try {
    await portal.sessions.end(account, id, `user:${account}`, "signed in as somebody else");
  } catch (error) {
    // It was the user's own, and ended with the others.
    if (!(error instanceof ControllerError && error.code === "unknown-session")) throw error;
  }
}
