import { NEXTHOP_ID_BASE } from "./ownership.ts";

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
  const ids = new Map<string, number>();
  const taken = new Set<number>();
  for (const name of [...new Set(names)].sort()) {
    let slot = hash24(name);
    while (taken.has(slot)) slot = (slot + 1) & 0xffffff;
    taken.add(slot);
    ids.set(name, NEXTHOP_ID_BASE + slot);
  }
  return ids;
}
