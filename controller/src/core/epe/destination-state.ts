import { type CycleView, FLAG } from "./evidence/view.ts";
import type { CycleOrder, Figures } from "./figures.ts";

/** What is wrong with a destination as a witness, whoever would use it. */
export interface DestinationState {
  /** Nothing is decided by it. */
  readonly rule: "silent" | "inconsistent" | undefined;
  /** By policy position: answers that came from another host than by most peers. */
  readonly odd: readonly boolean[];
}

/** Cycles in which answers came that prove nothing, of the newest so many. */
const STRAY_SHARE = 0.3;
const STRAY_CYCLES = 10;
/** Equal-cost ways back differ by this much. */
const HOPS_APART = 2;
/** Less than this part of the probes answered, over all peers: it answers nobody. */
const ANSWERED_SHARE = 0.1;

/** @param columns by policy position, the view's column */
export function destinationState(
  view: CycleView,
  { slots }: CycleOrder,
  figures: readonly (Figures | undefined)[],
): DestinationState {
  const hops: (number | undefined)[] = [];
  let sent = 0;
  let lost = 0;
  /** A bit for each of the newest cycles in which anybody's answers had strays among them. */
  let strayIn = 0;
  const cycles = Math.min(slots.length, STRAY_CYCLES);
  const { flags } = view;
  // Peer by peer, as the lists are laid out.
  for (const one of figures) {
    hops.push(one === undefined ? undefined : hopsBack(view, slots, one.base));
    if (one === undefined) continue;
    sent += one.sent;
    lost += one.lost;
    for (let at = 0; at < cycles; at++)
      if (((flags[one.base + (slots[at] ?? 0)] ?? 0) & FLAG.stray) !== 0) strayIn |= 1 << at;
  }
  const odd = oddOnes(hops);
  let strays = 0;
  for (; strayIn !== 0; strayIn &= strayIn - 1) strays++;
  if (sent > 0 && sent - lost < sent * ANSWERED_SHARE) return { rule: "silent", odd: odd ?? [] };
  if (odd === undefined || (cycles >= 3 && strays > cycles * STRAY_SHARE))
    return { rule: "inconsistent", odd: [] };
  return { rule: undefined, odd };
}

/** Routers between the answering host and us, by the hop limits that systems begin with: 64, 128, 255. */
function hopsBack({ hopLimits }: CycleView, slots: Int32Array, base: number): number | undefined {
  for (let at = 0; at < slots.length; at++) {
    const limit = hopLimits[base + (slots[at] ?? 0)] ?? 0;
    if (limit > 0) return (limit <= 64 ? 64 : limit <= 128 ? 128 : 255) - limit;
  }
  return undefined;
}

/**
 * Whatever peer a probe left by, its answer comes back as our prefixes are announced: by one way, so over as many routers. Where
 * one peer's answers come over others, another host gave them: a cache, a proxy, another site of the same address. Of
 * two that differ nobody knows which one lies: undefined.
 */
function oddOnes(hops: readonly (number | undefined)[]): readonly boolean[] | undefined {
  // Mostly all are alike, and nothing has to be sorted.
  const first = hops[0];
  if (first !== undefined && hops.every((one) => one === first)) return hops.map(() => false);
  const known = hops.filter((one) => one !== undefined).sort((a, b) => a - b);
  const middle = known[known.length >> 1];
  if (middle === undefined) return hops.map(() => false);
  const odd = hops.map((one) => one !== undefined && Math.abs(one - middle) > HOPS_APART);
  const agree = known.length - odd.filter(Boolean).length;
  return agree * 2 > known.length ? odd : undefined;
}
