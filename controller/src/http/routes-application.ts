import { randomBytes } from "node:crypto";
import type { Static } from "@sinclair/typebox";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { forUsers, ownApplications, showAccount, viewApplications } from "../access/account-view.ts";
import { type Asker, act, apply, requireApplication } from "../access/applications.ts";
import { claimDevice, dropDevices } from "../access/devices.ts";
import { changeEnds, makeUpdateKey } from "../access/ends.ts";
import { historyOf } from "../access/view.ts";
import { tunnelSettings, vpnSettings } from "../access/vpn.ts";
import type { Context } from "../operations/context.ts";
import type { ApplicationTable } from "../store/access/account-schema.ts";
import { guarded } from "./permission.ts";
import { accountOf, actorOf } from "./principal.ts";
import {
  AccountFullAnswer,
  ActParams,
  ApplicationAnswer,
  ApplicationBody,
  ApplicationsAnswer,
  ApplicationsQuery,
  DeviceClaimAnswer,
  DeviceClaimBody,
  EndsBody,
  IdParams,
  KeyAnswer,
  OwnApplicationBody,
  ReasonBody,
  TunnelAnswer,
  VpnAnswer,
} from "./schemas-account.ts";
import { EventsAnswer } from "./schemas-address.ts";

type Id = Static<typeof IdParams>;

/** What a user does with his own, at once. */
const OWN_ACTIONS = [
  ["revoke", "Give back what an application gave"],
  ["suspend", "Let routers serve an application no more until it is resumed; it keeps its prefixes"],
  ["resume", "Have an application served again that its user had suspended"],
] as const;

/** Applications: of everybody, for operators, and of the asking user and his projects. */
export function routeApplications(server: FastifyInstance, context: Context): void {
  routeAll(server, context);
  routeOwn(server, context);
  routeOne(server, context, "/v1/applications", "access", (request) => ({ who: actorOf(request) }));
  routeOne(server, context, "/v1/me/applications", "self", askerOf);
}

function routeAll(server: FastifyInstance, context: Context): void {
  server.get<{ Querystring: Static<typeof ApplicationsQuery> }>(
    "/v1/applications",
    guarded("access", "Applications of everybody, oldest first", {
      querystring: ApplicationsQuery,
      response: { 200: ApplicationsAnswer },
    }),
    async ({ query: { user, state, ...query } }) => {
      const rows = await context.store.read.accounts.applications({
        ...query,
        ...(user === undefined ? {} : { account: user }),
        ...(state === undefined ? {} : { states: [state] }),
      });
      return { applications: await viewApplications(context, rows) };
    },
  );

  server.post<{ Body: Static<typeof ApplicationBody> }>(
    "/v1/applications",
    guarded("access", "Apply for a user", { body: ApplicationBody, response: { 200: ApplicationAnswer } }),
    async (request) => {
      const { user, ...wish } = request.body;
      return view(context, await apply(context, { who: actorOf(request) }, { ...wish, account: user }));
    },
  );

  server.post<{ Params: Static<typeof ActParams>; Body: Static<typeof ReasonBody> }>(
    "/v1/applications/:id/:action",
    guarded("access", "Approve, refuse, suspend, resume or revoke an application", {
      params: ActParams,
      body: ReasonBody,
      response: { 200: ApplicationAnswer },
    }),
    async (request) => {
      const { id, action } = request.params;
      const row = await act(context, { who: actorOf(request) }, id, action, request.body.reason);
      if (action === "revoke") await dropDevices(context);
      return view(context, row);
    },
  );
}

