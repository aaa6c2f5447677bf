import type { Static } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { CHALLENGE_COOKIE } from "../portal/cookie.ts";
import { beginPasskeySignIn, finishPasskeySignIn } from "../portal/passkey-sign-in.ts";
import { beginPasskey, finishPasskey, removePasskey, renamePasskey } from "../portal/passkeys.ts";
import type { Portal } from "../portal/portal.ts";
import { answerSession, placeOf, sessionOf } from "./browser-session.ts";
import { guarded } from "./permission.ts";
import {
  AssertionBody,
  CreationAnswer,
  NewPasskeyBody,
  PasskeyParams,
  ProofsAnswer,
  RenameBody,
  RequestAnswer,
} from "./schemas-passkey.ts";
import { BeginBody, SessionAnswer } from "./schemas-portal.ts";

/** Nothing that is sent here is longer; what makes a passkey is, by a key. */
const SMALL = 4 * 1024;
const WITH_KEY = 10 * 1024;

type Numbered = Static<typeof PasskeyParams>;

/** Passkeys: what a user makes, names and removes, and signing in by one. Only where browsers come. */
export function routePasskeys(server: FastifyInstance, portal: Portal): void {
  routeSignInByPasskey(server, portal);
  routeMakingPasskeys(server, portal);

  server.get(
    "/v1/portal/proofs",
    guarded("self", "What the asking user proves himself with beside his password", {
      response: { 200: ProofsAnswer },
    }),
    async (request): Promise<ProofsAnswer> => {
      const { account } = sessionOf(request);
      const { portal: read } = portal.store.read;
      const credentials = (await read.credentials(account)).filter(({ state }) => state === "active");
      const rows = portal.party === undefined ? undefined : await read.passkeysOf(account);
      return {
        totp: credentials.some(({ kind }) => kind === "totp"),
        recoveryCodesLeft: credentials.filter(({ kind }) => kind === "recovery").length,
        passkeys:
          rows?.map(({ id, name, created_at, used_at }) => ({
            ...{ id, name, createdAt: created_at, usedAt: used_at },
          })) ?? null,
      };
    },
  );

  server.post<{ Params: Numbered; Body: Static<typeof RenameBody> }>(
    "/v1/portal/passkeys/:id/rename",
    {
      ...guarded("self", "Call one of the asking user's passkeys otherwise", {
        params: PasskeyParams,
        body: RenameBody,
      }),
      bodyLimit: SMALL,
    },
    async (request, reply) => {
      await renamePasskey(portal, sessionOf(request), request.params.id, request.body.name);
      return reply.code(204).send();
    },
  );

  server.post<{ Params: Numbered; Body: Static<typeof BeginBody> }>(
    "/v1/portal/passkeys/:id/remove",
    {
      ...guarded(
        "self",
        "Take one of the asking user's passkeys away; with the password; other sessions end",
        {
          params: PasskeyParams,
          body: BeginBody,
          response: { 200: SessionAnswer },
        },
      ),
      bodyLimit: SMALL,
    },
    async (request, reply) => {
      const wanted = { id: request.params.id, password: request.body.password };
      return answerSession(
        portal,
        reply,
        await removePasskey(portal, sessionOf(request), wanted, placeOf(request)),
      );
    },
  );
}

function routeMakingPasskeys(server: FastifyInstance, portal: Portal): void {
  server.post<{ Body: Static<typeof BeginBody> }>(
    "/v1/portal/passkeys/begin",
    {
      ...guarded("self", "Begin to make a passkey; with the password", {
        body: BeginBody,
        response: { 200: CreationAnswer },
      }),
      bodyLimit: SMALL,
    },
    async (request, reply) => {
      const { password } = request.body;
      const begun = await beginPasskey(portal, sessionOf(request), password, placeOf(request));
      void reply.header("set-cookie", CHALLENGE_COOKIE.set(begun.secret));
      const { pubKeyCredParams, excludeCredentials, ...rest } = begun.options;
      return {
        ...rest,
        pubKeyCredParams: [...pubKeyCredParams],
        excludeCredentials: excludeCredentials.map((one) => ({ ...one, transports: [...one.transports] })),
      };
    },
  );

  server.post<{ Body: Static<typeof NewPasskeyBody> }>(
    "/v1/portal/passkeys/finish",
    {
      ...guarded("self", "Keep the passkey that the browser made; it is a second factor at once", {
        body: NewPasskeyBody,
        response: { 200: SessionAnswer },
      }),
      bodyLimit: WITH_KEY,
    },
    async (request, reply) => {
      void reply.header("set-cookie", CHALLENGE_COOKIE.clear());
      const cookie = CHALLENGE_COOKIE.read(request.headers.cookie);
      const secret = await finishPasskey(portal, sessionOf(request), cookie, request.body, placeOf(request));
      return answerSession(portal, reply, secret);
    },
  );
}

function routeSignInByPasskey(server: FastifyInstance, portal: Portal): void {
  server.post(
    "/v1/portal/passkeys/sign-in/begin",
    {
      ...guarded("anybody", "Begin to sign in by a passkey", { response: { 200: RequestAnswer } }),
      bodyLimit: SMALL,
    },
    async (request, reply) => {
      const { options, secret } = beginPasskeySignIn(portal, placeOf(request));
      void reply.header("set-cookie", CHALLENGE_COOKIE.set(secret));
      return options;
    },
  );

  server.post<{ Body: Static<typeof AssertionBody> }>(
    "/v1/portal/passkeys/sign-in/finish",
    {
      ...guarded("anybody", "Sign in by what a passkey answered", {
        body: AssertionBody,
        response: { 200: SessionAnswer },
      }),
      bodyLimit: SMALL,
    },
    async (request, reply) => {
      void reply.header("set-cookie", CHALLENGE_COOKIE.clear());
      const cookie = CHALLENGE_COOKIE.read(request.headers.cookie);
      const before = request.session ?? undefined;
      const secret = await finishPasskeySignIn(portal, cookie, request.body, placeOf(request), before);
      return answerSession(portal, reply, secret);
    },
  );
}
