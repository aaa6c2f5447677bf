/** Hops that packets went through again and again. */
export interface Loop {
  /** First hop of the loop, from 1. */
  readonly fromHop: number;
  /** Routers in it. */
  readonly length: number;
}

/** So many times a cycle must be seen whole: an address that answers for two neighbouring hops is none. */
const TIMES = 2;

/**
 * The loop at the end of a path: the same two or more addresses in the same order, at least twice. Hops that say nothing
 * fit any address; one address alone, hop after hop, is no loop but a router that answers for others.
 * @param addresses of hop 1 on; undefined where nobody answered.
 */
export function findLoop(addresses: readonly (string | undefined)[]): Loop | undefined {
  let end = addresses.length;
  while (end > 0 && addresses[end - 1] === undefined) end--;
  for (let length = 2; length * TIMES <= end; length++) {
    let from = end;
    while (from > 0 && fits(addresses, from - 1, length, end)) from--;
    while (addresses[from] === undefined && from < end) from++;
    const cycle = addresses.slice(end - length, end);
    const known = new Set(cycle.filter((address) => address !== undefined));
    if (end - from >= length * TIMES && known.size === cycle.length) return { fromHop: from + 1, length };
  }
  return undefined;
}

/** Whether the hop at `at` is the one that is a cycle later. */
function fits(addresses: readonly (string | undefined)[], at: number, length: number, end: number): boolean {
  if (at >= end - length) return true;
  const here = addresses[at];
  if (here === undefined) return true;
  const later = addresses.slice(at + length, end).filter((_, i) => i % length === 0);
  return later.every((address) => address === undefined || address === here);
}
