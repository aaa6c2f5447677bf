import type { RouteFact } from "./evidence/view.ts";
import type { Headend } from "./policy.ts";

/** What every External Edge says of routes that cover one address; undefined: it has not told. */
export interface AddressRoutes {
  readonly byVia: ReadonlyMap<string, readonly RouteFact[] | undefined>;
}

/**
 * The peer by which BGP would lead a headend's traffic to one address: each External Edge takes the best route of its own peers, and
 * the headend the best of theirs: the longest prefix, for that is how packets are forwarded, then RFC 4271 section 9.1.2.2: path
 * length, origin, and the nearer exit. Undefined while some
 * External Edge that it can reach has not told its routes: theirs might be the better one.
 */
export function bgpChoice(
  { exitCosts }: Headend,
  { byVia }: AddressRoutes,
  usable: (peer: string) => boolean,
): RouteFact | undefined {
  let best: { readonly route: RouteFact; readonly cost: number; readonly via: string } | undefined;
  // Where one says which route it uses, those that do not flag any use another's.
  const flagged = [...byVia.values()].some((routes) => routes?.some((route) => route.best) ?? false);
  for (const [via, routes] of byVia) {
    const cost = exitCosts.get(via);
    if (cost === undefined) continue;
    if (routes === undefined) return undefined;
    const own = routes.filter((route) => !route.filtered && usable(route.peer) && (!flagged || route.best));
    const route = own.reduce<RouteFact | undefined>(
      (one, other) => (one === undefined || before(other, one) ? other : one),
      undefined,
    );
    if (route === undefined) continue;
    const one = { route, cost, via };
    if (best === undefined || nearer(one, best)) best = one;
  }
  return best?.route;
}

function before(a: RouteFact, b: RouteFact): boolean {
  const order = specific(b) - specific(a) || a.length - b.length || a.origin - b.origin || a.med - b.med;
  return order !== 0 ? order < 0 : a.peer < b.peer;
}

function nearer(
  a: { readonly route: RouteFact; readonly cost: number; readonly via: string },
  b: { readonly route: RouteFact; readonly cost: number; readonly via: string },
): boolean {
  const order =
    specific(b.route) - specific(a.route) ||
    a.route.length - b.route.length ||
    a.route.origin - b.route.origin ||
    a.cost - b.cost;
  return order !== 0 ? order < 0 : a.via < b.via;
}

/** Prefix length. */
function specific({ prefix }: RouteFact): number {
  return Number(prefix.slice(prefix.lastIndexOf("/") + 1));
}
