import type { Vantage } from "./context.ts";
import { msOf, NO_TIME } from "./evidence/time-code.ts";
import type { FigureTable } from "./figures.ts";
import type { CoveringRoutes } from "./routes.ts";

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
 * @param first place of the first peer in the table
 * @returns its position; undefined: none
 */
export function tooNear(
  table: Pick<FigureTable, "rttMs" | "answered" | "base">,
  first: number,
  routes: CoveringRoutes["byPeer"],
  vantage: Pick<Vantage, "view" | "order">,
): number | undefined {
  const { rttMs, answered } = table;
  const count = routes.length;
  let at = -1;
  let nearest = Number.POSITIVE_INFINITY;
  let next = Number.POSITIVE_INFINITY;
  let others = -1;
  for (let peer = 0; peer < count; peer++) {
    if (answered[first + peer] === 0) continue;
    const ms = rttMs[first + peer] ?? 0;
    others++;
    if (ms < nearest) {
      next = nearest;
      nearest = ms;
      at = peer;
    } else if (ms < next) next = ms;
  }
  if (at < 0 || others < LEAST_OTHERS || !isFar(next, nearest)) return undefined;
  const length = routes[at]?.length;
  let shortest = length !== undefined;
  for (let peer = 0; peer < count; peer++) {
    if (peer === at) continue;
    if (length === undefined || (routes[peer]?.length ?? Number.POSITIVE_INFINITY) <= length)
      shortest = false;
    if (answered[first + peer] === 0) continue;
    if (!isFar(leastMs(table.base[first + peer] ?? 0, vantage), nearest)) return undefined;
  }
  return shortest ? undefined : at;
}

function isFar(ms: number, nearestMs: number): boolean {
  return ms >= TIMES * nearestMs && ms >= nearestMs + APART_MS;
}

/** The least median of all cycles that are kept. */
function leastMs(base: number, { view: { rtts }, order }: Pick<Vantage, "view" | "order">): number {
  let least = Number.POSITIVE_INFINITY;
  for (const slot of order.slots) {
    const ms = msOf(rtts[base + slot] ?? NO_TIME);
    if (ms < least) least = ms;
  }
  return least;
}
