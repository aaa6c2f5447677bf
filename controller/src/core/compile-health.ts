import type { HealthPart } from "@vsix/shared/contract/part-health.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf, planesOf } from "@vsix/shared/fabric/query.ts";

/** As the contract allows at most. */
const MAX_TARGETS = 16;

/**
 * What a node looks at to know how the network feels; undefined where it does not look. What the section leaves out is taken
 * from the rest of the fabric: its planes' targets, its resolvers, its translators.
 */
export function compileHealth(fabric: Fabric, node: FabricNode): HealthPart | undefined {
  const { health } = fabric;
  if (health === undefined || !health.nodes.includes(node.name)) return undefined;
  return { ...healthOutside(fabric, health.part), planes: planesSeenFrom(fabric, node) };
}

/** The same for somebody who stands in no plane, such as a user's own router. */
export function healthOutside(fabric: Fabric, part: HealthPart): HealthPart {
  const outside = fabric.measure.targets.map(({ name, address }) => ({ name, host: address }));
  return {
    ...part,
    targets: part.targets.length > 0 ? part.targets : outside.slice(0, MAX_TARGETS),
    resolvers: part.resolvers.length > 0 ? part.resolvers : [...(fabric.services?.resolver?.anycast ?? [])],
    pref64: part.pref64.length > 0 ? part.pref64 : translatorsOf(fabric),
    planes: [],
  };
}

/** Verdicts name the sites that translate, for that is where somebody has to look. */
function translatorsOf(fabric: Fabric): HealthPart["pref64"] {
  const { nat64 } = fabric.services ?? {};
  if (nat64 === undefined) return [];
  const sites = fabric.nodes.filter(({ service }) => service === "nat64").map(({ site }) => site);
  const at = [...new Set(sites)].join(", ").slice(0, 63);
  return [{ prefix: nat64.prefix, ...(at === "" ? {} : { at }) }];
}

/**
 * What is reached through one plane alone: from a plane router, the loopbacks of its own plane's others; from anybody else, the
 * plane routers at the other end of a link.
 */
function planesSeenFrom(fabric: Fabric, node: FabricNode): HealthPart["planes"] {
  if (node.role === "plane") {
    const others = fabric.nodes.filter(({ plane, name }) => plane === node.plane && name !== node.name);
    const targets = others.slice(0, MAX_TARGETS).map(({ name, loopback }) => ({ name, address: loopback }));
    return node.plane === undefined || targets.length === 0 ? [] : [{ plane: node.plane, targets }];
  }
  return planesOf(fabric, node.name).flatMap((plane) => {
    const targets = adjacenciesOf(fabric, node.name)
      .filter(({ peer }) => peer.plane === plane)
      .slice(0, MAX_TARGETS)
      .map(({ neighbour, far }) => ({ name: neighbour, address: far.address }));
    return targets.length === 0 ? [] : [{ plane, targets }];
  });
}
