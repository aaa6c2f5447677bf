import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { findNode } from "@vsix/shared/fabric/query.ts";
import { LabError } from "../lab-error.ts";
import type { Sender } from "./cable-witness.ts";

/** Who is steered where by the first override of a fabric that names an Edge. */
export interface SteeredCast {
  readonly edge: FabricNode;
  readonly destination: FabricNode;
  /** Port of the External Edge towards the override's upstream. */
  readonly egress: Sender;
}

export function steeredCast(fabric: Fabric): SteeredCast {
  const [override] = fabric.overrides;
  const edge = override?.edges[0] === undefined ? undefined : findNode(fabric, override.edges[0]);
  const destination = fabric.nodes.find((node) => node.prefixes.includes(override?.prefix ?? ""));
  const egress = fabric.links
    .filter(({ ends }) => ends.some(({ node }) => node === override?.upstream))
    .flatMap(({ ends }) => ends.filter(({ node }) => node === override?.via))[0];
  if (edge === undefined || destination === undefined || egress === undefined)
    throw new LabError("lab/scenario", "this fabric has no override of one Edge towards a node of its own");
  return { edge, destination, egress };
}

/** Every port at the far end of one of a node's links: what they send is what comes in to it. */
export function into(fabric: Fabric, node: string): readonly Sender[] {
  return fabric.links.flatMap(({ ends }) =>
    ends.some((end) => end.node === node) ? ends.filter((end) => end.node !== node) : [],
  );
}

/** The flows' packets in nftables words, not the probes that agents send between the same hosts. */
export function plainly(source: string, destination: string): readonly string[] {
  return ["ip6", "saddr", source, "ip6", "daddr", destination, "ip6", "nexthdr", "17"];
}

/**
 * The same inside one outer header of 40 octets: inner next header, and inner source and destination by their bits
 * (RFC 8200 section 3).
 */
export function encapsulated(source: string, destination: string): readonly string[] {
  const inner = (offset: number, address: string): readonly string[] => [`@nh,${offset},128`, hex(address)];
  return [
    ...["ip6", "nexthdr", "41", "@nh,368,8", "17"],
    ...inner(320 + 64, source),
    ...inner(320 + 192, destination),
  ];
}

function hex(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return `0x${[...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join("")}`;
}
