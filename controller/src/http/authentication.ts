import type { FastifyInstance } from "fastify";
import { ControllerError } from "../errors.ts";
import type { TokenKeeper } from "../tokens/keeper.ts";
import { bearerToken } from "../tokens/secret.ts";
import type { RateLimits } from "./limits.ts";
import { ANYBODY, localPrincipal, tokenPrincipal } from "./principal.ts";

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
