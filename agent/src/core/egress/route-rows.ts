import type { EgressRoutes } from "@vsix/shared/contract/up-egress.ts";
import { MAX_EGRESS_ROWS } from "@vsix/shared/contract/up-egress.ts";
import { type AddressBytes, parseAddress } from "@vsix/shared/net/address.ts";
import { parsePrefix, prefixOf } from "@vsix/shared/net/prefix.ts";

export type RouteRow = EgressRoutes["rows"][number];
type RowRoute = RouteRow["routes"][number];

/** A route as a neighbour told it, before our policy (Adj-RIB-In). */
export interface ToldRoute {
  readonly prefix: string;
  /** Nearest first; of sets and confederations nothing. */
  readonly asPath: readonly number[];
  readonly origin: "igp" | "egp" | "incomplete";
  readonly med?: number;
  readonly nextHop: string;
  /** RFC 1997 and RFC 8092, as text. */
  readonly communities: readonly string[];
  /** Our import policy refuses it. */
  readonly filtered: boolean;
}

/** Of a route: what more than this stands in it is left out. The contract's own limits. */
const MAX_AS_PATH = 256;
const MAX_COMMUNITIES = 64;

/** One peer and what it tells. */
export interface ToldByPeer {
  /** Of its session. */
  readonly address: string;
  readonly routes: readonly ToldRoute[];
}

/**
 * For each address that somebody announces, the most specific route of each peer, by the peers' positions.
 *
 * @param choices prefix to the address of the peer whose path this node uses for it
 */
export function routeRows(
  addresses: readonly string[],
  peers: readonly ToldByPeer[],
  choices: ReadonlyMap<string, string> = new Map(),
): RouteRow[] {
  const tables = peers.map(({ routes }) => tableOf(routes));
  return addresses.flatMap((address): RouteRow[] => {
    const bytes = parseAddress(address);
    if (bytes === undefined) return [];
    const routes = tables.flatMap((table, peer): RowRoute[] => {
      const route = longest(table, bytes);
      if (route === undefined) return [];
      const best = choices.get(route.prefix) === peers[peer]?.address;
      return [{ peer, ...rowRoute(route), ...(best ? { best } : {}) }];
    });
    return routes.length === 0 ? [] : [{ address, routes }];
  });
}

/** At most {@link MAX_EGRESS_ROWS} in each; one empty shard where there are none. */
export function shardRows<Row>(rows: readonly Row[]): (readonly Row[])[] {
  const shards: (readonly Row[])[] = [];
  for (let at = 0; at < rows.length; at += MAX_EGRESS_ROWS) shards.push(rows.slice(at, at + MAX_EGRESS_ROWS));
  return shards.length === 0 ? [[]] : shards;
}

/** Prefix length, from long to short, and the routes of that length by their networks. */
type Table = readonly (readonly [number, ReadonlyMap<string, ToldRoute>])[];

function tableOf(told: readonly ToldRoute[]): Table {
  const lengths = new Map<number, Map<string, ToldRoute>>();
  for (const route of told) {
    const prefix = parsePrefix(route.prefix);
    if (prefix === undefined) continue;
    const routes = lengths.get(prefix.length) ?? new Map<string, ToldRoute>();
    lengths.set(prefix.length, routes.set(keyOf(prefix.address), route));
  }
  return [...lengths].sort(([a], [b]) => b - a);
}

function longest(table: Table, address: AddressBytes): ToldRoute | undefined {
  for (const [length, routes] of table) {
    const route = routes.get(keyOf(prefixOf(address, length).address));
    if (route !== undefined) return route;
  }
  return undefined;
}

function keyOf(address: AddressBytes): string {
  return String.fromCharCode(...address);
}

function rowRoute(route: ToldRoute): Omit<RowRoute, "peer"> {
  return {
    prefix: route.prefix,
    asPath: route.asPath.slice(0, MAX_AS_PATH),
    origin: route.origin,
    ...(route.med === undefined ? {} : { med: route.med }),
    nextHop: route.nextHop,
    communities: route.communities.slice(0, MAX_COMMUNITIES),
    ...(route.filtered ? { filtered: true } : {}),
  };
}
