import type {
  AccountAnswer,
  AccountFullAnswer,
  ApplicationAnswer,
  PolicyAnswer,
  ProjectAnswer,
  ProjectFullAnswer,
  QuotaAnswer,
} from "../http/schemas-account.ts";
import { formatTable } from "./table.ts";

/** Tables about users, projects and applications. */

export function showUsers(users: readonly AccountAnswer[]): string {
  if (users.length === 0) return "there is no user; `vsixctl user create NAME` makes one";
  const rows = users.map((one) => [one.name, one.display, one.email ?? "-", stateOf(one), one.createdAt]);
  return formatTable(["NAME", "DISPLAY", "EMAIL", "STATE", "CREATED"], rows);
}

export function showUser(user: AccountFullAnswer): string {
  const projects = user.projects.map(({ project, role }) => `${project} (${role})`).join(", ");
  return [
    showUsers([user]),
    `projects: ${projects === "" ? "none" : projects}`,
    "",
    showQuotas(user.quotas),
  ].join("\n");
}

export function showProjects(projects: readonly ProjectAnswer[]): string {
  if (projects.length === 0) return "there is no project; `vsixctl project create NAME` makes one";
  const rows = projects.map((one) => [one.name, stateOf(one), one.createdAt, one.description]);
  return formatTable(["NAME", "STATE", "CREATED", "DESCRIPTION"], rows);
}

export function showProject(project: ProjectFullAnswer): string {
  const members = project.members.map(({ user, role }) => `${user} (${role})`).join(", ");
  return [
    showProjects([project]),
    `members: ${members === "" ? "none" : members}`,
    "",
    showQuotas(project.quotas),
  ].join("\n");
}

export function showServices(services: readonly PolicyAnswer[]): string {
  const rows = services.map((one) => [
    one.service,
    one.approval,
    limit(one.perUser),
    limit(one.perProject),
    limit(one.total),
    one.lifetimeS === null ? "-" : `${one.lifetimeS} s`,
    one.service === "remote-access-vpn" ? one.gives : "network",
  ]);
  return formatTable(["SERVICE", "APPROVAL", "A USER", "A PROJECT", "IN ALL", "LIFETIME", "GIVES"], rows);
}

export function showApplications(applications: readonly ApplicationAnswer[]): string {
  if (applications.length === 0) return "no application";
  const rows = applications.map((one) => [
    String(one.id),
    one.service,
    one.project === null ? one.user : `${one.user}@${one.project}`,
    one.device,
    one.site ?? "any",
    showState(one),
    one.prefixes.length === 0 ? "-" : one.prefixes.join(","),
    one.endpoint ?? one.publicKey ?? "-",
    one.since,
  ]);
  return formatTable(
    ["ID", "SERVICE", "USER", "DEVICE", "SITE", "STATE", "PREFIX", "ENDPOINT OR KEY", "SINCE"],
    rows,
  );
}

export function showApplication(one: ApplicationAnswer): string {
  return [
    showApplications([one]),
    ...(one.reason === "" ? [] : [`reason: ${one.reason}`]),
    ...(one.expiresAt === null ? [] : [`expires: ${one.expiresAt}`]),
    ...(one.note === "" ? [] : [`note: ${one.note}`]),
    ...showStandings(one),
  ].join("\n");
}

/** Where it is served, since when, and what was counted. */
export function showStandings({ waiting, point, routers, use }: ApplicationAnswer): readonly string[] {
  return [
    ...(waiting === null ? [] : [`not served: ${waiting}`]),
    ...(point === null ? [] : [`access point: ${point}`]),
    ...routers.map(({ router, state, since, reason }) => {
      const words = {
        served: "served by",
        pending: "pending on",
        failed: "fails on",
        ending: "ending on",
      } as const;
      return `${words[state]} ${router} since ${since}${reason === "" ? "" : `: ${reason}`}`;
    }),
    ...(use === null ? [] : [showUse(use)]),
  ];
}

function showUse(use: NonNullable<ApplicationAnswer["use"]>): string {
  const way = (packets: number | null, octets: number): string =>
    packets === null ? `${octets} octets` : `${packets} packets, ${octets} octets`;
  const last = use.handshakeAt === null ? [] : [`last handshake ${use.handshakeAt}`];
  const lease = use.leaseUntil === null ? [] : [`prefix told by DHCPv6, valid until ${use.leaseUntil}`];
  const seen = use.activeAt === null ? [] : [`last seen ${use.activeAt}`];
  return [
    `from the user: ${way(use.rxPackets, use.rxOctets)}; to the user: ${way(use.txPackets, use.txOctets)}`,
    ...last,
    ...lease,
    ...seen,
  ].join("; ");
}

function showState({ state, held, lacks }: ApplicationAnswer): string {
  if (held !== null) return `${state}, but ${held}`;
  return state === "approved" && lacks !== null ? `approved, lacks its ${lacks}` : state;
}

function showQuotas(quotas: readonly QuotaAnswer[]): string {
  const rows = quotas.map((one) => [
    one.service,
    one.approval,
    `${one.used} of ${limit(one.limit)}`,
    one.own ? "of its own" : "by policy",
  ]);
  return formatTable(["SERVICE", "APPROVAL", "USED", "LIMIT"], rows);
}

function stateOf({ state, reason }: { readonly state: string; readonly reason: string }): string {
  return reason === "" ? state : `${state}: ${reason}`;
}

function limit(most: number | null): string {
  return most === null ? "any" : String(most);
}
