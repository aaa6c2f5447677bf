/**
 * Life of an application. applied: waits for an operator. approved: has its prefixes, and lacks an endpoint or a key.
 * active: routers serve it, while its user and project are active too. suspended: keeps its prefixes, and is not served.
 * refused, revoked: over for good; its prefixes have gone back.
 */
export const APPLICATION_STATES = [
  "applied",
  "approved",
  "active",
  "suspended",
  "refused",
  "revoked",
] as const;
export type ApplicationState = (typeof APPLICATION_STATES)[number];

/** Those that are not over, and count for quotas. */
export const LIVING_STATES = [
  "applied",
  "approved",
  "active",
  "suspended",
] as const satisfies readonly ApplicationState[];

export function isLiving(state: ApplicationState): boolean {
  return LIVING_STATES.some((living) => living === state);
}

/** What operators do with one. A user may revoke his own. */
export const APPLICATION_ACTIONS = ["approve", "refuse", "suspend", "resume", "revoke"] as const;
export type ApplicationAction = (typeof APPLICATION_ACTIONS)[number];

/** The state after an action; undefined where it makes no sense. `complete`: it lacks neither endpoint nor key. */
export function nextApplicationState(
  state: ApplicationState,
  action: ApplicationAction,
  complete: boolean,
): ApplicationState | undefined {
  const served = complete ? "active" : "approved";
  switch (action) {
    case "approve":
      return state === "applied" ? served : undefined;
    case "refuse":
      return state === "applied" ? "refused" : undefined;
    case "suspend":
      return state === "approved" || state === "active" ? "suspended" : undefined;
    case "resume":
      return state === "suspended" ? served : undefined;
    case "revoke":
      return isLiving(state) ? "revoked" : undefined;
  }
}

export function applicationActions(state: ApplicationState): readonly ApplicationAction[] {
  return APPLICATION_ACTIONS.filter((action) => nextApplicationState(state, action, true) !== undefined);
}

/** States of users and projects; `removed` is for good, for the audit log names them. */
export const ACCOUNT_STATES = ["active", "suspended", "removed"] as const;
export type AccountState = (typeof ACCOUNT_STATES)[number];

/** In a project. Owners and managers see and change what belongs to it, members their own. */
export const ROLES = ["owner", "manager", "member"] as const;
export type Role = (typeof ROLES)[number];

/** Whether a user may see and change an application. `role`: the user's in the project that it is for. */
export function mayUse(
  user: string,
  application: { readonly account: string },
  role: Role | undefined,
): boolean {
  return application.account === user || role === "owner" || role === "manager";
}

/** Why what is active is not served all the same; undefined when it is served. */
export function heldBy(user: AccountState, project: AccountState | undefined): string | undefined {
  if (user !== "active") return `its user is ${user}`;
  if (project !== undefined && project !== "active") return `its project is ${project}`;
  return undefined;
}
