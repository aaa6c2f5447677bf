import { BGP_METRIC, TABLE_MAIN } from "../ownership.ts";
import type { BestPath } from "../rib.ts";
import type { DesiredRoute } from "./kernel.ts";

export type FibEntry =
  | { readonly kind: "route"; readonly route: DesiredRoute }
  /** Originated here: the kernel has it otherwise. */
  | { readonly kind: "own" }
  | { readonly kind: "unresolved"; readonly reason: string };

/** Which nexthop object leads to a BGP next hop. */
export interface Ways {
  readonly nexthopByNeighbour: ReadonlyMap<string, number>;
  /** For what is not `isInside`, on Edges; the same objects for everything elsewhere. */
  readonly outsideByNeighbour: ReadonlyMap<string, number> | undefined;
  readonly isInside: (prefix: string) => boolean;
  /** Prefix to neighbour: where BGP is about to move it, and may move it now (a redirect). */
  readonly early: ReadonlyMap<string, string>;
}

/**
 * The kernel route for a best path. `source` is the address that this node's own packets leave with: link addresses are
 * announced to nobody, so without it answers would not find back.
 */
export function compileFibEntry(path: BestPath, ways: Ways, source: string): FibEntry {
  const { prefix, nextHop } = path;
  if (nextHop === "::" || nextHop === "::1") return { kind: "own" };
  const nexthopId = resolve(path, ways);
  if (nexthopId === undefined)
    return { kind: "unresolved", reason: `next hop ${nextHop} is behind no usable link` };
  return {
    kind: "route",
    route: { table: TABLE_MAIN, prefix, metric: BGP_METRIC, type: "unicast", nexthopId, source },
  };
}

function resolve({ prefix, nextHop }: BestPath, ways: Ways): number | undefined {
  const { nexthopByNeighbour, outsideByNeighbour, isInside, early } = ways;
  if (outsideByNeighbour !== undefined && !isInside(prefix)) return outsideByNeighbour.get(nextHop);
  const soon = early.size === 0 ? undefined : early.get(prefix);
  return nexthopByNeighbour.get(soon ?? nextHop) ?? nexthopByNeighbour.get(nextHop);
}
