import type { AccountState } from "../core/access/applications.ts";
import type { Scope } from "../tokens/scope.ts";

/** What somebody who signs in is; each has one. */
export const PORTAL_ROLES = ["user", "read-only", "operator", "admin"] as const;
export type PortalRole = (typeof PORTAL_ROLES)[number];

/**
 * How a session was opened beside the password. `recovery`: by one of the codes for a lost second factor. `passkey`: by a device that had
 * looked who holds it, instead of password and code.
 */
export const SECOND_FACTORS = ["none", "totp", "recovery", "passkey"] as const;
export type SecondFactor = (typeof SECOND_FACTORS)[number];

const SCOPES_OF: Readonly<Record<PortalRole, readonly Scope[]>> = {
  user: ["self"],
  "read-only": ["self", "read"],
  // Names that users asked DNS for, tokens and keys are not among an operator's daily work.
  operator: ["self", "read", "steer", "apply", "node", "audit", "access"],
  admin: ["admin"],
};

/** Roles that move the network or other people's affairs. */
const WANTS_SECOND_FACTOR: ReadonlySet<PortalRole> = new Set(["operator", "admin"]);

/** What a session is judged by. */
export interface Standing {
  readonly role: PortalRole;
  readonly state: AccountState;
  readonly secondFactor: SecondFactor;
}

/** True while an operator or admin has no rights but his own affairs, for want of a second factor. */
export function wantsSecondFactor({ role, secondFactor }: Pick<Standing, "role" | "secondFactor">): boolean {
  return WANTS_SECOND_FACTOR.has(role) && secondFactor === "none";
}

/**
 * What a session allows. Whoever is suspended sees his own affairs, as with a token; who was removed, nothing; operators and
 * admins nothing more than that until they bring a second factor.
 */
export function scopesOf(standing: Standing): readonly Scope[] {
  if (standing.state === "removed") return [];
  if (standing.state === "suspended" || wantsSecondFactor(standing)) return ["self"];
  return SCOPES_OF[standing.role];
}
