import { ACCESS_MARK, ACCESS_NEXTHOP_BASE, NEXTHOP_ID_BASE, TABLE_CLASSES } from "./ownership.ts";

/** FNV-1a, 32 bit, folded to 24: small, stable, no state to remember between restarts. */
function hash24(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return (hash >>> 24) ^ (hash & 0xffffff);
}

/**
 * An id for each named nexthop object, the same after every restart. Names that collide are moved on to the next free
 * id in the order of their names, so the result depends only on the set.
 */
export function nexthopIds(names: Iterable<string>): ReadonlyMap<string, number> {
  return slots(names, NEXTHOP_ID_BASE, 0xffffff);
}

/** A nexthop object and a mark for each user by SRv6, in the same way: neither is remembered anywhere. */
export function accessNumbers(
  ids: Iterable<string>,
): ReadonlyMap<string, { readonly nexthopId: number; readonly mark: number }> {
  return new Map(
    [...slots(ids, 0, 0xffffff)].map(([id, slot]) => [
      id,
      { nexthopId: ACCESS_NEXTHOP_BASE + slot, mark: ACCESS_MARK + slot },
    ]),
  );
}

/** A routing table for each class of part `epe`, by name, in the same way. */
export function classTables(names: Iterable<string>): ReadonlyMap<string, number> {
  return slots(names, TABLE_CLASSES, 0xffff);
}

function slots(names: Iterable<string>, base: number, mask: number): ReadonlyMap<string, number> {
  const ids = new Map<string, number>();
  const taken = new Set<number>();
  for (const name of [...new Set(names)].sort()) {
    let slot = hash24(name) & mask;
    while (taken.has(slot)) slot = (slot + 1) & mask;
    taken.add(slot);
    ids.set(name, base + slot);
  }
  return ids;
}
