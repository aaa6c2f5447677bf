import type { Vantage } from "./context.ts";
import { msOf, NO_TIME } from "./evidence/time-code.ts";
import type { Figures } from "./figures.ts";

/** One peer, as far as its answers being too soon is concerned. */
export interface Nearness {
  readonly figures: Pick<Figures, "rttMs" | "base">;
  /** AS numbers in its route; undefined where it announces none. */
  readonly length: number | undefined;
}

/** By all other peers the round trip is so many times as long, and so many milliseconds longer. */
const TIMES = 4;
const APART_MS = 10;
/** Of two that differ nobody knows which one is right. */
const LEAST_OTHERS = 2;

/**
 * The peer by which answers come back too soon to be the host's. They come back by one way whatever peer the probe left by, so the way
 * back is no longer than the shortest round trip; all that is more by another peer is that peer's way there. Where by one peer
 * alone a host seems next door, and by every other the way there is several times as long as the way back, something next door that
 * answers in its place (a cache, a proxy, a middlebox) is likelier than that all others go round the world: its answers say
 * nothing of what users meet. Two things speak for it: that it alone announces fewer AS than any other, and that by another
 * peer the host was near too, in any cycle that is kept.
 * @returns its position; undefined: none
 */
export function tooNear(
  peers: readonly Nearness[],
  vantage: Pick<Vantage, "view" | "times"> | undefined,
): number | undefined {
  let at: number | undefined;
  let [nearest, next, others] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, -1];
  for (let peer = 0; peer < peers.length; peer++) {
    const ms = peers[peer]?.figures.rttMs;
    if (ms === undefined) continue;
    others++;
    if (ms < nearest) [at, nearest, next] = [peer, ms, nearest];
    else if (ms < next) next = ms;
  }
  if (at === undefined || others < LEAST_OTHERS || !isFar(next, nearest)) return undefined;
  const { length } = peers[at] ?? {};
  let shortest = length !== undefined;
  for (let peer = 0; peer < peers.length; peer++) {
    const one = peers[peer];
    if (peer === at || one === undefined) continue;
    if (length === undefined || (one.length ?? Number.POSITIVE_INFINITY) <= length) shortest = false;
    if (one.figures.rttMs !== undefined && !isFar(leastMs(one, vantage), nearest)) return undefined;
  }
  return shortest ? undefined : at;
}

function isFar(ms: number, nearestMs: number): boolean {
  return ms >= TIMES * nearestMs && ms >= nearestMs + APART_MS;
}

/** The least median of all cycles that are kept. */
function leastMs({ figures: { base } }: Nearness, vantage: Parameters<typeof tooNear>[1]): number {
  let least = Number.POSITIVE_INFINITY;
  if (vantage === undefined) return least;
  const { rtts } = vantage.view;
  for (const { slot } of vantage.times) {
    const ms = msOf(rtts[base + slot] ?? NO_TIME);
    if (ms < least) least = ms;
  }
  return least;
}
