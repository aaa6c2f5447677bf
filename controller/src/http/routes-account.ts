import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { showAccount, showProject, viewAccount, viewProject } from "../access/account-view.ts";
import {
  createAccount,
  createProject,
  putMember,
  removeMember,
  setAccountState,
  setPolicy,
  setProjectState,
  setQuota,
} from "../access/accounts.ts";
import { dropDevices } from "../access/devices.ts";
import { optional } from "../access/optional.ts";
import type { Context } from "../operations/context.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";
import {
  AccountAnswer,
  AccountBody,
  AccountFullAnswer,
  AccountsAnswer,
  AccountsQuery,
  MemberBody,
  MemberParams,
  NameParams,
  PoliciesAnswer,
  PolicyAnswer,
  PolicyBody,
  ProjectAnswer,
  ProjectBody,
  ProjectFullAnswer,
  ProjectsAnswer,
  QuotaBody,
  ServiceParams,
  StateBody,
} from "./schemas-account.ts";

type Named = Static<typeof NameParams>;

/** Users, projects and what is decided about services: for operators. */
export function routeAccounts(server: FastifyInstance, context: Context): void {
  routeUsers(server, context);
  routeProjects(server, context);

  server.get(
    "/v1/services",
    guarded("access", "What is decided about each service", { response: { 200: PoliciesAnswer } }),
    async () => ({ services: [...(await context.store.read.accounts.policies())] }),
  );

  server.post<{ Params: Static<typeof ServiceParams>; Body: Static<typeof PolicyBody> }>(
    "/v1/services/:name",
    guarded("access", "Decide about a service: who approves, how many, how long", {
      params: ServiceParams,
      body: PolicyBody,
      response: { 200: PolicyAnswer },
    }),
    (request) => setPolicy(context, actorOf(request), request.params.name, optional(request.body)),
  );
}

function routeUsers(server: FastifyInstance, context: Context): void {
  server.get<{ Querystring: Static<typeof AccountsQuery> }>(
    "/v1/users",
    guarded("access", "Users by name", { querystring: AccountsQuery, response: { 200: AccountsAnswer } }),
    async ({ query: { limit, after } }) => ({
      users: (await context.store.read.accounts.accounts(limit, after)).map(viewAccount),
    }),
  );

  server.post<{ Body: Static<typeof AccountBody> }>(
    "/v1/users",
    guarded("access", "Make a user", { body: AccountBody, response: { 200: AccountAnswer } }),
    async (request) => viewAccount(await createAccount(context, actorOf(request), request.body)),
  );

  server.get<{ Params: Named }>(
    "/v1/users/:name",
    guarded("access", "A user, his projects and quotas", {
      params: NameParams,
      response: { 200: AccountFullAnswer },
    }),
    (request) => showAccount(context, request.params.name),
  );

  server.post<{ Params: Named; Body: Static<typeof StateBody> }>(
    "/v1/users/:name/state",
    guarded("access", "Suspend, resume or (for good) remove a user", {
      params: NameParams,
      body: StateBody,
      response: { 200: AccountAnswer },
    }),
    async (request) => {
      const { state, reason } = request.body;
      const row = await setAccountState(context, actorOf(request), request.params.name, state, reason);
      if (state === "removed") await dropDevices(context);
      return viewAccount(row);
    },
  );

  server.post<{ Params: Named; Body: Static<typeof QuotaBody> }>(
    "/v1/users/:name/quota",
    guarded("access", "How many applications for a service a user may have", {
      params: NameParams,
      body: QuotaBody,
      response: { 200: AccountFullAnswer },
    }),
    async (request) => {
      const { name } = request.params;
      const { service, most } = request.body;
      await setQuota(context, actorOf(request), { kind: "user", subject: name, service }, most);
      return showAccount(context, name);
    },
  );
}

function routeProjects(server: FastifyInstance, context: Context): void {
  server.get(
    "/v1/projects",
    guarded("access", "Every project", { response: { 200: ProjectsAnswer } }),
    async () => ({ projects: (await context.store.read.accounts.projects()).map(viewProject) }),
  );

  server.post<{ Body: Static<typeof ProjectBody> }>(
    "/v1/projects",
    guarded("access", "Make a project", { body: ProjectBody, response: { 200: ProjectAnswer } }),
    async (request) => viewProject(await createProject(context, actorOf(request), request.body)),
  );

  server.get<{ Params: Named }>(
    "/v1/projects/:name",
    guarded("access", "A project, its members and quotas", {
      params: NameParams,
      response: { 200: ProjectFullAnswer },
    }),
    (request) => showProject(context, request.params.name),
  );

  server.post<{ Params: Named; Body: Static<typeof StateBody> }>(
    "/v1/projects/:name/state",
    guarded("access", "Suspend, resume or (for good) remove a project", {
      params: NameParams,
      body: StateBody,
      response: { 200: ProjectAnswer },
    }),
    async (request) => {
      const { state, reason } = request.body;
      const row = await setProjectState(context, actorOf(request), request.params.name, state, reason);
      if (state === "removed") await dropDevices(context);
      return viewProject(row);
    },
  );

  server.post<{ Params: Named; Body: Static<typeof MemberBody> }>(
    "/v1/projects/:name/members",
    guarded("access", "Add a member to a project, or give one another role", {
      params: NameParams,
      body: MemberBody,
      response: { 200: ProjectFullAnswer },
    }),
    async (request) => {
      const { name } = request.params;
      await putMember(context, actorOf(request), name, request.body.user, request.body.role);
      return showProject(context, name);
    },
  );

  server.delete<{ Params: Static<typeof MemberParams> }>(
    "/v1/projects/:name/members/:user",
    guarded("access", "Take a member out of a project", {
      params: MemberParams,
      response: { 200: Type.Object({ project: Type.String(), user: Type.String() }) },
    }),
    async (request) => {
      const { name, user } = request.params;
      await removeMember(context, actorOf(request), name, user);
      return { project: name, user };
    },
  );

  server.post<{ Params: Named; Body: Static<typeof QuotaBody> }>(
    "/v1/projects/:name/quota",
    guarded("access", "How many applications for a service a project may have", {
      params: NameParams,
      body: QuotaBody,
      response: { 200: ProjectFullAnswer },
    }),
    async (request) => {
      const { name } = request.params;
      const { service, most } = request.body;
      await setQuota(context, actorOf(request), { kind: "project", subject: name, service }, most);
      return showProject(context, name);
    },
  );
}
