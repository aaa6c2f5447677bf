import type { TraceOrder, TracesPart } from "@vsix/shared/contract/part-traces.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { canonicalAddress, parseAddress } from "@vsix/shared/net/address.ts";
import { containsAddress, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { type ExpectedEntry, type ExpectedPaths, entriesFor } from "@vsix/shared/paths/expected.ts";

/** What each node traces. Nodes that trace nothing are absent; a target's name stands once a node. */
export type TraceOrders = ReadonlyMap<string, readonly TraceOrder[]>;

export const NO_ORDERS: TraceOrders = new Map();

/** Probes a second of all orders of one node: no more than a busy router answers without noticing. */
export const TRACE_PACKETS_PER_S = 500;
/** Measuring the MTU takes packets as large as it, so it is not done with every trace. */
const MTU_EVERY = 30;

/** Nodes that can trace: those that run our agent. */
export function traceSources(fabric: Fabric): ReadonlySet<string> {
  return new Set(fabric.nodes.filter(({ software }) => software === "vsix").map(({ name }) => name));
}

/** What a file of expected paths asks of each node. Nobody traces himself: "*" leaves out whose address the target is. */
export function expectedOrders(fabric: Fabric, expected: ExpectedPaths): TraceOrders {
  const orders = new Map<string, readonly TraceOrder[]>();
  for (const node of fabric.nodes) {
    if (node.software !== "vsix") continue;
    const own = entriesFor(expected, node.name)
      .filter(({ source, targetAddress }) => source !== "*" || !isOwn(fabric, node, targetAddress))
      .map(orderOf);
    if (own.length > 0) orders.set(node.name, own);
  }
  return orders;
}

/** Both together: where both name a target, as many flows and as often as the busier of the two. */
export function joinOrders(standing: TraceOrders, passing: TraceOrders): TraceOrders {
  const joined = new Map(standing);
  for (const [node, orders] of passing) {
    const byName = new Map((standing.get(node) ?? []).map((order) => [order.name, order]));
    for (const order of orders) {
      const known = byName.get(order.name);
      byName.set(
        order.name,
        known === undefined
          ? order
          : {
              ...known,
              flows: Math.max(known.flows, order.flows),
              intervalMs: Math.min(known.intervalMs, order.intervalMs),
            },
      );
    }
    joined.set(node, [...byName.values()]);
  }
  return joined;
}

/** A node's part; undefined where it has nothing to trace. */
export function compileTraces(orders: TraceOrders, node: string): TracesPart | undefined {
  const own = orders.get(node);
  return own === undefined || own.length === 0
    ? undefined
    : { maxPacketsPerS: TRACE_PACKETS_PER_S, orders: [...own] };
}

/** Whether an address is a node's own, or of a network behind it: it would trace itself. */
export function isOwn(fabric: Fabric, node: FabricNode, address: string): boolean {
  const parsed = parseAddress(address);
  if (parsed === undefined) return false;
  const links = fabric.links.flatMap(({ ends }) => ends.filter((end) => end.node === node.name));
  if ([node.loopback, ...links.map((end) => end.address)].some((one) => canonicalAddress(one) === address))
    return true;
  return node.prefixes.some((text) => {
    const prefix = parsePrefix(text);
    return prefix !== undefined && containsAddress(prefix, parsed);
  });
}

function orderOf({ target, targetAddress, protocol, flows, intervalMs }: ExpectedEntry): TraceOrder {
  return { name: target, address: targetAddress, protocol, flows, intervalMs, mtuEvery: MTU_EVERY };
}
