import { EGRESS_PORTS } from "../trace/flow-identity.ts";

/**
 * A number for each peer, from 0 to {@link EGRESS_PORTS}, by its name: so that its probes look the same to load balancers when
 * other peers come and go. Only names whose hashes meet may change places. Names beyond the numbers, and those that are
 * there twice, get none the second time.
 */
export function peerSlots(names: readonly string[]): ReadonlyMap<string, number> {
  const taken = new Set<number>();
  const slots = new Map<string, number>();
  for (const name of [...new Set(names)].sort()) {
    if (slots.size === EGRESS_PORTS) break;
    let slot = hashOf(name) % EGRESS_PORTS;
    while (taken.has(slot)) slot = (slot + 1) % EGRESS_PORTS;
    taken.add(slot);
    slots.set(name, slot);
  }
  return slots;
}

/** FNV-1a, 32 bit. */
function hashOf(text: string): number {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return (state ^ (state >>> 16)) >>> 0;
}
