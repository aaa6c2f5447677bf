import type { Change } from "../../core/kind.ts";
import type { RouteObject } from "./model.ts";

/** Fewer changes than this are not worth sorting. */
const WORTH_SORTING = 1_000;
/** More than this and a place does not fit beside an address's first 32 bits in a double. */
const SORTABLE = 2 ** 20;

const SLASH = 0x2f;
const COLON = 0x3a;

/**
 * The places of `changes` in the order in which to make them; undefined where that is the order given, or not worth it.
 * By ascending prefix the kernel's tree (ip6_fib.c) finds the last route's neighbourhood in the processor's caches,
 * which is a quarter of its time. Only routes that need no other route are moved, those through a nexthop object; the
 * others go first, in the order given, for a gateway may be reached by the route before it.
 */
export function prefixOrder(changes: readonly Change<RouteObject>[]): Uint32Array | undefined {
  if (changes.length < WORTH_SORTING || changes.length > SORTABLE) return undefined;
  const keys = new Float64Array(changes.length);
  for (let i = 0; i < changes.length; i++) {
    const change = changes[i];
    if (change === undefined) continue;
    const { prefix, nexthopId } = change.op === "delete" ? change.observed : change.desired;
    // Whole numbers below 2^53; the place makes each one different and keeps equals in order.
    keys[i] = (nexthopId === undefined ? 0 : 1 + firstBits(prefix)) * SORTABLE + i;
  }
  keys.sort();
  const order = new Uint32Array(keys.length);
  for (let i = 0; i < keys.length; i++) order[i] = (keys[i] ?? 0) % SORTABLE;
  return order;
}

/** The first 32 bits of a canonical prefix. Of nonsense, some number below 2^32. */
function firstBits(prefix: string): number {
  let first = 0;
  let group = 0;
  let groups = 0;
  for (let i = 0; i < prefix.length; i++) {
    const code = prefix.charCodeAt(i);
    if (code === SLASH) break;
    if (code === COLON) {
      if (++groups === 2) break;
      first = group;
      group = 0;
    } else group = ((group << 4) | (code <= 0x39 ? code & 0xf : (code & 0xf) + 9)) & 0xffff;
  }
  return first * 0x10000 + group;
}
