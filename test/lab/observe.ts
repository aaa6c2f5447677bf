import type { FabricLink } from "@vsix/shared/fabric/model.ts";
import { type Lab, namespaceOf, nodeOf } from "./lab.ts";
import { panelNamespace } from "./names.ts";
import { mustRun, run } from "./run.ts";

/** Packets through one router port since the lab came up, counted by the cable (silenced ones included). */
export interface PortCounters {
  readonly node: string;
  readonly interface: string;
  readonly link: FabricLink;
  /** From this node into the cable. */
  readonly outPackets: number;
  /** From the cable to this node. */
  readonly inPackets: number;
}

/** Reads all cables at once, by one dump of the panel's interfaces. No router is asked. */
export async function portCounters(lab: Lab): Promise<readonly PortCounters[]> {
  const dump = await mustRun("ip", ["-n", panelNamespace(lab.name), "-s", "-j", "link", "show"]);
  const rows = JSON.parse(dump) as readonly LinkRow[];
  const byName = new Map(rows.map((row) => [row.ifname, row.stats64]));
  return lab.cables.flatMap(({ link, ends }) =>
    link.ends.map((end, side) => {
      const stats = byName.get(ends[side] ?? "");
      const counted = { outPackets: stats?.rx.packets ?? 0, inPackets: stats?.tx.packets ?? 0 };
      return { node: end.node, interface: end.interface, link, ...counted };
    }),
  );
}

interface LinkRow {
  readonly ifname: string;
  readonly stats64?: { readonly rx: { readonly packets: number }; readonly tx: { readonly packets: number } };
}

/** Packets between an Edge and each plane within a stretch of time. */
export interface PlaneShare {
  readonly plane: string;
  readonly fromEdge: number;
  readonly toEdge: number;
}

/** Which plane carried an Edge's packets between two readings of the counters. */
export function planeShares(
  lab: Lab,
  edge: string,
  before: readonly PortCounters[],
  after: readonly PortCounters[],
): readonly PlaneShare[] {
  const ports = (counters: readonly PortCounters[]): readonly PortCounters[] =>
    counters.filter((port) => port.node === edge && port.link.kind === "plane-edge");
  const start = ports(before);
  return lab.fabric.planes.map(({ name }) => {
    const share = { plane: name, fromEdge: 0, toEdge: 0 };
    for (const port of ports(after)) {
      const other = port.link.ends.find((end) => end.node !== edge);
      if (other === undefined || nodeOf(lab, other.node).plane !== name) continue;
      const was = start.find((p) => p.interface === port.interface);
      share.fromEdge += port.outPackets - (was?.outPackets ?? 0);
      share.toEdge += port.inPackets - (was?.inPackets ?? 0);
    }
    return share;
  });
}

/** The plane that carried at least nine tenths each way; null where none did. */
export interface ObservedPlanes {
  /** From the Edge. */
  readonly outbound: string | null;
  /** To the Edge. */
  readonly inbound: string | null;
  readonly shares: readonly PlaneShare[];
}

/** Counts for `forMs` (500) while there is traffic of at least `ratePerS` each way. */
export async function observePlanes(lab: Lab, edge: string, forMs = 500): Promise<ObservedPlanes> {
  const before = await portCounters(lab);
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const shares = planeShares(lab, edge, before, await portCounters(lab));
  return {
    outbound: dominant(shares, "fromEdge"),
    inbound: dominant(shares, "toEdge"),
    shares,
  };
}

function dominant(shares: readonly PlaneShare[], way: "fromEdge" | "toEdge"): string | null {
  const total = shares.reduce((sum, share) => sum + share[way], 0);
  return shares.find((share) => total > 0 && share[way] >= 0.9 * total)?.plane ?? null;
}

/** What the node's kernel would do with a packet to `destination`: `ip -j -6 route get`. Null when there is no route. */
export async function routeGet(
  lab: Lab,
  node: string,
  destination: string,
  source?: string,
): Promise<{ readonly dev?: string; readonly gateway?: string } | null> {
  const from = source === undefined ? [] : ["from", source];
  const args = ["-n", namespaceOf(lab, node), "-j", "-6", "route", "get", destination, ...from];
  const result = await run("ip", args);
  if (result.code !== 0) return null;
  return (JSON.parse(result.stdout) as { readonly dev?: string; readonly gateway?: string }[])[0] ?? null;
}

/** Who answered a probe with this hop limit; null when nobody did. */
export interface TraceHop {
  readonly hop: number;
  readonly address: string | null;
  /** The fabric node that has the address; null for an address of none. */
  readonly node: string | null;
}

/** Traces by real echo requests, hop by hop until the destination answers. Each hop waits up to a second. */
export async function trace(
  lab: Lab,
  from: string,
  destination: string,
  options: { readonly source?: string; readonly maxHops?: number } = {},
): Promise<readonly TraceHop[]> {
  const source = options.source ?? nodeOf(lab, from).loopback;
  const owners = addressOwners(lab);
  const hops: TraceHop[] = [];
  for (let hop = 1; hop <= (options.maxHops ?? 16); hop++) {
    const probe = ["ping", "-6", "-n", "-c", "1", "-W", "1", "-t", String(hop), "-I", source, destination];
    const { stdout } = await run("ip", ["netns", "exec", namespaceOf(lab, from), ...probe]);
    const address =
      /^(?:From|\d+ bytes from) ([0-9a-f:]+?)(?::? icmp_seq| icmp_seq)/m.exec(stdout)?.[1] ?? null;
    hops.push({ hop, address, node: address === null ? null : (owners.get(address) ?? null) });
    if (address === destination) break;
  }
  return hops;
}

/** Every address of the fabric file and the node that has it. */
export function addressOwners(lab: Lab): ReadonlyMap<string, string> {
  const links = lab.fabric.links.flatMap((link) => link.ends);
  return new Map([
    ...lab.fabric.nodes.map((node) => [node.loopback, node.name] as const),
    ...links.map((end) => [end.address, end.node] as const),
  ]);
}
