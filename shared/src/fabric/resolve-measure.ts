import { canonicalAddress } from "../net/address.ts";
import { DEFAULT_MEASURE, MAX_DEFAULT_TARGETS } from "./defaults.ts";
import type { FabricLink, FabricMeasure, FabricNode } from "./model.ts";
import type { MeasureFile } from "./schema.ts";

/**
 * What planes are measured over. A file that names no targets gets its upstreams: a packet to them has crossed the plane
 * and left the AS, and there is nothing else that every fabric has. An upstream that announces nothing of its own has
 * no address that anybody could send to.
 */
export function resolveMeasure(
  file: MeasureFile,
  nodes: readonly FabricNode[],
  links: readonly FabricLink[],
): FabricMeasure {
  const { targets, ...numbers } = file;
  return {
    ...DEFAULT_MEASURE,
    ...numbers,
    targets:
      targets === undefined
        ? upstreamsOf(nodes, links)
        : Object.entries(targets).map(([name, address]) => ({
            name,
            address: canonicalAddress(address) ?? address,
          })),
  };
}

function upstreamsOf(nodes: readonly FabricNode[], links: readonly FabricLink[]): FabricMeasure["targets"] {
  const near = new Set(
    links.filter(({ kind }) => kind === "upstream").flatMap(({ ends }) => ends.map(({ node }) => node)),
  );
  return nodes
    .filter((node) => node.role === "upstream" && near.has(node.name) && node.prefixes.length > 0)
    .slice(0, MAX_DEFAULT_TARGETS)
    .map(({ name, loopback }) => ({ name, address: loopback }));
}
