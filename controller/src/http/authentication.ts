import type { FastifyInstance, FastifyRequest } from "fastify";
import { ControllerError } from "../errors.ts";
import { sessionSecret } from "../portal/cookie.ts";
import type { Portal } from "../portal/portal.ts";
import { foreign } from "../portal/same-origin.ts";
import type { TokenKeeper } from "../tokens/keeper.ts";
import { bearerToken } from "../tokens/secret.ts";
import type { RateLimits } from "./limits.ts";
import { ANYBODY, localPrincipal, sessionPrincipal, tokenPrincipal } from "./principal.ts";

/** The unix socket: its mode is the proof. */
export function authenticateLocally(server: FastifyInstance): void {
  server.decorateRequest("principal", null);
  server.addHook("onRequest", async (request) => {
    request.principal = localPrincipal(request);
  });
}

export interface TokenAuthentication {
  readonly tokens: TokenKeeper;
  readonly limits: RateLimits;
}

/**
 * TCP: every request brings a token, and the token must allow what the route declares; a path without a route is told to
 * nobody without one. Before the body is read. Throws `unauthenticated`, `forbidden`, `too-many-requests`.
 */
export function authenticateByToken(server: FastifyInstance, { tokens, limits }: TokenAuthentication): void {
  server.decorateRequest("principal", null);
  server.addHook("onRequest", async (request) => {
    await limits.address(request);
    const { permission } = request.routeOptions.config;
    const text = bearerToken(request.headers.authorization);
    const token = text === undefined ? undefined : tokens.find(text);
    if (token === undefined) {
      if (permission === "anybody") {
        request.principal = ANYBODY;
        return;
      }
      // A good token is never held back by a neighbour's guesses: 256 bits are not guessed, but addresses are shared.
      await limits.failure(request);
      throw new ControllerError("unauthenticated", "wants `Authorization: Bearer` with a token that is good");
    }
    const principal = tokenPrincipal(token, tokens);
    request.principal = principal;
    await limits.token(request);
    if (permission !== undefined && permission !== "anybody" && !principal.may(permission)) {
      const { name, scopes } = token.info;
      const message = `token ${name} lacks the scope ${permission}; it has ${scopes.join(", ")}`;
      throw new ControllerError("forbidden", message);
    }
  });
}

export interface SessionAuthentication {
  readonly portal: Portal;
  readonly limits: RateLimits;
}

/**
 * Where browsers come: the proof is the cookie of a session, and nothing else is. What another site's page asks is refused before
 * anything is looked up, also where no session is wanted: nobody is signed in by somebody else. Before the body is read. Throws
 * `cross-site`, `unauthenticated`, `forbidden`, `too-many-requests`.
 */
export function authenticateBySession(
  server: FastifyInstance,
  { portal, limits }: SessionAuthentication,
): void {
  server.decorateRequest("principal", null);
  server.decorateRequest("session", null);
  server.addHook("onRequest", async (request) => {
    await limits.address(request);
    const { cookie, origin, "sec-fetch-site": site } = request.headers;
    const { permission, isPage } = request.routeOptions.config;
    const opensPage = isPage === true && opensDocument(request);
    const asked = { method: request.method, origin, site: site?.toString(), opensPage };
    const reason = foreign(asked, portal.origin);
    if (reason !== undefined) throw new ControllerError("cross-site", reason);
    const secret = sessionSecret(cookie);
    const session = secret === undefined ? undefined : await portal.sessions.find(secret);
    if (session === undefined) {
      if (permission === "anybody") {
        request.principal = ANYBODY;
        return;
      }
      await limits.failure(request);
      throw new ControllerError("unauthenticated", "sign in first");
    }
    request.session = session;
    const principal = sessionPrincipal(session, portal.sessions);
    request.principal = principal;
    await limits.token(request);
    if (permission !== undefined && permission !== "anybody" && !principal.may(permission)) {
      const why = session.wantsSecondFactor
        ? `the rights of role ${session.role} wait until you set up a second factor`
        : `role ${session.role} does not allow ${permission}`;
      throw new ControllerError("forbidden", why);
    }
  });
}

/** Somebody goes to this address with the whole tab, and no page embeds what comes (W3C Fetch Metadata Request Headers). */
function opensDocument({ headers }: FastifyRequest): boolean {
  return headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
}
