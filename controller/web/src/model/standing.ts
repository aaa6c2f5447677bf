/** What an application is to its user, of all that the controller says of it. Pure. */
export type Standing =
  /** Somebody has to decide. */
  | { readonly kind: "asked" }
  /** The user has to say something first. */
  | { readonly kind: "lacks"; readonly what: "endpoint" | "public key" }
  /** Suspended, or its user or project is; `reason` as people wrote it. */
  | { readonly kind: "held"; readonly reason: string }
  /** Suspended by its user, or by one of his project. */
  | { readonly kind: "paused" }
  | { readonly kind: "over"; readonly how: "refused" | "revoked"; readonly reason: string }
  /** No router is to serve it. */
  | { readonly kind: "waiting"; readonly reason: string }
  | { readonly kind: "applying"; readonly applied: number; readonly routers: number }
  /** Every router that is to serve it has said that it does. */
  | { readonly kind: "applied"; readonly routers: number; readonly since: string }
  | { readonly kind: "failed"; readonly router: string; readonly reason: string }
  /** Given back, and a router has it still. */
  | { readonly kind: "ending"; readonly routers: number };

export interface Told {
  readonly state: string;
  readonly reason: string;
  readonly suspendedBy: "user" | "operator" | null;
  readonly held: string | null;
  readonly lacks: string | null;
  readonly waiting: string | null;
  readonly routers: readonly {
    readonly router: string;
    readonly state: string;
    readonly since: string;
    readonly reason: string;
  }[];
}

export function standingOf({ state, reason, suspendedBy, held, lacks, waiting, routers }: Told): Standing {
  const ending = routers.filter((one) => one.state === "ending").length;
  if (ending > 0) return { kind: "ending", routers: ending };
  if (state === "refused" || state === "revoked") return { kind: "over", how: state, reason };
  if (state === "suspended" && suspendedBy === "user") return { kind: "paused" };
  if (state === "suspended") return { kind: "held", reason };
  if (held !== null) return { kind: "held", reason: held };
  if (state === "applied") return { kind: "asked" };
  if (lacks === "endpoint" || lacks === "public key") return { kind: "lacks", what: lacks };
  const failed = routers.find((one) => one.state === "failed");
  if (failed !== undefined) return { kind: "failed", router: failed.router, reason: failed.reason };
  if (routers.length === 0) return { kind: "waiting", reason: waiting ?? "" };
  const applied = routers.filter((one) => one.state === "served");
  if (applied.length < routers.length)
    return { kind: "applying", applied: applied.length, routers: routers.length };
  const since = applied.map((one) => one.since).reduce((a, b) => (Date.parse(a) > Date.parse(b) ? a : b));
  return { kind: "applied", routers: routers.length, since };
}
