import { containsPrefix, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";

/**
 * Leading an Edge's outside routes to another plane by its nexthop objects while BGP is still telling each route anew. A
 * redirect only hurries what BGP is about to do: it needs proof that the new neighbour can carry, and ends by itself.
 */

/** ::/0: who tells it takes whatever is not ours. */
export const DEFAULT_ROUTE = "::/0";

/** One backbone neighbour of an Edge, as seen now. */
export interface BackboneFacts {
  readonly name: string;
  readonly address: string;
  readonly plane: string;
  /** Its link is up, with carrier, and it answers echoes. */
  readonly usable: boolean;
  readonly established: boolean;
  /** Prefixes accepted from it. */
  readonly accepted: number;
  /** The engine holds ::/0 from it, told in the present session. */
  readonly tellsDefault: boolean;
}

export interface Redirect {
  readonly plane: string;
  /** Address of the neighbour to which the outside routes of all other planes' neighbours are led. */
  readonly to: string;
  /** Monotonic. */
  readonly sinceMs: number;
}

export type Beginning =
  | { readonly ok: true; readonly redirect: Redirect }
  | { readonly ok: false; readonly reason: string };

/** However long BGP takes: then its own word counts. */
export const LONGEST_MS = 30_000;
/** So long without a word from the feed, and BGP has said all. */
export const QUIET_MS = 1_000;
/** A part of the routes, in per cent, that only the old plane tells need not keep a redirect alive. */
const FEW_PERCENT = 1;
/** The new table may be smaller than the old one by this part, and by what one plane's own routers tell (/128, locators). */
const SIZE_PERCENT = 90;
const SIZE_SLACK = 32;

/** Whether routes may be led to a neighbour of the wanted plane now; to the one that tells most. */
export function beginRedirect(
  wanted: string,
  neighbours: readonly BackboneFacts[],
  nowMs: number,
): Beginning {
  const others = neighbours.filter(({ plane }) => plane !== wanted);
  const there = neighbours
    .filter(({ plane }) => plane === wanted)
    .toSorted((a, b) => b.accepted - a.accepted || (a.address < b.address ? -1 : 1));
  if (others.length === 0) return { ok: false, reason: `there is no other plane than ${wanted}` };
  if (there.length === 0) return { ok: false, reason: `no neighbour is of plane ${wanted}` };
  const largest = Math.max(...others.map(({ established, accepted }) => (established ? accepted : 0)));
  let reason = "";
  for (const one of there) {
    const unfit = unfitness(one);
    if (unfit !== undefined) reason = unfit;
    else if (one.accepted < (largest * SIZE_PERCENT) / 100 - SIZE_SLACK)
      reason = `${one.name} tells ${one.accepted} prefixes, the other plane ${largest}`;
    else return { ok: true, redirect: { plane: wanted, to: one.address, sinceMs: nowMs } };
  }
  return { ok: false, reason };
}

export interface RedirectState {
  readonly wanted: string | undefined;
  readonly neighbours: readonly BackboneFacts[];
  /** Since the feed last said anything. */
  readonly quietMs: number;
  /** Asked only when it is quiet: outside routes in all, and those that would go back. */
  readonly count: () => { readonly all: number; readonly remaining: number };
}

/** Why a redirect must not go on; undefined while it may. */
export function endOfRedirect(redirect: Redirect, state: RedirectState, nowMs: number): string | undefined {
  if (state.wanted !== redirect.plane) return `${redirect.plane} is no longer wanted`;
  const target = state.neighbours.find(({ address }) => address === redirect.to);
  if (target === undefined || target.plane !== redirect.plane)
    return `${redirect.to} is no neighbour of ${redirect.plane} any more`;
  const unfit = unfitness(target);
  if (unfit !== undefined) return unfit;
  const ageMs = nowMs - redirect.sinceMs;
  if (ageMs >= LONGEST_MS) return `BGP has not followed in ${LONGEST_MS / 1000} s`;
  if (Math.min(ageMs, state.quietMs) < QUIET_MS) return undefined;
  const { all, remaining } = state.count();
  return remaining * 100 <= all * FEW_PERCENT
    ? `BGP has followed; ${remaining} routes stay with it`
    : undefined;
}

function unfitness(one: BackboneFacts): string | undefined {
  if (!one.usable) return `the link to ${one.name} is not usable`;
  if (!one.established) return `the session to ${one.name} is not established`;
  if (!one.tellsDefault) return `${one.name} is not known to tell ${DEFAULT_ROUTE}`;
  return undefined;
}

/** Whether a prefix lies within our own address space: such routes follow BGP, one by one. */
export function insideOf(own: readonly string[]): (prefix: string) => boolean {
  const outer = own.map((text) => parsePrefix(text)).filter((one): one is Prefix => one !== undefined);
  // Nearly all of a full table differs in the first 16 bits, which RFC 5952 text shows without parsing it.
  const firsts = outer.every(({ length }) => length >= 16)
    ? new Set(outer.map(({ address }) => (((address[0] ?? 0) << 8) | (address[1] ?? 0)).toString(16)))
    : undefined;
  return (text) => {
    if (firsts?.has(text.slice(0, text.indexOf(":"))) === false) return false;
    const prefix = parsePrefix(text);
    return prefix !== undefined && outer.some((one) => containsPrefix(one, prefix));
  };
}
