import type { Static } from "@sinclair/typebox";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { timestamp } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import type { Context } from "../operations/context.ts";
import { endSessionsOf, type Inviter, invite, setRole } from "../portal/invitations.ts";
import { type Portal, requirePortal } from "../portal/portal.ts";
import type { CredentialKind } from "../store/portal/schema.ts";
import { guarded } from "./permission.ts";
import { actorOf, principalOf } from "./principal.ts";
import { NameParams } from "./schemas-account.ts";
import { InviteBody, InvitedAnswer, RoleBody, SignInAnswer } from "./schemas-portal.ts";

type Named = Static<typeof NameParams>;

/** What operators decide about who signs in. */
export function routeUserPortal(server: FastifyInstance, context: Context): void {
  server.get<{ Params: Named }>(
    "/v1/users/:name/sign-in",
    guarded("access", "How a user signs in, and his open sessions", {
      params: NameParams,
      response: { 200: SignInAnswer },
    }),
    ({ params }) => show(requirePortal(context), params.name),
  );

  server.post<{ Params: Named; Body: Static<typeof InviteBody> }>(
    "/v1/users/:name/invite",
    guarded("access", "Invite a user to sign in; the invitation is told once. For more than users: admin", {
      params: NameParams,
      body: InviteBody,
      response: { 200: InvitedAnswer },
    }),
    async (request, reply) => {
      const { role, ttlS } = request.body;
      const wanted = { user: request.params.name, ttlS, ...(role === undefined ? {} : { role }) };
      void reply.header("cache-control", "no-store");
      return invite(requirePortal(context), inviterOf(request), wanted);
    },
  );

  server.post<{ Params: Named; Body: Static<typeof RoleBody> }>(
    "/v1/users/:name/role",
    guarded("admin", "Give a user who signs in another role; his sessions end", {
      params: NameParams,
      body: RoleBody,
      response: { 200: SignInAnswer },
    }),
    async (request) => {
      const portal = requirePortal(context);
      await setRole(portal, inviterOf(request), request.params.name, request.body.role);
      return show(portal, request.params.name);
    },
  );

  server.post<{ Params: Named }>(
    "/v1/users/:name/sign-out",
    guarded("access", "End all sessions of a user", { params: NameParams, response: { 200: SignInAnswer } }),
    async (request) => {
      const portal = requirePortal(context);
      await endSessionsOf(portal, inviterOf(request), request.params.name);
      return show(portal, request.params.name);
    },
  );
}

function inviterOf(request: FastifyRequest): Inviter {
  return { who: actorOf(request), isAdmin: principalOf(request).may("admin") };
}

async function show({ store, clock, sessions }: Portal, name: string): Promise<SignInAnswer> {
  const { accounts, portal } = store.read;
  if ((await accounts.account(name)) === undefined)
    throw new ControllerError("unknown-account", `there is no user ${name}`);
  const credentials = (await portal.credentials(name)).filter(({ state }) => state === "active");
  const count = (kind: CredentialKind): number => credentials.filter((one) => one.kind === kind).length;
  const invitation = await portal.invitationOf(name);
  return {
    user: name,
    role: (await portal.user(name))?.role ?? null,
    password: count("password") > 0,
    secondFactor: count("totp") > 0,
    passkeys: (await portal.passkeysOf(name)).length,
    recoveryCodesLeft: count("recovery"),
    sessions: (await sessions.list(name)).length,
    invitedUntil:
      invitation !== undefined && invitation.ends > timestamp(clock.wallMs()) ? invitation.ends : null,
  };
}
