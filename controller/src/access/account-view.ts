import { heldBy, isLiving } from "../core/access/applications.ts";
import { limitOf } from "../core/access/quota.ts";
import { lacks } from "../core/access/services.ts";
import { ControllerError } from "../errors.ts";
import type {
  AccountAnswer,
  ApplicationAnswer,
  ProjectAnswer,
  QuotaAnswer,
} from "../http/schemas-account.ts";
import type { Context } from "../operations/context.ts";
import type { AccountTable, ApplicationTable, ProjectTable } from "../store/access/account-schema.ts";
import type { StoreReader } from "../store/reader.ts";
import type { AccountContext } from "./accounts.ts";
import { deviceNode } from "./device-name.ts";

/** Users, projects and applications as the API tells them. */

export function viewAccount(row: AccountTable): AccountAnswer {
  const { name, display, email, state, reason, since } = row;
  return { name, display, email, state, reason, since, createdAt: row.created_at, createdBy: row.created_by };
}

export function viewProject(row: ProjectTable): ProjectAnswer {
  const { name, description, state, reason, since } = row;
  return { name, description, state, reason, since, createdAt: row.created_at, createdBy: row.created_by };
}

/** How much of each service a user or project has, of how much. */
export async function quotasOf(
  { accounts }: StoreReader,
  kind: "user" | "project",
  subject: string,
): Promise<QuotaAnswer[]> {
  const own = await accounts.quotas(kind, subject);
  const answers: QuotaAnswer[] = [];
  for (const policy of await accounts.policies()) {
    const { service, approval } = policy;
    const set = own.find((row) => row.service === service);
    const limit = limitOf(set?.most, kind === "user" ? policy.perUser : policy.perProject);
    const of = kind === "user" ? { account: subject } : { project: subject };
    answers.push({
      service,
      approval,
      used: await accounts.countLiving(service, of),
      limit,
      own: set !== undefined,
    });
  }
  return answers;
}

/** A user with projects and quotas. Throws `unknown-account`. */
export async function showAccount({ store }: AccountContext, name: string) {
  const row = await store.read.accounts.account(name);
  if (row === undefined) throw new ControllerError("unknown-account", `there is no user ${name}`);
  const memberships = await store.read.accounts.membershipsOf(name);
  return {
    ...viewAccount(row),
    projects: memberships.map(({ project, role }) => ({ project, role })),
    quotas: await quotasOf(store.read, "user", name),
  };
}

/** A project with members and quotas. Throws `unknown-project`. */
export async function showProject({ store }: AccountContext, name: string) {
  const row = await store.read.accounts.project(name);
  if (row === undefined) throw new ControllerError("unknown-project", `there is no project ${name}`);
  const members = await store.read.accounts.membersOf(name);
  return {
    ...viewProject(row),
    members: members.map(({ account, role }) => ({ user: account, role })),
    quotas: await quotasOf(store.read, "project", name),
  };
}

/** Applications with their prefixes, what keeps them from being served, and how they stand at routers. */
export async function viewApplications(
  { store: { read }, users: { book, standings } }: Pick<Context, "store" | "users">,
  rows: readonly ApplicationTable[],
): Promise<ApplicationAnswer[]> {
  const { accounts, addresses } = read;
  const users = new Map<string, AccountTable["state"]>();
  const projects = new Map((await accounts.projects()).map(({ name, state }) => [name, state]));
  const views: ApplicationAnswer[] = [];
  for (const row of rows) {
    const { id, service, account, project, device, site, state, since, reason, endpoint, note } = row;
    let user = users.get(account);
    if (user === undefined) {
      user = (await accounts.account(account))?.state ?? "removed";
      users.set(account, user);
    }
    const prefixes = await addresses.prefixes({ application: id, limit: 16 });
    const held = heldBy(user, project === null ? undefined : projects.get(project));
    const publicKey = row.public_key;
    views.push({
      id,
      service,
      user: account,
      project,
      device,
      site,
      state,
      since,
      reason,
      suspendedBy: row.suspended_by,
      held: isLiving(state) ? (held ?? null) : null,
      lacks: isLiving(state) ? (lacks(service, { endpoint, publicKey }) ?? null) : null,
      prefixes: prefixes.filter((one) => one.state === "active").map(({ prefix }) => prefix),
      endpoint,
      endpointAt: row.endpoint_at,
      publicKey,
      updateKey: row.update_hash !== null,
      node: service === "remote-access-vpn" ? null : deviceNode(id),
      expiresAt: row.expires_at,
      createdAt: row.created_at,
      note,
      point: book.standing(id)?.point ?? null,
      waiting: book.waiting(id) ?? null,
      routers: [...standings.of(id)],
      use: standings.use(id) ?? null,
    });
  }
  return views;
}

/** A user's applications, and those of projects that he manages; by number. */
export async function ownApplications(
  context: Pick<Context, "store" | "users">,
  account: string,
): Promise<ApplicationAnswer[]> {
  const { accounts } = context.store.read;
  const rows = new Map<number, ApplicationTable>();
  const add = (found: readonly ApplicationTable[]): void => {
    for (const row of found) rows.set(row.id, row);
  };
  add(await accounts.applications({ account, limit: 10_000 }));
  for (const { project, role } of await accounts.membershipsOf(account))
    if (role !== "member") add(await accounts.applications({ project, limit: 10_000 }));
  const sorted = [...rows.values()].sort((a, b) => a.id - b.id);
  return viewApplications(context, sorted);
}

/** Who did it, as a user may know: operators have no names for users. */
export function forUsers(who: string): string {
  return /^(user:|key of |time$)/.test(who) ? who : "an operator";
}
