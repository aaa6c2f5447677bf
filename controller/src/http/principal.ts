import type { FastifyRequest } from "fastify";
import { ControllerError } from "../errors.ts";
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
  return {
    who: `token:${info.name}`,
    may: (wanted) => allows(info.scopes, wanted),
    isLive: () => tokens.isLive(info),
    ended: revoked,
  };
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
