import type { Epe, Loads, Status, Topology } from "../api/types.ts";

/** The network as it is drawn and listed: what there is, joined with what was observed of it. Pure. */

export type NodeTone = "good" | "warning" | "bad" | "plain";

export interface DrawnNode {
  readonly name: string;
  readonly role: string;
  readonly site: string;
  /** Of a router of a plane, its own; of an Edge, the one that packets are seen on. Null: none, or not known. */
  readonly plane: string | null;
  /** Of an Edge: wanted elsewhere than it is seen, or seen on more than one plane. */
  readonly isAstray: boolean;
  readonly wanted: string | null;
  /** plain: it tells us nothing. */
  readonly tone: NodeTone;
  /** It runs our agent, so there is more to say of it. */
  readonly isOurs: boolean;
  readonly why: readonly string[];
}

export interface DrawnLink {
  readonly name: string;
  readonly a: string;
  readonly b: string;
  readonly kind: string;
  /** Of which plane it is; null: of none. */
  readonly plane: string | null;
  /** Between an Edge and a plane: traffic is seen to go this way. */
  readonly isUsed: boolean;
  /** BFD at either end says that nothing comes through, or an end is offline. */
  readonly isDown: boolean;
  readonly aToBMbps: number | null;
  readonly bToAMbps: number | null;
  readonly lostPps: number | null;
  /** To an Edge on the plane that it is seen on: probes lost of the last 20, and round trip. */
  readonly lostProbes: number | null;
  readonly rttUs: number | null;
  /** Way out of the AS, and how many destinations are led there against BGP. */
  readonly peer: string | null;
  readonly overrides: number;
}

export interface Network {
  readonly sites: readonly string[];
  readonly planes: readonly string[];
  readonly nodes: readonly DrawnNode[];
  readonly links: readonly DrawnLink[];
}

export function networkOf(
  topology: Topology,
  status: Status,
  loads: Loads | undefined,
  epe: Epe | undefined,
): Network {
  const told = new Map(status.nodes.map((node) => [node.name, node]));
  const edges = new Map(status.edges.map((edge) => [edge.edge, edge]));
  const load = new Map(loads?.links.map((one) => [one.name, one]));
  const overrides = new Map(epe?.peers.map((one) => [one.peer, one.overrides]));
  const known = new Map(topology.nodes.map((node) => [node.name, node]));
  const nodes = topology.nodes.map((node): DrawnNode => {
    const edge = edges.get(node.name);
    const seen = edge === undefined ? undefined : seenOn(edge);
    const own = told.get(node.name);
    const why = [...(own?.why ?? []), ...(edge?.notes ?? [])];
    return {
      name: node.name,
      role: node.role,
      site: node.site,
      plane: node.plane ?? seen?.plane ?? null,
      isAstray: edge !== undefined && !edge.asWanted,
      wanted: edge?.wanted ?? null,
      isOurs: own !== undefined,
      tone: toneOf(own?.online, why.length > 0 || (edge !== undefined && !edge.asWanted)),
      why,
    };
  });
  const drawn = new Map(nodes.map((node) => [node.name, node]));
  const links = topology.links.map((link): DrawnLink => {
    const [a, b] = [known.get(link.a), known.get(link.b)];
    const plane = a?.plane ?? b?.plane ?? null;
    const user = [a, b].find((end) => end?.role === "edge");
    const edge = user === undefined ? undefined : edges.get(user.name);
    const isUsed = link.kind === "plane-edge" && user !== undefined && drawn.get(user.name)?.plane === plane;
    const seen = isUsed ? edge?.observed.find((one) => one.inbound === plane) : undefined;
    const rates = load.get(link.name);
    return {
      ...{ name: link.name, a: link.a, b: link.b, kind: link.kind, plane, isUsed },
      isDown: isDown(told, link.a, link.b) || isDown(told, link.b, link.a),
      aToBMbps: rates?.aToBMbps ?? null,
      bToAMbps: rates?.bToAMbps ?? null,
      lostPps: rates?.lostPps ?? null,
      lostProbes: seen?.lost ?? null,
      rttUs: seen?.rttUs ?? null,
      peer: link.peer,
      overrides: link.peer === null ? 0 : (overrides.get(link.peer) ?? 0),
    };
  });
  return { sites: topology.sites, planes: topology.planes, nodes, links };
}

type EdgeStatus = Status["edges"][number];

/** The plane that every External Edge sees an Edge on, both ways; undefined where they differ or do not know. */
function seenOn({ observed }: EdgeStatus): { readonly plane: string } | undefined {
  const seen = new Set(observed.flatMap(({ inbound, outbound }) => [inbound, outbound]));
  const [plane] = seen;
  return seen.size === 1 && plane !== null && plane !== undefined ? { plane } : undefined;
}

function toneOf(isOnline: boolean | undefined, isAmiss: boolean): NodeTone {
  if (isOnline === false) return "bad";
  if (isAmiss) return "warning";
  return isOnline === undefined ? "plain" : "good";
}

function isDown(
  told: ReadonlyMap<string, Status["nodes"][number]>,
  node: string,
  neighbour: string,
): boolean {
  const own = told.get(node);
  if (own === undefined) return false;
  if (!own.online) return true;
  const bfd = own.bfd.find((one) => one.neighbour === neighbour);
  return bfd?.state === "down";
}

/** How much goes over a link, the fuller way. */
export function busiest({ aToBMbps, bToAMbps }: DrawnLink): number | null {
  if (aToBMbps === null && bToAMbps === null) return null;
  return Math.max(aToBMbps ?? 0, bToAMbps ?? 0);
}
