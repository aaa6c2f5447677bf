import { timestamp } from "../clock.ts";
import {
  type ApplicationAction,
  applicationActions,
  isLiving,
  mayUse,
  nextApplicationState,
} from "../core/access/applications.ts";
import { limitOf, quotaRefusal } from "../core/access/quota.ts";
import {
  approvesItself,
  lacks,
  purposesOf,
  type Service,
  type ServicePolicy,
} from "../core/access/services.ts";
import { ControllerError } from "../errors.ts";
import type { ApplicationTable } from "../store/access/account-schema.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { type AccountContext, requireAccount, requireProject } from "./accounts.ts";
import { allocateFor, type Moment } from "./allocate.ts";
import { endApplication } from "./end-applications.ts";
import { checkEnds, type EndsWish } from "./ends.ts";
import { record } from "./record.ts";

/** Applications that a user may make within a day, whatever becomes of them. */
const MOST_A_DAY = 100;

/** Who asks: an operator, or a user, who has to do with his own only. */
export interface Asker {
  readonly who: string;
  readonly account?: string;
}

export interface ApplicationWish extends EndsWish {
  readonly service: Service;
  readonly account: string;
  readonly device: string;
  readonly project?: string;
  readonly site?: string;
  readonly note: string;
}

/**
 * Takes an application. Where the policy lets it approve itself it has its prefixes as soon as this returns, all in one
 * transaction: it is within its quotas and has them, or nothing has happened. Throws `account-state`, `project-state`,
 * `not-a-member`, `service-closed`, `quota-exceeded`, `device-exists`, `bad-endpoint`, `bad-public-key`,
 * `endpoint-taken`, `public-key-taken`, `no-pool`, `pool-exhausted`.
 */
export async function apply(
  { store, clock }: AccountContext,
  asker: Asker,
  wish: ApplicationWish,
): Promise<ApplicationTable> {
  const moment = { who: asker.who, nowMs: clock.wallMs() };
  const at = timestamp(moment.nowMs);
  return store.transaction(async (tx) => {
    const member = await requireApplicant(tx, asker, wish);
    const policy = await tx.accounts.policy(wish.service);
    if (policy.approval === "closed" && asker.account !== undefined)
      throw new ControllerError("service-closed", `${wish.service} takes no applications`);
    await requireWithinQuotas(tx, policy, wish);
    if (asker.account !== undefined) await requirePatience(tx, asker.account, moment);
    const { account, service, device } = wish;
    const [same] = await tx.accounts.livingWith({ account, service, device });
    if (same !== undefined)
      throw new ControllerError(
        "device-exists",
        `application ${same.id} is for ${device} of ${account} already; give this device another name`,
      );
    const ends = await checkEnds(tx, { service, site: wish.site ?? null, id: null }, wish);
    const row = await tx.accounts.addApplication({
      service,
      account,
      project: wish.project ?? null,
      device,
      site: wish.site ?? null,
      state: "applied",
      since: at,
      reason: "",
      suspended_by: null,
      endpoint: ends.endpoint ?? null,
      endpoint_at: ends.endpoint === undefined ? null : at,
      endpoint_number: 0,
      endpoint_wish: null,
      endpoint_wish_at: null,
      public_key: ends.publicKey ?? null,
      update_hash: null,
      expires_at: null,
      created_at: at,
      note: wish.note,
    });
    const detail = { service, user: account, project: row.project, device, site: row.site, ...ends };
    await record(tx, {
      at,
      who: asker.who,
      what: "application create",
      kind: "application",
      subject: String(row.id),
      detail,
    });
    if (!approvesItself(policy.approval, member)) return row;
    return approve(tx, row, policy, `by policy: ${policy.approval}`, moment);
  });
}

/**
 * Does something with an application. A user resumes what a user suspended and nothing that an operator did, who may also make a user's
 * suspension his own. Throws `unknown-application` (also where it is somebody else's), `application-state`, and, for approve, what
 * allocation throws.
 */
