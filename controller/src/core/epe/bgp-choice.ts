import type { RouteFact } from "./evidence/view.ts";
import type { Headend } from "./policy.ts";

/** What every External Edge says of routes that cover one address; undefined: it has not told. */
export interface AddressRoutes {
  /** External Edges, and what each has told. */
  readonly vias: readonly string[];
  readonly told: readonly (readonly RouteFact[] | undefined)[];
}

/**
 * The peer by which BGP would lead a headend's traffic to one address: each External Edge takes the best route of its own peers, and
 * the headend the best of theirs: the longest prefix, for that is how packets are forwarded, then RFC 4271 section 9.1.2.2: path
 * length, origin, and the nearer exit. Undefined while some
 * External Edge that it can reach has not told its routes: theirs might be the better one.
 */
export function bgpChoice(
  { exitCosts }: Headend,
  { vias, told }: AddressRoutes,
  usable?: (peer: string) => boolean,
): RouteFact | undefined {
  let best: RouteFact | undefined;
  let [bestCost, bestVia] = [0, ""];
  // Where one says which route it uses, those that do not flag any use another's.
  let flagged = false;
  for (const routes of told) if (routes?.some(isBest) === true) flagged = true;
  for (let at = 0; at < vias.length; at++) {
    const via = vias[at] ?? "";
    const routes = told[at];
    const cost = exitCosts.get(via);
    if (cost === undefined) continue;
    if (routes === undefined) return undefined;
    let route: RouteFact | undefined;
    for (const other of routes) {
      if (other.filtered || (flagged && !other.best) || usable?.(other.peer) === false) continue;
      if (route === undefined || before(other, route)) route = other;
    }
    if (route === undefined) continue;
    if (best !== undefined) {
      const order = compareAcross(route, best) || cost - bestCost;
      if (order !== 0 ? order > 0 : via >= bestVia) continue;
    }
    [best, bestCost, bestVia] = [route, cost, via];
  }
  return best;
}

function isBest({ best }: RouteFact): boolean {
  return best;
}

function before(a: RouteFact, b: RouteFact): boolean {
  const order = narrower(b, a) || a.length - b.length || a.origin - b.origin || a.med - b.med;
  return order !== 0 ? order < 0 : a.peer < b.peer;
}

/** Of routes of two External Edges, whose MEDs nobody compares. */
function compareAcross(a: RouteFact, b: RouteFact): number {
  return narrower(b, a) || a.length - b.length || a.origin - b.origin;
}

/** By how much the prefix of one is longer. */
function narrower(a: RouteFact, b: RouteFact): number {
  return a.prefix === b.prefix ? 0 : specific(a) - specific(b);
}

/** Prefix length. */
function specific({ prefix }: RouteFact): number {
  return Number(prefix.slice(prefix.lastIndexOf("/") + 1));
}
