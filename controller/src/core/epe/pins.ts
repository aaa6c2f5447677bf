import { comparePrefixes, containsPrefix } from "@vsix/shared/net/prefix.ts";
import type { PlannedDestination } from "./destinations.ts";
import type { Draft } from "./draft.ts";
import type { EpePolicy } from "./policy.ts";

/**
 * On a router the first class decides that matches a packet and has an override for its destination; the longest prefix counts. So
 * where one row follows BGP, but an override of a wider prefix, or of a later class, would catch its traffic, saying nothing is
 * not enough: it needs an override of its own, to the peer that BGP chooses.
 */
export function pin(
  policy: EpePolicy,
  destinations: readonly PlannedDestination[],
  drafts: readonly Draft[],
): void {
  const around = aroundOf(destinations);
  if (policy.classes.length === 1 && around.size === 0) return;
  const order = new Map(policy.classes.map(({ name }, at) => [name, at]));
  const moved = new Map<string, number>();
  const place = (node: string, prefix: string): string => `${node} ${prefix}`;
  for (const { row, peer } of drafts) {
    if (peer === undefined) continue;
    // The last class that has one: whatever comes before it could be caught.
    const key = place(row.headend.node, row.destination.prefix);
    moved.set(key, Math.max(moved.get(key) ?? -1, order.get(row.traffic.name) ?? 0));
  }
  // From wide to narrow, for a pin catches what is inside of it just as well.
  for (const draft of [...drafts].sort(
    (a, b) => a.row.destination.parsed.length - b.row.destination.parsed.length,
  )) {
    const { row } = draft;
    if (draft.peer !== undefined || row.bgp === undefined) continue;
    const at = order.get(row.traffic.name) ?? 0;
    const { node } = row.headend;
    const { prefix } = row.destination;
    const later = (moved.get(place(node, prefix)) ?? -1) > at;
    const caught =
      later || (around.get(prefix) ?? []).some((outer) => (moved.get(place(node, outer)) ?? -1) >= at);
    if (!caught) continue;
    draft.peer = row.bgp;
    if (draft.action === "bgp") draft.rule = "pinned";
    const key = place(node, prefix);
    moved.set(key, Math.max(moved.get(key) ?? -1, at));
  }
}

/** Of plans what `wider` says of them: it follows from nothing else, and ten thousand take their time. */
const known = new WeakMap<readonly PlannedDestination[], ReadonlyMap<string, readonly string[]>>();

function aroundOf(destinations: readonly PlannedDestination[]): ReadonlyMap<string, readonly string[]> {
  let around = known.get(destinations);
  if (around === undefined) {
    around = wider(destinations);
    known.set(destinations, around);
  }
  return around;
}

/** Of each destination those that it lies in; only where there are any. */
function wider(destinations: readonly PlannedDestination[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const open: PlannedDestination[] = [];
  for (const one of [...destinations].sort((a, b) => comparePrefixes(a.parsed, b.parsed))) {
    let outer = open.at(-1);
    while (outer !== undefined && !containsPrefix(outer.parsed, one.parsed)) {
      open.pop();
      outer = open.at(-1);
    }
    if (open.length > 0)
      found.set(
        one.prefix,
        open.map(({ prefix }) => prefix),
      );
    open.push(one);
  }
  return found;
}
