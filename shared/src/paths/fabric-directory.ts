import type { Fabric, FabricNode } from "../fabric/model.ts";
import { findNode } from "../fabric/query.ts";
import { type HopDirectory, hopDirectory, type KnownHop, parseAddressOrPrefix } from "./directory.ts";

/**
 * Who answers from which address in a fabric: loopbacks, both ends of every link, SRv6 locators. A router answers
 * `time exceeded` from the interface that the packet came in by (RFC 4443 section 2.2), so link addresses matter most.
 * What Edges and upstreams announce gives their AS number only: a host in there is not the router.
 */
export function fabricDirectory(fabric: Fabric): HopDirectory {
  const known: KnownHop[] = [];
  const add = (text: string, info: Omit<KnownHop, "prefix">): void => {
    const prefix = parseAddressOrPrefix(text);
    if (prefix !== undefined) known.push({ prefix, ...info });
  };
  for (const node of fabric.nodes) {
    const as = numbersOf(fabric, node);
    const self = { node: node.name, ...(node.plane === undefined ? {} : { plane: node.plane }), as };
    add(node.loopback, self);
    for (const locator of node.locators) add(locator.prefix, { node: node.name, plane: locator.plane, as });
    for (const prefix of node.prefixes) add(prefix, { as });
  }
  for (const link of fabric.links) {
    for (const end of link.ends) {
      const node = findNode(fabric, end.node);
      if (node === undefined) continue;
      const plane = node.plane === undefined ? {} : { plane: node.plane };
      add(end.address, { node: node.name, ...plane, as: numbersOf(fabric, node) });
    }
  }
  for (const prefix of fabric.prefixes) add(prefix, { as: [fabric.as] });
  return hopDirectory(known);
}

function numbersOf(fabric: Fabric, node: FabricNode): readonly number[] {
  const inside = node.role === "plane" || node.role === "external-edge";
  return inside ? [node.asn, fabric.as] : [node.asn];
}
