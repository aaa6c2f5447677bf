import type { FastifyRequest } from "fastify";
import { ControllerError } from "../errors.ts";
import { type LiveSession, type Sessions, sessionAllows } from "../portal/sessions.ts";
import type { LiveToken, TokenKeeper } from "../tokens/keeper.ts";
import { allows, type Scope } from "../tokens/scope.ts";

/** On whose behalf a request is made. */
export interface Principal {
  /** For the audit record. */
  readonly who: string;
  readonly may: (wanted: Scope) => boolean;
  /** False once the right to be here has ended: long answers ask now and again. */
  readonly isLive: () => boolean;
  /** Aborted when that right is taken away. */
  readonly ended?: AbortSignal;
  /** The user on whose own behalf it is; undefined: an operator with a token, or nobody known. */
  readonly account?: string;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the authentication before any handler runs. */
    principal: Principal | null;
  }
}

/** Header in which vsixctl says on whose behalf it speaks. */
const ACTOR_HEADER = "x-vsix-actor";

/** Whoever may open the socket (mode 0600) is the controller's own user already: the name is a claim, not a proof. */
export function localPrincipal(request: FastifyRequest): Principal {
  const claimed = request.headers[ACTOR_HEADER];
  const who = typeof claimed === "string" && /^[\w.@-]{1,64}$/.test(claimed) ? claimed : "unnamed";
  return { who, may: () => true, isLive: () => true };
}

/** No local claim has a colon, so none can pass for a token. */
export function tokenPrincipal({ info, revoked }: LiveToken, tokens: TokenKeeper): Principal {
  const { name, scopes, account } = info;
  const live = { isLive: () => tokens.isLive(info), ended: revoked };
  if (account === null) return { who: `token:${name}`, may: (wanted) => allows(scopes, wanted), ...live };
  // Whatever it is said to allow: a user's token is for what is the user's.
  const may = (wanted: Scope): boolean => wanted === "self" && scopes.includes("self");
  return { who: `user:${name}`, may, account, ...live };
}

/** Somebody who signed in: a user, and what his role makes him beside that. No token's name lacks the `/`. */
export function sessionPrincipal(session: LiveSession, sessions: Sessions): Principal {
  const { account, ended } = session;
  return {
    who: `user:${account}`,
    may: (wanted) => sessionAllows(session, wanted),
    isLive: () => sessions.isLive(session),
    ended,
    account,
  };
}

/** Throws ControllerError `no-account` where an operator asks for what is his own. */
export function accountOf(request: FastifyRequest): string {
  const { account } = principalOf(request);
  if (account !== undefined) return account;
  throw new ControllerError(
    "no-account",
    "this is for users and their tokens; operators have /v1/users and /v1/applications",
  );
}

/** Somebody unknown, where a route lets anybody in. */
export const ANYBODY: Principal = { who: "anybody", may: () => false, isLive: () => true };

/** Throws ControllerError `unauthenticated` where no authentication ran. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null)
    throw new ControllerError("unauthenticated", "nobody is known to have asked");
  return request.principal;
}

/** Who to write into the audit record. */
export function actorOf(request: FastifyRequest): string {
  return principalOf(request).who;
}
