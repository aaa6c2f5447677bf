import { type FigureTable, STRAY_CYCLES } from "./figures.ts";

/** What is wrong with a destination as a witness, whoever would use it. */
export interface DestinationState {
  /** Nothing is decided by it. */
  readonly rule: "silent" | "inconsistent" | undefined;
  /** By policy position, or empty for none: answers that came from another host than by most peers. */
  readonly odd: readonly boolean[];
}

/** Cycles in which answers came that prove nothing, of the newest STRAY_CYCLES. */
const STRAY_SHARE = 0.3;
/** Equal-cost ways back differ by this much. */
const HOPS_APART = 2;
/** Less than this part of the probes answered, over all peers: it answers nobody. */
const ANSWERED_SHARE = 0.1;

const NOBODY: readonly boolean[] = [];
const SOUND: DestinationState = { rule: undefined, odd: NOBODY };

/**
 * @param kept cycles that are kept at all
 * @param first place of the first peer in the table; so many others follow that there are `count`
 */
export function destinationState(
  kept: number,
  table: FigureTable,
  first: number,
  count: number,
): DestinationState {
  let [sent, lost, strayIn] = [0, 0, 0];
  let alike = true;
  const hopLimit = table.hopLimit[first];
  for (let at = first; at < first + count; at++) {
    sent += table.sent[at] ?? 0;
    lost += table.lost[at] ?? 0;
    strayIn |= table.strayIn[at] ?? 0;
    if (table.hopLimit[at] !== hopLimit) alike = false;
  }
  const cycles = Math.min(kept, STRAY_CYCLES);
  // Mostly all are alike, and nothing has to be sorted.
  const odd = alike ? NOBODY : oddOnes(table.hopLimit.subarray(first, first + count));
  let strays = 0;
  for (; strayIn !== 0; strayIn &= strayIn - 1) strays++;
  if (sent > 0 && sent - lost < sent * ANSWERED_SHARE) return { rule: "silent", odd: odd ?? [] };
  if (odd === undefined || (cycles >= 3 && strays > cycles * STRAY_SHARE))
    return { rule: "inconsistent", odd: [] };
  return odd === NOBODY ? SOUND : { rule: undefined, odd };
}

/**
 * Whatever peer a probe left by, its answer comes back as our prefixes are announced: by one way, so over as many routers. Where
 * one peer's answers come over others, another host gave them: a cache, a proxy, another site of the same address. Of
 * two that differ nobody knows which one lies: undefined.
 */
function oddOnes(hopLimits: Uint8Array): readonly boolean[] | undefined {
  const hops = Array.from(hopLimits, hopsBack);
  const known = hops.filter((one) => one !== undefined).sort((a, b) => a - b);
  const middle = known[known.length >> 1];
  if (middle === undefined) return NOBODY;
  const odd = hops.map((one) => one !== undefined && Math.abs(one - middle) > HOPS_APART);
  const agree = known.length - odd.filter(Boolean).length;
  return agree * 2 > known.length ? odd : undefined;
}

/** Routers between the answering host and us, by the hop limits that systems begin with: 64, 128, 255. */
function hopsBack(hopLimit: number): number | undefined {
  if (hopLimit === 0) return undefined;
  return (hopLimit <= 64 ? 64 : hopLimit <= 128 ? 128 : 255) - hopLimit;
}
