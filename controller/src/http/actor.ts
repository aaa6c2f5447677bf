import type { FastifyRequest } from "fastify";

/** Header in which vsixctl says on whose behalf it speaks. */
export const ACTOR_HEADER = "x-vsix-actor";

/**
 * Who to write into the audit record. A claim, not a proof: whoever may open the socket (mode 0600) is already the
 * controller's own user.
 */
export function actorOf(request: FastifyRequest): string {
  const claimed = request.headers[ACTOR_HEADER];
  return typeof claimed === "string" && /^[\w.@-]{1,64}$/.test(claimed) ? claimed : "unnamed";
}
