import { formatPrefix } from "@vsix/shared/net/prefix.ts";
import type { Pool } from "./pools.ts";
import { PREFIX_STATES, type PrefixState } from "./prefixes.ts";

/** How many prefixes of one length are in one state. */
export interface PrefixCount {
  readonly state: PrefixState;
  readonly length: number;
  readonly count: number;
}

export interface Utilisation {
  /** Prefixes of the pool's own length that it has room for; exact up to 2^53. */
  readonly capacity: number;
  /** Prefixes by state, whatever their length. */
  readonly prefixes: Readonly<Record<PrefixState, number>>;
  /** How much of the pool is not free, 0 to 1. */
  readonly share: number;
}

export function utilisationOf(pool: Pool, counts: readonly PrefixCount[]): Utilisation {
  const prefixes: Record<PrefixState, number> = { reserved: 0, active: 0, quarantine: 0, revoked: 0 };
  let share = 0;
  for (const { state, length, count } of counts) {
    prefixes[state] += count;
    share += count * 2 ** (pool.prefix.length - length);
  }
  return { capacity: 2 ** (pool.length - pool.prefix.length), prefixes, share: Math.min(share, 1) };
}

/** How full a pool is, in words: `2001:db8::/56 is 100.0 % taken: 12 active, 4 in quarantine`. */
export function describeUtilisation(pool: Pool, { prefixes, share }: Utilisation): string {
  const words = { reserved: "reserved", active: "active", quarantine: "in quarantine", revoked: "revoked" };
  const taken = PREFIX_STATES.filter((state) => prefixes[state] > 0).map(
    (state) => `${prefixes[state]} ${words[state]}`,
  );
  const percent = `${(share * 100).toFixed(1)} %`;
  return `${formatPrefix(pool.prefix)} is ${percent} taken${taken.length === 0 ? "" : `: ${taken.join(", ")}`}`;
}

/** Why a pool has nothing to give, and what helps. `freesAt`: when the first prefix leaves quarantine, RFC 3339. */
export function describeExhaustion(
  pool: Pool,
  length: number,
  utilisation: Utilisation,
  freesAt: string | undefined,
): string {
  const fragmented = utilisation.share + 2 ** (pool.prefix.length - length) <= 1;
  const why = fragmented ? " in no piece large enough" : "";
  const wait = freesAt === undefined ? "" : `; the next one leaves quarantine at ${freesAt}`;
  return (
    `pool ${pool.name} has no free /${length}: ${describeUtilisation(pool, utilisation)}${why}${wait}. ` +
    `Add a pool (vsixctl pool create NAME --prefix PREFIX --purpose ${pool.purpose}` +
    `${pool.site === null ? "" : ` --site ${pool.site}`}) or release what is not used (vsixctl prefix list --pool ${pool.name})`
  );
}
