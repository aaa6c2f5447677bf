import type { FastifyReply, FastifyRequest } from "fastify";
import { ControllerError } from "../errors.ts";
import { setCookie } from "../portal/cookie.ts";
import type { Portal } from "../portal/portal.ts";
import type { LiveSession, Place } from "../portal/sessions.ts";
import type { SessionAnswer } from "./schemas-portal.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Set where a browser's session is the proof. */
    session: LiveSession | null;
  }
}

/** Throws ControllerError `unauthenticated` where the proof is something else. */
export function sessionOf({ session }: FastifyRequest): LiveSession {
  if (session === null) throw new ControllerError("unauthenticated", "sign in first");
  return session;
}

export function placeOf({ ip, headers }: FastifyRequest): Place {
  return { address: ip, agent: headers["user-agent"] ?? "" };
}

/** The cookie of a session that was just opened, and who is signed in now. */
export async function answerSession(
  portal: Portal,
  reply: FastifyReply,
  secret: string,
): Promise<SessionAnswer> {
  const session = await portal.sessions.find(secret);
  if (session === undefined) throw new ControllerError("unauthenticated", "the session has ended already");
  void reply.header("set-cookie", setCookie(secret));
  return viewSession(session);
}

export function viewSession({ account, ended: _, scopes, ...rest }: LiveSession): SessionAnswer {
  return { ...rest, user: account, scopes: [...scopes] };
}
