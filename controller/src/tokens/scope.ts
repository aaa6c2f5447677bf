import { Type } from "@sinclair/typebox";

/**
 * What a token allows, named after what operators do. `admin` allows everything; none of the others allows another.
 * read: status, events, history, metrics. steer: Edges and planes. apply: fabric files and rollbacks. node: bundles,
 * enrolment, revocation. audit: the audit log. access: addresses and, of the access services, everybody's. self: in a
 * user's token, what is his own; in an operator's, nothing. dns: what users asked of DNS, name by name; each look is in the
 * audit log. admin: tokens and keys.
 */
export const SCOPES = ["read", "steer", "apply", "node", "audit", "access", "self", "dns", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

export const ScopeType = Type.Unsafe<Scope>(Type.String({ enum: [...SCOPES] }));

/** Whether these scopes allow what needs `wanted`. */
export function allows(scopes: readonly Scope[], wanted: Scope): boolean {
  return scopes.includes(wanted) || scopes.includes("admin");
}

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}