export async function act(
  { store, clock }: AccountContext,
  asker: Asker,
  id: number,
  action: ApplicationAction,
  reason: string,
): Promise<ApplicationTable> {
  const moment = { who: asker.who, nowMs: clock.wallMs() };
  return store.transaction(async (tx) => {
    const row = await requireChangeable(tx, asker, id);
    if (action === "approve" && row.state === "applied")
      return approve(tx, row, await tx.accounts.policy(row.service), reason, moment);
    const by = asker.account === undefined ? "operator" : "user";
    requireOwnSuspension(row, action, by);
    const isTakenOver = action === "suspend" && by === "operator" && row.suspended_by === "user";
    const next = isTakenOver ? "suspended" : nextState(row, action);
    const at = timestamp(moment.nowMs);
    const deed = {
      at,
      who: asker.who,
      kind: "application",
      subject: String(id),
      detail: { reason },
    } as const;
    if (next === "refused" || next === "revoked") {
      await endApplication(tx, row, next, reason, moment);
      await tx.addAudit({
        at,
        who: asker.who,
        what: `application ${action}`,
        detail: JSON.stringify({ application: id, reason }),
      });
      return { ...row, ...{ state: next, reason, since: at }, suspended_by: null, update_hash: null };
    }
    const change = {
      ...{ state: next, reason, since: at },
      suspended_by: next === "suspended" ? by : null,
    } as const;
    await tx.accounts.changeApplication(id, change);
    await record(tx, { ...deed, what: `application ${action}` });
    return { ...row, ...change };
  });
}

function requireOwnSuspension(
  { id, suspended_by: suspendedBy }: ApplicationTable,
  action: ApplicationAction,
  by: "user" | "operator",
): void {
  if (action !== "resume" || by === "operator" || suspendedBy !== "operator") return;
  throw new ControllerError(
    "application-state",
    `application ${id} was suspended by an operator, who alone can resume it`,
  );
}

/** Revokes what has outlived its time; a hundred at once. */
export async function endOutlived({ store, clock }: AccountContext): Promise<void> {
  const moment = { who: "time", nowMs: clock.wallMs() };
  const at = timestamp(moment.nowMs);
  if ((await store.read.accounts.outlived(at, 1)).length === 0) return;
  await store.transaction(async (tx) => {
    for (const row of await tx.accounts.outlived(at, 100)) {
      await endApplication(tx, row, "revoked", "its time is over", moment);
      const detail = JSON.stringify({ application: row.id, reason: "its time is over" });
      await tx.addAudit({ at, who: moment.who, what: "application revoke", detail });
    }
  });
}

/** Throws `unknown-application`, also where the asker is a user whom it does not concern. */
export async function requireApplication(
  tx: StoreTransaction,
  { account }: Asker,
  id: number,
): Promise<ApplicationTable> {
  const row = await tx.accounts.application(id);
  const unknown = new ControllerError("unknown-application", `there is no application ${id}`);
  if (row === undefined) throw unknown;
  if (account === undefined) return row;
  const memberships = await tx.accounts.membershipsOf(account);
  const role = memberships.find(({ project }) => project === row.project)?.role;
  if (!mayUse(account, row, role)) throw unknown;
  return row;
}

/** The same for whoever is going to change it. Throws `account-state` too: who is suspended may look, and no more. */
export async function requireChangeable(
  tx: StoreTransaction,
  asker: Asker,
  id: number,
): Promise<ApplicationTable> {
  const row = await requireApplication(tx, asker, id);
  if (asker.account !== undefined) await requireActive(tx, asker.account);
  return row;
}

/** Throws `account-state` where the user was suspended or removed. */
export async function requireActive(tx: StoreTransaction, account: string): Promise<void> {
  const { state, reason } = await requireAccount(tx, account);
  if (state === "active") return;
  throw new ControllerError(
    "account-state",
    `user ${account} is ${state}${reason === "" ? "" : `: ${reason}`}`,
  );
}

