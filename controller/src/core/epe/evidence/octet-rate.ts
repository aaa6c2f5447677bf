import type { PeerFact } from "./view.ts";

/** Rates are counted over about so long. */
const WINDOW_MS = 60_000;

/** Readings of a counter of octets, oldest first. Times are of one clock that never jumps. */
export type OctetReadings = readonly { readonly atMs: number; readonly octets: number }[];

/** One reading more; undefined: there is no counter. One that fell was made anew: what was before says nothing. */
export function countOn(before: OctetReadings, atMs: number, octets: number | undefined): OctetReadings {
  if (octets === undefined) return [];
  const last = before.at(-1);
  // Several shards of one message carry the same count.
  if (last !== undefined && atMs - last.atMs < 1000) return before;
  const going = last === undefined || octets >= last.octets ? before : [];
  const firstNeeded = going.findLastIndex((one) => atMs - one.atMs >= WINDOW_MS);
  return [...going.slice(Math.max(0, firstNeeded)), { atMs, octets }];
}

/** Undefined until there are two readings. */
export function rateOf(readings: OctetReadings): PeerFact["load"] {
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
  const mbps = ((last.octets - first.octets) * 8) / 1000 / (last.atMs - first.atMs);
  return { mbps, fromMs: first.atMs, toMs: last.atMs };
}
