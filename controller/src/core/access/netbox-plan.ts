import { containsPrefix, overlaps, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { keyOf, type NetboxPrefix, type NetboxWish } from "./netbox-forms.ts";

/** Note of what was reserved here because somebody has it in NetBox. */
export const FROM_NETBOX = "from NetBox";

/** What makes both sides say the same. A value: it can be shown instead of being done. */
export interface NetboxPlan {
  /** To be made in NetBox. */
  readonly create: readonly NetboxWish[];
  /** Ours in NetBox that say something else. */
  readonly update: readonly {
    readonly id: number;
    readonly wish: NetboxWish;
    readonly fields: readonly string[];
  }[];
  /** Ours in NetBox that are free here. */
  readonly remove: readonly { readonly id: number; readonly prefix: string }[];
  /** Made by people in NetBox within our pools, free here: to be reserved here, so that nobody is given them. */
  readonly adopt: readonly { readonly prefix: string; readonly pool: string; readonly description: string }[];
  /** Adopted once, and gone from NetBox: to be freed here. */
  readonly release: readonly string[];
  /** Both sides gave out the same addresses: for people to sort out. Neither side is changed. */
  readonly conflicts: readonly { readonly prefix: string; readonly reason: string }[];
}

/** A prefix here: what NetBox should say of it, and whether it is there for NetBox's sake only. */
export interface OwnSide {
  readonly wish: NetboxWish;
  readonly adopted: boolean;
}

/** Which slugs NetBox knows: an unknown one is left out, and not compared. */
export interface NetboxSlugs {
  readonly sites: ReadonlySet<string>;
  readonly tenants: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
}

/**
 * Compares. Here is decided what is given out of pools, so ours goes before in NetBox; what people enter there within a
 * pool is respected as long as it is there. What they made (no tag of ours) is never changed.
 */
export function planSync(
  pools: readonly { readonly name: string; readonly prefix: Prefix }[],
  own: readonly OwnSide[],
  theirs: readonly NetboxPrefix[],
  slugs: NetboxSlugs,
): NetboxPlan {
  const there = new Map<string, NetboxPrefix>();
  for (const one of theirs) {
    const key = keyOf(one.prefix);
    // Of two of one prefix, ours is the one to keep in line.
    if (!there.has(key) || one.ours) there.set(key, one);
  }
  const here = new Map(own.map((side) => [side.wish.prefix, side]));
  const create: NetboxWish[] = [];
  const update: { id: number; wish: NetboxWish; fields: readonly string[] }[] = [];
  const release: string[] = [];
  const conflicts: { prefix: string; reason: string }[] = [];
  for (const { wish: wanted, adopted } of own) {
    const wish = knownOnly(wanted, slugs);
    const found = there.get(wish.prefix);
    if (adopted) {
      if (found === undefined) release.push(wish.prefix);
    } else if (found === undefined) create.push(wish);
    else if (found.ours && found.id !== undefined) {
      const fields = differing(wish, found);
      if (fields.length > 0) update.push({ id: found.id, wish, fields });
    } else if (wish.status !== "container" && found.status !== wish.status)
      conflicts.push({
        prefix: wish.prefix,
        reason: `is ${wish.status} here and ${found.status} in NetBox, where somebody else entered it`,
      });
  }
  const remove: { id: number; prefix: string }[] = [];
  const adopt: { prefix: string; pool: string; description: string }[] = [];
  const taken = own
    .filter(({ wish }) => wish.status !== "container")
    .flatMap(({ wish }) => parsePrefix(wish.prefix) ?? []);
  const sorted = new OverlapFinder(taken);
  for (const [key, one] of there) {
    if (here.has(key)) continue;
    const pool = pools.find(({ prefix }) => containsPrefix(prefix, one.prefix));
    if (one.ours) {
      if (one.id !== undefined) remove.push({ id: one.id, prefix: key });
      continue;
    }
    // A container is a frame and takes no addresses; what is outside of pools is none of ours.
    if (pool === undefined || one.status === "container") continue;
    const inTheWay = sorted.find(one.prefix);
    if (inTheWay === undefined) adopt.push({ prefix: key, pool: pool.name, description: one.description });
    else
      conflicts.push({
        prefix: key,
        reason: `was entered in NetBox, and ${keyOf(inTheWay)} was given out here`,
      });
  }
  return { create, update, remove, adopt, release, conflicts };
}

export function isInLine({ create, update, remove, adopt, release }: NetboxPlan): boolean {
  return [create, update, remove, adopt, release].every((list) => list.length === 0);
}

function knownOnly(wish: NetboxWish, { sites, tenants, roles }: NetboxSlugs): NetboxWish {
  const known = (slug: string | null, set: ReadonlySet<string>) =>
    slug !== null && set.has(slug) ? slug : null;
  return {
    ...wish,
    site: known(wish.site, sites),
    tenant: known(wish.tenant, tenants),
    role: known(wish.role, roles),
  };
}

/** Sites, tenants and roles that people set are left alone where we have nothing to say. */
function differing(wish: NetboxWish, found: NetboxPrefix): readonly string[] {
  const fields: string[] = [];
  if (wish.status !== found.status) fields.push("status");
  if (wish.description !== found.description) fields.push("description");
  for (const field of ["site", "tenant", "role"] as const)
    if (wish[field] !== null && wish[field] !== found[field]) fields.push(field);
  return fields;
}

/** Finds what overlaps a prefix among prefixes that do not overlap each other. */
class OverlapFinder {
  readonly #byKey = new Map<string, Prefix>();
  readonly #sorted: readonly Prefix[];

  constructor(prefixes: readonly Prefix[]) {
    this.#sorted = [...prefixes].sort((a, b) => compare(a, b));
    for (const prefix of prefixes) this.#byKey.set(keyOf(prefix), prefix);
  }

  find(wanted: Prefix): Prefix | undefined {
    const exact = this.#byKey.get(keyOf(wanted));
    if (exact !== undefined) return exact;
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = this.#sorted[middle];
      if (at !== undefined && compare(at, wanted) <= 0) low = middle + 1;
      else high = middle;
    }
    // What holds it begins before it, what it holds begins at or after it.
    return [this.#sorted[low - 1], this.#sorted[low]].find(
      (near): near is Prefix => near !== undefined && overlaps(near, wanted),
    );
  }
}

function compare(a: Prefix, b: Prefix): number {
  for (let at = 0; at < 16; at++) {
    const difference = (a.address[at] ?? 0) - (b.address[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
