import { type Command, InvalidArgumentError } from "commander";
import type {
  AccountAnswer,
  AccountFullAnswer,
  PolicyAnswer,
  ProjectAnswer,
  ProjectFullAnswer,
} from "../http/schemas-account.ts";
import { addHistory } from "./commands-address.ts";
import { addUserPortalCommands } from "./commands-user-portal.ts";
import { addUserTokenCommands } from "./commands-user-token.ts";
import { timeUpTo, wholeNumber } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { showProject, showProjects, showServices, showUser, showUsers } from "./show-account.ts";

/** user …, project …, service …: who may have what. */
export function addAccountCommands(program: Command): void {
  const user = program.command("user").description("people who use the access services");
  const project = program.command("project").description("groups of users, with quotas of their own");
  addUserCommands(user);
  addProjectCommands(project);
  for (const [noun, kind] of [
    [user, "user"],
    [project, "project"],
  ] as const) {
    addStateCommands(noun, kind);
    addQuotaCommand(noun, kind);
    addHistory(noun, kind, "<name>");
  }
  addUserTokenCommands(user);
  addUserPortalCommands(user);
  addServiceCommands(program.command("service").description("what is decided about each access service"));
}

function addUserCommands(user: Command): void {
  addCommonOptions(user.command("create <name>"))
    .description("make a user")
    .option("--display <text>", "what people call him", "")
    .option("--email <address>")
    .action(async (name: string, options: { display: string; email?: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const { display, email } = options;
      const body = { name, display, ...(email === undefined ? {} : { email }) };
      const answer = await api.post<AccountAnswer>("/v1/users", body);
      if (json) printJson(answer);
      else print(`user ${name} made`);
    });

  addCommonOptions(user.command("list"))
    .description("users by name")
    .option("--limit <n>", "so many at most", wholeNumber, 1000)
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<{ users: AccountAnswer[] }>(`/v1/users?limit=${limit}`);
      if (json) printJson(answer);
      else print(showUsers(answer.users));
    });

  addCommonOptions(user.command("show <name>"))
    .description("a user, his projects, and how much he has of what he may have")
    .action(async (name: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<AccountFullAnswer>(`/v1/users/${encodeURIComponent(name)}`);
      if (json) printJson(answer);
      else print(showUser(answer));
    });
}

function addProjectCommands(project: Command): void {
  addCommonOptions(project.command("create <name>"))
    .description("make a project")
    .option("--description <text>", "", "")
    .option("--owner <user>", "its first member")
    .action(async (name: string, options: { description: string; owner?: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const { description, owner } = options;
      const body = { name, description, ...(owner === undefined ? {} : { owner }) };
      const answer = await api.post<ProjectAnswer>("/v1/projects", body);
      if (json) printJson(answer);
      else print(`project ${name} made`);
    });

  addCommonOptions(project.command("list"))
    .description("every project")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<{ projects: ProjectAnswer[] }>("/v1/projects");
      if (json) printJson(answer);
      else print(showProjects(answer.projects));
    });

  addCommonOptions(project.command("show <name>"))
    .description("a project, its members and quotas")
    .action(async (name: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<ProjectFullAnswer>(`/v1/projects/${encodeURIComponent(name)}`);
      if (json) printJson(answer);
      else print(showProject(answer));
    });

  addCommonOptions(project.command("member <name> <user>"))
    .description("add a member, or give one another role")
    .option("--role <role>", "owner, manager (both see all of the project) or member", "member")
    .action(async (name: string, user: string, { role }: { role: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const path = `/v1/projects/${encodeURIComponent(name)}/members`;
      const answer = await api.post<ProjectFullAnswer>(path, { user, role });
      if (json) printJson(answer);
      else print(`${user} is ${role} of ${name}`);
    });

  addCommonOptions(project.command("unmember <name> <user>"))
    .description("take a member out; what he applied for stays his")
    .action(async (name: string, user: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const path = `/v1/projects/${encodeURIComponent(name)}/members/${encodeURIComponent(user)}`;
      const answer = await api.delete<object>(path);
      if (json) printJson(answer);
      else print(`${user} is no member of ${name}`);
    });
}

