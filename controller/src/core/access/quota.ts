/** One limit that an application has to stay within, and how much of it is used without it. */
export interface Counted {
  /** For people: `user alice`. */
  readonly of: string;
  readonly used: number;
  /** Null: none. */
  readonly limit: number | null;
}

/** Why one more would be too many; undefined when it is not. */
export function quotaRefusal(service: string, counted: readonly Counted[]): string | undefined {
  const full = counted.find(({ used, limit }) => limit !== null && used >= limit);
  if (full === undefined) return undefined;
  return `${full.of} has ${full.used} of at most ${full.limit} for ${service}; revoke one, or ask an operator for more`;
}

/** What an operator set for one user or project goes before the policy of the service. */
export function limitOf(own: number | null | undefined, byPolicy: number | null): number | null {
  return own === undefined ? byPolicy : own;
}
