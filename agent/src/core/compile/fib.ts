import { BGP_METRIC, TABLE_MAIN } from "../ownership.ts";
import type { BestPath } from "../rib.ts";
import type { DesiredRoute } from "./kernel.ts";

export type FibEntry =
  | { readonly kind: "route"; readonly route: DesiredRoute }
  /** Originated here: the kernel has it otherwise. */
  | { readonly kind: "own" }
  | { readonly kind: "unresolved"; readonly reason: string };

/**
 * The kernel route for a best path. `source` is the address that this node's own packets leave with: link addresses are
 * announced to nobody, so without it answers would not find back.
 */
export function compileFibEntry(
  path: BestPath,
  nexthopByNeighbour: ReadonlyMap<string, number>,
  source: string,
): FibEntry {
  if (path.nextHop === "::" || path.nextHop === "::1") return { kind: "own" };
  const nexthopId = nexthopByNeighbour.get(path.nextHop);
  if (nexthopId === undefined)
    return { kind: "unresolved", reason: `next hop ${path.nextHop} is behind no usable link` };
  return {
    kind: "route",
    route: { table: TABLE_MAIN, prefix: path.prefix, metric: BGP_METRIC, type: "unicast", nexthopId, source },
  };
}