async function approve(
  tx: StoreTransaction,
  row: ApplicationTable,
  policy: ServicePolicy,
  reason: string,
  moment: Moment,
): Promise<ApplicationTable> {
  const { id, account, project, device, site } = row;
  const at = timestamp(moment.nowMs);
  const holder = { state: "active", account, project, application: id, note: device } as const;
  const prefixes: string[] = [];
  for (const purpose of purposesOf(policy))
    prefixes.push((await allocateFor(tx, { purpose, site }, holder, moment)).prefix);
  const expires = policy.lifetimeS === null ? null : timestamp(moment.nowMs + policy.lifetimeS * 1000);
  const change = { state: nextState(row, "approve"), reason, since: at, expires_at: expires };
  await tx.accounts.changeApplication(id, change);
  const detail = { reason, prefixes, expires };
  await record(tx, {
    at,
    who: moment.who,
    what: "application approve",
    kind: "application",
    subject: String(id),
    detail,
  });
  return { ...row, ...change };
}

function nextState(row: ApplicationTable, action: ApplicationAction): ApplicationTable["state"] {
  const complete = lacks(row.service, { endpoint: row.endpoint, publicKey: row.public_key }) === undefined;
  const next = nextApplicationState(row.state, action, complete);
  if (next !== undefined) return next;
  const possible = isLiving(row.state)
    ? `possible is: ${applicationActions(row.state).join(", ")}`
    : "that is over";
  throw new ControllerError("application-state", `application ${row.id} is ${row.state}; ${possible}`);
}

/** Whether the user is a member of the project that it is for. */
async function requireApplicant(tx: StoreTransaction, asker: Asker, wish: ApplicationWish): Promise<boolean> {
  await requireActive(tx, wish.account);
  if (wish.project === undefined) return false;
  const memberships = await tx.accounts.membershipsOf(wish.account);
  const member = memberships.some((one) => one.project === wish.project);
  // To whom it does not belong it is not even there.
  if (!member && asker.account !== undefined)
    throw new ControllerError("unknown-project", `there is no project ${wish.project}`);
  const project = await requireProject(tx, wish.project);
  if (project.state !== "active")
    throw new ControllerError("project-state", `project ${wish.project} is ${project.state}`);
  if (!member)
    throw new ControllerError("not-a-member", `${wish.account} is no member of project ${wish.project}`);
  return true;
}

/** Applying and revoking again and again would fill histories and the audit log. */
async function requirePatience(tx: StoreTransaction, account: string, { nowMs }: Moment): Promise<void> {
  const made = await tx.accounts.countMadeSince(account, timestamp(nowMs - 86_400_000));
  if (made < MOST_A_DAY) return;
  throw new ControllerError(
    "quota-exceeded",
    `${made} applications within a day are enough; try again tomorrow`,
  );
}

async function requireWithinQuotas(
  tx: StoreTransaction,
  policy: ServicePolicy,
  wish: ApplicationWish,
): Promise<void> {
  const { service, account, project } = wish;
  const own = async (kind: "user" | "project", subject: string): Promise<number | null | undefined> =>
    (await tx.accounts.quotas(kind, subject)).find((row) => row.service === service)?.most;
  const counted = [
    {
      of: `user ${account}`,
      used: await tx.accounts.countLiving(service, { account }),
      limit: limitOf(await own("user", account), policy.perUser),
    },
    { of: "the whole service", used: await tx.accounts.countLiving(service), limit: policy.total },
  ];
  if (project !== undefined)
    counted.push({
      of: `project ${project}`,
      used: await tx.accounts.countLiving(service, { project }),
      limit: limitOf(await own("project", project), policy.perProject),
    });
  const refusal = quotaRefusal(service, counted);
  if (refusal !== undefined) throw new ControllerError("quota-exceeded", refusal);
}
