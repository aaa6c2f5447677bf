import type { Command } from "commander";
import type { AccountFullAnswer, ApplicationAnswer } from "../http/schemas-account.ts";
import type { EventsAnswer } from "../http/schemas-address.ts";
import { addVpnConfig } from "./commands-access.ts";
import { timeUpTo, wholeNumber } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { showEvents } from "./show-access.ts";
import { showApplication, showApplications, showUser } from "./show-account.ts";

/** application … for operators, me … for whoever has a user's token. */
export function addApplicationCommands(program: Command): void {
  const application = program
    .command("application")
    .description("what users applied for, and what came of it");
  addList(application);
  addApply(application.command("create <user> <service>"), "/v1/applications");
  for (const [verb, what] of [
    ["approve", "give it its prefixes"],
    ["refuse", "end it before it has anything"],
    ["suspend", "serve it no more until resumed; its prefixes stay"],
    ["resume", "serve it again"],
    ["revoke", "end it for good; its prefixes go back"],
  ] as const)
    addAct(application, verb, what, "/v1/applications");
  addOne(application, "/v1/applications");

  const me = program.command("me").description("with a user's token: what is his own");
  addCommonOptions(me.command("show"))
    .description("who I am, my projects, and how much I have of what I may have")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<AccountFullAnswer>("/v1/me");
      if (json) printJson(answer);
      else print(showUser(answer));
    });
  addCommonOptions(me.command("list"))
    .description("my applications, and those of projects that I manage")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<{ applications: ApplicationAnswer[] }>("/v1/me/applications");
      if (json) printJson(answer);
      else print(showApplications(answer.applications));
    });
  addApply(me.command("apply <service>"), "/v1/me/applications");
  addAct(me, "revoke", "give back what an application gave", "/v1/me/applications");
  addOne(me, "/v1/me/applications");
  addVpnConfig(me.command("vpn <id>"), "/v1/me/applications");
}

function addList(application: Command): void {
  addCommonOptions(application.command("list"))
    .description("oldest first")
    .option("--user <name>")
    .option("--project <name>")
    .option("--service <service>")
    .option("--state <state>", "applied, approved, active, suspended, refused or revoked")
    .option("--limit <n>", "so many at most", wholeNumber, 1000)
    .action(async (options: Record<string, string | number>, command: Command) => {
      const { api, json } = sessionOf(command);
      const query = new URLSearchParams();
      for (const key of ["user", "project", "service", "state", "limit"])
        if (options[key] !== undefined) query.set(key, String(options[key]));
      const answer = await api.get<{ applications: ApplicationAnswer[] }>(`/v1/applications?${query}`);
      if (json) printJson(answer);
      else print(showApplications(answer.applications));
    });
}

interface ApplyOptions {
  readonly device: string;
  readonly project?: string;
  readonly site?: string;
  readonly endpoint?: string;
  readonly publicKey?: string;
  readonly note: string;
}

/** The last argument is the service; an operator names the user before it. */
function addApply(command: Command, path: string): void {
  addCommonOptions(command)
    .description("apply for generic-tunneling, srv6-access or remote-access-vpn")
    .requiredOption("--device <name>", "tells several of one user apart")
    .option("--project <name>", "for this project")
    .option("--site <name>", "at this site; without it, at any")
    .option("--endpoint <address>", "the user's router: tunnels and SRv6 access")
    .option("--public-key <key>", "of the device, made there: remote access VPN")
    .option("--note <text>", "", "")
    .action(async (...args: readonly unknown[]) => {
      const names = args.slice(0, -2).map(String);
      const [options, ran] = args.slice(-2) as [ApplyOptions, Command];
      const { api, json } = sessionOf(ran);
      const [service, user] = [names.at(-1), names.at(-2)];
      const { device, project, site, endpoint, publicKey, note } = options;
      const answer = await api.post<ApplicationAnswer>(path, {
        ...(user === undefined ? {} : { user }),
        service,
        device,
        note,
        ...(project === undefined ? {} : { project }),
        ...(site === undefined ? {} : { site }),
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(publicKey === undefined ? {} : { publicKey }),
      });
      if (json) printJson(answer);
      else print(showApplication(answer));
    });
}

function addAct(noun: Command, verb: string, what: string, path: string): void {
  addCommonOptions(noun.command(`${verb} <id>`))
    .description(what)
    .option("--reason <text>", "for its history; its user sees it", "")
    .action(async (id: string, { reason }: { reason: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.post<ApplicationAnswer>(`${path}/${encodeURIComponent(id)}/${verb}`, {
        reason,
      });
      if (json) printJson(answer);
      else print(showApplication(answer));
    });
}

function addOne(noun: Command, path: string): void {
  const at = (id: string, what = ""): string => `${path}/${encodeURIComponent(id)}${what}`;

  addCommonOptions(noun.command(path.includes("/me/") ? "application <id>" : "show <id>"))
    .description("one application")
    .action(async (id: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<ApplicationAnswer>(at(id));
      if (json) printJson(answer);
      else print(showApplication(answer));
    });

  addCommonOptions(noun.command("history <id>"))
    .description("what happened to it, newest first")
    .action(async (id: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<EventsAnswer>(at(id, "/history"));
      if (json) printJson(answer);
      else print(showEvents(answer.events));
    });

  addCommonOptions(noun.command("change <id>"))
    .description("where the tunnel ends, or the device's public key")
    .option("--endpoint <address>", "the user's router")
    .option("--public-key <key>", "of the device")
    .action(async (id: string, options: { endpoint?: string; publicKey?: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const { endpoint, publicKey } = options;
      const answer = await api.post<ApplicationAnswer>(at(id, "/change"), {
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(publicKey === undefined ? {} : { publicKey }),
      });
      if (json) printJson(answer);
      else print(showApplication(answer));
    });

  addCommonOptions(noun.command("key <id>"))
    .description(
      "make a key with which the user's router says where it is; shown once, the one before is void",
    )
    .action(async (id: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.post<{ application: number; key: string }>(at(id, "/key"), {});
      if (json) printJson(answer);
      else print(answer.key);
    });

  addCommonOptions(noun.command("claim <id>"))
    .description("make a one-time claim token with which the device enrols; shown once")
    .option("--ttl <time>", "good for so long", timeUpTo(30))
    .option("--at <url>", "where the device reaches the controller")
    .option("--again", "for a device that has enrolled already and is replaced")
    .action(async (id: string, options: { ttl?: number; at?: string; again?: boolean }, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.post<{ node: string; token: string; expires: string }>(at(id, "/claim"), {
        ...(options.ttl === undefined ? {} : { ttlS: options.ttl }),
        ...(options.at === undefined ? {} : { url: options.at }),
        ...(options.again === true ? { again: true } : {}),
      });
      if (json) printJson(answer);
      else print(answer.token);
    });
}
