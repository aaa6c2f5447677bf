import { timestamp } from "../clock.ts";
import type { AccountState, Role } from "../core/access/applications.ts";
import type { Service, ServicePolicy } from "../core/access/services.ts";
import { ControllerError } from "../errors.ts";
import type { Portal } from "../portal/portal.ts";
import type { AccountTable, ProjectTable, QuotaTable } from "../store/access/account-schema.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import type { TokenKeeper } from "../tokens/keeper.ts";
import type { AddressContext } from "./addresses.ts";
import { endAll } from "./end-applications.ts";
import { record } from "./record.ts";

/** What operations on accounts need of the controller. */
export interface AccountContext extends AddressContext {
  readonly tokens: TokenKeeper;
  readonly portal?: Pick<Portal, "sessions"> | undefined;
}

export interface NewAccount {
  readonly name: string;
  readonly display: string;
  readonly email?: string;
}

/** Makes a user. Throws `account-exists`; a name is never used twice, for histories name it. */
export async function createAccount(
  { store, clock }: AccountContext,
  who: string,
  { name, display, email }: NewAccount,
): Promise<AccountTable> {
  const at = timestamp(clock.wallMs());
  const made = { created_at: at, created_by: who };
  const row: AccountTable = {
    name,
    display,
    email: email ?? null,
    state: "active",
    reason: "",
    since: at,
    ...made,
  };
  await store.transaction(async (tx) => {
    if ((await tx.accounts.account(name)) !== undefined)
      throw new ControllerError("account-exists", `there is, or was, a user ${name}`);
    await tx.accounts.addAccount(row);
    await record(tx, {
      at,
      who,
      what: "user create",
      kind: "user",
      subject: name,
      detail: { display, email },
    });
  });
  return row;
}

/**
 * Suspends a user, who is not served and may do nothing until resumed, or removes him: his applications are revoked, his
 * prefixes go into quarantine, his tokens are good for nothing. Throws `unknown-account`, `account-state`.
 */
export async function setAccountState(
  { store, clock, tokens, portal }: AccountContext,
  who: string,
  name: string,
  state: AccountState,
  reason: string,
): Promise<AccountTable> {
  const nowMs = clock.wallMs();
  const at = timestamp(nowMs);
  const row = await store.transaction(async (tx) => {
    const before = await requireAccount(tx, name);
    requireNotRemoved("user", before, "account-state");
    if (before.state === state) return before;
    const change = { state, reason, since: at };
    await tx.accounts.changeAccount(name, change);
    await record(tx, {
      at,
      who,
      what: `user ${WORD[state]}`,
      kind: "user",
      subject: name,
      detail: { reason },
    });
    if (state === "removed") {
      await endAll(tx, { account: name }, reason === "" ? "the user was removed" : reason, { who, nowMs });
      for (const { project } of await tx.accounts.membershipsOf(name))
        await tx.accounts.removeMember(project, name);
    }
    return { ...before, ...change };
  });
  // What a session may is judged by its user's state at each request; what it opened before has to close.
  if (state !== "active") portal?.sessions.cutOffUser(name);
  // Streams end, and nothing is asked of the database: what a token may do is judged by its user's state as well.
  if (state === "removed")
    for (const { name: token, account, revokedAt } of tokens.list())
      if (account === name && revokedAt === null) await tokens.revoke(token, who);
  return row;
}

/** Makes a project; `owner` is its first member. Throws `project-exists`, `unknown-account`. */
export async function createProject(
  { store, clock }: AccountContext,
  who: string,
  {
    name,
    description,
    owner,
  }: { readonly name: string; readonly description: string; readonly owner?: string },
): Promise<ProjectTable> {
  const at = timestamp(clock.wallMs());
  const made = { created_at: at, created_by: who };
  const row: ProjectTable = { name, description, state: "active", reason: "", since: at, ...made };
  await store.transaction(async (tx) => {
    if ((await tx.accounts.project(name)) !== undefined)
      throw new ControllerError("project-exists", `there is, or was, a project ${name}`);
    await tx.accounts.addProject(row);
    if (owner !== undefined) {
      await requireAccount(tx, owner);
      await tx.accounts.putMember({ project: name, account: owner, role: "owner" });
    }
    const detail = { description, owner };
    await record(tx, { at, who, what: "project create", kind: "project", subject: name, detail });
  });
  return row;
}

