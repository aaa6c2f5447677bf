import type { BgpPart, NeighbourPart } from "@vsix/shared/contract/part-bgp.ts";
import type { SteeringPart } from "@vsix/shared/contract/part-steering.ts";

/** Parts of a small network, written out: what the controller would compile. */

export const AS = 4690;
export const MEMBERS = [65100, 65101, 65102];
const CONFEDERATION = { identifier: AS, members: MEMBERS };

export function neighbour(
  part: Pick<NeighbourPart, "name" | "kind" | "address" | "asn"> & Partial<NeighbourPart>,
): NeighbourPart {
  return {
    localAddress: "::",
    interface: `to-${part.name}`,
    maxPrefixes: 1000,
    holdS: 9,
    gracefulRestartS: 60,
    ...part,
  };
}

export function bgpPart(part: Pick<BgpPart, "asn" | "routerId"> & Partial<BgpPart>): BgpPart {
  const inside = MEMBERS.includes(part.asn);
  return {
    version: 1,
    as: AS,
    ...(inside ? { confederation: CONFEDERATION } : {}),
    originate: [],
    neighbours: [],
    ownPrefixes: ["2001:db8::/32"],
    bogons: ["fc00::/7", "3ffe::/16"],
    ...part,
  };
}

export function steering(meds: Readonly<Record<string, number>>): SteeringPart {
  return { version: 1, edges: Object.entries(meds).map(([name, med]) => ({ name, med })) };
}