function addStateCommands(noun: Command, kind: "user" | "project"): void {
  for (const [verb, state, what] of [
    ["suspend", "suspended", "serve nothing of it until resumed; prefixes stay"],
    ["resume", "active", "serve it again"],
    [
      "remove",
      "removed",
      "for good: its applications are revoked, its prefixes go back; the name stays taken",
    ],
  ] as const) {
    addCommonOptions(noun.command(`${verb} <name>`))
      .description(what)
      .option("--reason <text>", "for its history; users see it", "")
      .action(async (name: string, { reason }: { reason: string }, command: Command) => {
        const { api, json } = sessionOf(command);
        const path = `/v1/${kind}s/${encodeURIComponent(name)}/state`;
        const answer = await api.post<{ state: string }>(path, { state, reason });
        if (json) printJson(answer);
        else print(`${name} is ${answer.state}`);
      });
  }
}

function addQuotaCommand(noun: Command, kind: "user" | "project"): void {
  addCommonOptions(noun.command("quota <name> <service>"))
    .description("how many applications for a service it may have")
    .requiredOption("--most <n>", "a number, `any`, or `policy`: what the service says", most)
    .action(
      async (
        name: string,
        service: string,
        options: { most: number | null | "policy" },
        command: Command,
      ) => {
        const { api, json } = sessionOf(command);
        const body = { service, ...(options.most === "policy" ? {} : { most: options.most }) };
        const path = `/v1/${kind}s/${encodeURIComponent(name)}/quota`;
        if (kind === "user") {
          const answer = await api.post<AccountFullAnswer>(path, body);
          if (json) printJson(answer);
          else print(showUser(answer));
        } else {
          const answer = await api.post<ProjectFullAnswer>(path, body);
          if (json) printJson(answer);
          else print(showProject(answer));
        }
      },
    );
}

interface PolicyOptions {
  readonly approval?: string;
  readonly perUser?: number | null;
  readonly perProject?: number | null;
  readonly total?: number | null;
  readonly lifetime?: number | null;
  readonly gives?: string;
}

function addServiceCommands(service: Command): void {
  addCommonOptions(service.command("list"))
    .description("what is decided about each")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<{ services: PolicyAnswer[] }>("/v1/services");
      if (json) printJson(answer);
      else print(showServices(answer.services));
    });

  addCommonOptions(service.command("set <service>"))
    .description("decide; what was approved before stays as it is")
    .option("--approval <who>", "auto, members (of the project applied for), manual or closed")
    .option("--per-user <n>", "applications of a user, or `any`", numberOrAny)
    .option("--per-project <n>", "of a project, or `any`", numberOrAny)
    .option("--total <n>", "in all, or `any`", numberOrAny)
    .option("--lifetime <time>", "from approval: 30d, or `any`", (text) =>
      text === "any" ? null : timeUpTo(3650)(text),
    )
    .option("--gives <what>", "remote-access-vpn: address (a /128) or network (a /64 as well)")
    .action(async (name: string, options: PolicyOptions, command: Command) => {
      const { api, json } = sessionOf(command);
      const { approval, perUser, perProject, total, lifetime, gives } = options;
      const body = Object.fromEntries(
        Object.entries({ approval, perUser, perProject, total, lifetimeS: lifetime, gives }).filter(
          ([, value]) => value !== undefined,
        ),
      );
      const answer = await api.post<PolicyAnswer>(`/v1/services/${encodeURIComponent(name)}`, body);
      if (json) printJson(answer);
      else print(showServices([answer]));
    });

  addHistory(service, "service", "<service>");
}

function numberOrAny(text: string): number | null {
  if (text === "any") return null;
  if (/^(0|[1-9][0-9]{0,5})$/.test(text)) return Number(text);
  throw new InvalidArgumentError("wants a number up to 999999, or `any`");
}

function most(text: string): number | null | "policy" {
  return text === "policy" ? text : numberOrAny(text);
}