/** As with users: suspended, what belongs to it is not served; removed, it is revoked. Throws `unknown-project`, `project-state`. */
export async function setProjectState(
  { store, clock }: AccountContext,
  who: string,
  name: string,
  state: AccountState,
  reason: string,
): Promise<ProjectTable> {
  const nowMs = clock.wallMs();
  const at = timestamp(nowMs);
  return store.transaction(async (tx) => {
    const before = await requireProject(tx, name);
    requireNotRemoved("project", before, "project-state");
    if (before.state === state) return before;
    const change = { state, reason, since: at };
    await tx.accounts.changeProject(name, change);
    await record(tx, {
      at,
      who,
      what: `project ${WORD[state]}`,
      kind: "project",
      subject: name,
      detail: { reason },
    });
    if (state === "removed") {
      await endAll(tx, { project: name }, reason === "" ? "the project was removed" : reason, { who, nowMs });
      for (const { account } of await tx.accounts.membersOf(name))
        await tx.accounts.removeMember(name, account);
    }
    return { ...before, ...change };
  });
}

/** Adds a member, or gives one another role. Throws `unknown-project`, `unknown-account`, `last-owner`. */
export async function putMember(
  { store, clock }: AccountContext,
  who: string,
  project: string,
  account: string,
  role: Role,
): Promise<void> {
  const at = timestamp(clock.wallMs());
  await store.transaction(async (tx) => {
    requireNotRemoved("project", await requireProject(tx, project), "project-state");
    requireNotRemoved("user", await requireAccount(tx, account), "account-state");
    if (role !== "owner") await requireOtherOwner(tx, project, account);
    await tx.accounts.putMember({ project, account, role });
    const detail = { user: account, role };
    await record(tx, { at, who, what: "project member", kind: "project", subject: project, detail });
  });
}

/** Throws `unknown-project`, `not-a-member`, `last-owner`. What he applied for in the project stays his. */
export async function removeMember(
  { store, clock }: AccountContext,
  who: string,
  project: string,
  account: string,
): Promise<void> {
  const at = timestamp(clock.wallMs());
  await store.transaction(async (tx) => {
    await requireProject(tx, project);
    const members = await tx.accounts.membersOf(project);
    if (!members.some((one) => one.account === account))
      throw new ControllerError("not-a-member", `${account} is no member of project ${project}`);
    await requireOtherOwner(tx, project, account);
    await tx.accounts.removeMember(project, account);
    const detail = { user: account };
    await record(tx, { at, who, what: "project unmember", kind: "project", subject: project, detail });
  });
}

/** Sets what goes before the policy of a service, or (undefined) lets that hold again. Throws `unknown-account`, `unknown-project`. */
export async function setQuota(
  { store, clock }: AccountContext,
  who: string,
  { kind, subject, service }: Omit<QuotaTable, "most">,
  most: number | null | undefined,
): Promise<void> {
  const at = timestamp(clock.wallMs());
  await store.transaction(async (tx) => {
    if (kind === "user") await requireAccount(tx, subject);
    else await requireProject(tx, subject);
    if (most === undefined) await tx.accounts.removeQuota({ kind, subject, service });
    else await tx.accounts.putQuota({ kind, subject, service, most });
    const detail = { service, most: most === undefined ? "by policy" : (most ?? "none") };
    await record(tx, { at, who, what: `${kind} quota`, kind, subject, detail });
  });
}

/** Changes what is decided about a service; what was approved before stays as it is. */
export async function setPolicy(
  { store, clock }: AccountContext,
  who: string,
  service: Service,
  change: Partial<Omit<ServicePolicy, "service">>,
): Promise<ServicePolicy> {
  const at = timestamp(clock.wallMs());
  return store.transaction(async (tx) => {
    const policy = { ...(await tx.accounts.policy(service)), ...change };
    await tx.accounts.putPolicy(policy);
    await record(tx, { at, who, what: "service set", kind: "service", subject: service, detail: change });
    return policy;
  });
}

/** Throws `unknown-account`. */
export async function requireAccount(tx: StoreTransaction, name: string): Promise<AccountTable> {
  const row = await tx.accounts.account(name);
  if (row === undefined) throw new ControllerError("unknown-account", `there is no user ${name}`);
  return row;
}

/** Throws `unknown-project`. */
export async function requireProject(tx: StoreTransaction, name: string): Promise<ProjectTable> {
  const row = await tx.accounts.project(name);
  if (row === undefined) throw new ControllerError("unknown-project", `there is no project ${name}`);
  return row;
}

const WORD: Readonly<Record<AccountState, string>> = {
  active: "resume",
  suspended: "suspend",
  removed: "remove",
};

function requireNotRemoved(
  what: string,
  { name, state }: { readonly name: string; readonly state: AccountState },
  code: "account-state" | "project-state",
): void {
  if (state === "removed") throw new ControllerError(code, `${what} ${name} was removed, for good`);
}

/** A project with owners keeps one. */
async function requireOtherOwner(tx: StoreTransaction, project: string, account: string): Promise<void> {
  const owners = (await tx.accounts.membersOf(project)).filter(({ role }) => role === "owner");
  if (owners.length !== 1 || owners[0]?.account !== account) return;
  throw new ControllerError(
    "last-owner",
    `${account} is the last owner of project ${project}: name another first`,
  );
}
