import { containsPrefix, formatPrefix, overlaps, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import type { Strategy } from "./blocks.ts";

/** What the prefixes of a pool are for, and how long they are where nobody says. */
export const PURPOSES = {
  tunnel: { length: 60, what: "a network behind a user's tunnel" },
  srv6: { length: 60, what: "a network behind SRv6 access" },
  "vpn-address": { length: 128, what: "one device of the remote access VPN" },
  "vpn-prefix": { length: 64, what: "a network behind a device of the remote access VPN" },
  other: { length: 64, what: "what operators give out by hand" },
} as const;
export type Purpose = keyof typeof PURPOSES;

export function isPurpose(text: string): text is Purpose {
  return Object.hasOwn(PURPOSES, text);
}

/** `closed`: what is given out stays, nothing new is. */
export const POOL_STATES = ["open", "closed"] as const;
export type PoolState = (typeof POOL_STATES)[number];

/** How long what came back is not given to somebody else, where nobody says: two days, seconds. */
export const DEFAULT_QUARANTINE_S = 2 * 86_400;

export interface Pool {
  readonly name: string;
  readonly prefix: Prefix;
  readonly purpose: Purpose;
  /** Of the prefixes that it gives out. */
  readonly length: number;
  /** Null: serves every site. */
  readonly site: string | null;
  readonly strategy: Strategy;
  readonly quarantineS: number;
  readonly state: PoolState;
  readonly note: string;
}

/** A pool, or why there cannot be one: for people, whole sentences without an end. */
export type PoolVerdict =
  | { readonly ok: true; readonly pool: Pool }
  | { readonly ok: false; readonly reason: string };

export interface PoolWish {
  readonly name: string;
  readonly prefix: string;
  readonly purpose: Purpose;
  readonly length?: number;
  readonly site?: string;
  readonly strategy: Strategy;
  readonly quarantineS: number;
  readonly note: string;
}

/** Checks a pool that is wished for against those there are. */
export function judgePool(wish: PoolWish, others: readonly Pool[]): PoolVerdict {
  const prefix = parsePrefix(wish.prefix);
  const no = (reason: string): PoolVerdict => ({ ok: false, reason });
  if (prefix === undefined)
    return no(
      `${wish.prefix} is not an IPv6 prefix such as 2001:db8:100::/40, with no bit beyond its length`,
    );
  if (prefix.length < 16) return no(`${wish.prefix} is no network of anybody's: at least a /16 is wanted`);
  const length = wish.length ?? PURPOSES[wish.purpose].length;
  if (length < prefix.length) return no(`no /${length} lies inside of ${formatPrefix(prefix)}`);
  if (wish.purpose === "vpn-address" && length !== 128)
    return no("a pool of VPN addresses gives out /128s; one of networks has the purpose vpn-prefix");
  if (wish.purpose !== "vpn-address" && wish.purpose !== "other" && length > 64)
    return no(`a /${length} is no network: hosts make their addresses in a /64 (RFC 4291 section 2.5.1)`);
  const other = others.find((one) => overlaps(one.prefix, prefix));
  if (other !== undefined)
    return no(`${formatPrefix(prefix)} overlaps pool ${other.name} (${formatPrefix(other.prefix)})`);
  const { name, purpose, strategy, quarantineS, note } = wish;
  const site = wish.site ?? null;
  return {
    ok: true,
    pool: { name, prefix, purpose, length, site, strategy, quarantineS, state: "open", note },
  };
}

/** The pools that serve a purpose at a site, in the order they are asked: the site's own first, then those of every site. */
export function poolsFor(pools: readonly Pool[], purpose: Purpose, site: string | null): readonly Pool[] {
  const serving = pools.filter(
    (pool) => pool.purpose === purpose && pool.state === "open" && (pool.site === null || pool.site === site),
  );
  const own = serving.filter((pool) => pool.site !== null);
  const general = serving.filter((pool) => pool.site === null);
  return [...own, ...general];
}

/** The pool that a prefix lies in. */
export function poolHolding(pools: readonly Pool[], prefix: Prefix): Pool | undefined {
  return pools.find((pool) => containsPrefix(pool.prefix, prefix));
}