function routeOwn(server: FastifyInstance, context: Context): void {
  server.get(
    "/v1/me",
    guarded("self", "The asking user, his projects, and how much he has of what he may have", {
      response: { 200: AccountFullAnswer },
    }),
    async (request) => {
      const account = await showAccount(context, accountOf(request));
      return { ...account, createdBy: forUsers(account.createdBy) };
    },
  );

  server.get(
    "/v1/me/applications",
    guarded("self", "The asking user's applications, and those of projects that he manages", {
      response: { 200: ApplicationsAnswer },
    }),
    async (request) => ({ applications: await ownApplications(context, accountOf(request)) }),
  );

  server.post<{ Body: Static<typeof OwnApplicationBody> }>(
    "/v1/me/applications",
    guarded("self", "Apply for a service", {
      body: OwnApplicationBody,
      response: { 200: ApplicationAnswer },
    }),
    async (request) =>
      view(context, await apply(context, askerOf(request), { ...request.body, account: accountOf(request) })),
  );

  for (const [action, summary] of OWN_ACTIONS)
    server.post<{ Params: Id; Body: Static<typeof ReasonBody> }>(
      `/v1/me/applications/:id/${action}`,
      guarded("self", summary, {
        params: IdParams,
        body: ReasonBody,
        response: { 200: ApplicationAnswer },
      }),
      async (request) => {
        const row = await act(context, askerOf(request), request.params.id, action, request.body.reason);
        if (action === "revoke") await dropDevices(context);
        return view(context, row);
      },
    );
}

/** What may be done with one application by whom it concerns. */
function routeOne(
  server: FastifyInstance,
  context: Context,
  base: string,
  permission: "access" | "self",
  asker: (request: FastifyRequest) => Asker,
): void {
  server.get<{ Params: Id }>(
    `${base}/:id`,
    guarded(permission, "One application", { params: IdParams, response: { 200: ApplicationAnswer } }),
    async (request) => view(context, await find(context, asker(request), request.params.id)),
  );

  server.get<{ Params: Id }>(
    `${base}/:id/vpn`,
    guarded(permission, "What a VPN device has to be told, its preshared key among it", {
      params: IdParams,
      response: { 200: VpnAnswer },
    }),
    async (request, reply) => {
      void reply.header("cache-control", "no-store");
      return vpnSettings(context, await find(context, asker(request), request.params.id));
    },
  );

  server.get<{ Params: Id }>(
    `${base}/:id/tunnel`,
    guarded(permission, "What the router at a tunnel's far end has to be told", {
      params: IdParams,
      response: { 200: TunnelAnswer },
    }),
    async (request) => tunnelSettings(context, await find(context, asker(request), request.params.id)),
  );

  server.get<{ Params: Id }>(
    `${base}/:id/history`,
    guarded(permission, "What happened to an application, newest first", {
      params: IdParams,
      response: { 200: EventsAnswer },
    }),
    async (request) => {
      const { id } = await find(context, asker(request), request.params.id);
      const events = await historyOf(context, { kind: "application", subject: String(id), limit: 1000 });
      if (permission === "access") return { events: [...events] };
      return { events: events.map((event) => ({ ...event, who: forUsers(event.who) })) };
    },
  );

  server.post<{ Params: Id; Body: Static<typeof EndsBody> }>(
    `${base}/:id/change`,
    guarded(permission, "Say where the tunnel ends, or the device's public key", {
      params: IdParams,
      body: EndsBody,
      response: { 200: ApplicationAnswer },
    }),
    async (request) =>
      view(context, await changeEnds(context, asker(request), request.params.id, request.body)),
  );

  server.post<{ Params: Id }>(
    `${base}/:id/key`,
    guarded(permission, "Make a key that updates the endpoint; the one before is void. Told once", {
      params: IdParams,
      response: { 200: KeyAnswer },
    }),
    async (request, reply) => {
      const { id } = request.params;
      const key = await makeUpdateKey(context, asker(request), id, randomBytes(32));
      void reply.header("cache-control", "no-store");
      return { application: id, key };
    },
  );

  server.post<{ Params: Id; Body: Static<typeof DeviceClaimBody> }>(
    `${base}/:id/claim`,
    guarded(permission, "Make a one-time claim with which the device enrols. Told once", {
      params: IdParams,
      body: DeviceClaimBody,
      response: { 200: DeviceClaimAnswer },
    }),
    async (request, reply) => {
      void reply.header("cache-control", "no-store");
      return claimDevice(context, asker(request), request.params.id, request.body);
    },
  );
}

function askerOf(request: FastifyRequest): Asker {
  return { who: actorOf(request), account: accountOf(request) };
}

async function find(context: Context, asker: Asker, id: number): Promise<ApplicationTable> {
  return context.store.transaction((tx) => requireApplication(tx, asker, id));
}

async function view(context: Context, row: ApplicationTable): Promise<ApplicationAnswer> {
  const [found] = await viewApplications(context, [row]);
  if (found === undefined) throw new RangeError("one row has one view");
  return found;
}
