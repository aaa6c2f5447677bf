import type { BgpPart, NeighbourPart } from "@vsix/shared/contract/part-bgp.ts";
import {
  anyOfOurs,
  classCommunity,
  exactly,
  guardCommunity,
  planeOnly,
  settlingCommunity,
  steerCommunity,
} from "./communities.ts";
import { addressesOf, exact, ofKind, orLonger, type SetBuilder } from "./sets.ts";
import type { Statement } from "./speaker.ts";

/** Longest prefix heard from another AS. */
const LONGEST_TRANSIT = 48;
/** An Edge may announce its own space down to this length. */
const LONGEST_EDGE = 64;

export interface ImportContext {
  readonly part: BgpPart;
  readonly sets: SetBuilder;
  /** Id of this node. */
  readonly nodeId: number;
  /** Address of the agent's best-path receiver. */
  readonly feedAddress: string;
  medOf(edge: string): number;
}

/** Every statement by which a route may come in. What none accepts is refused. */
export function importStatements(context: ImportContext): readonly Statement[] {
  const { part, sets, feedAddress } = context;
  const neighbours = part.neighbours;
  return [
    // GoBGP passes its own originated paths through import policy too
    { name: "i-local", when: { routeType: "local" }, apply: { route: "accept" } },
    {
      name: "i-feed",
      when: { neighbours: sets.neighbours("n-feed", [feedAddress]) },
      apply: { route: "reject" },
    },
    ...fromPlaneInternal(context, ofKind(neighbours, "plane-internal")),
    ...fromEdges(context, ofKind(neighbours, "edge")),
    ...fromExternalEdges(context, ofKind(neighbours, "external-edge")),
    ...fromPlanes(context, ofKind(neighbours, "plane")),
    ...fromBackbone(context, ofKind(neighbours, "backbone")),
    ...fromUpstreams(context, ofKind(neighbours, "upstream")),
  ];
}

/**
 * MED is the plane's metric: each link adds its cost. A route that came through us already is refused (guards), and so is one
 * to an Edge whose router cannot forward yet.
 */
function fromPlaneInternal(context: ImportContext, peers: readonly NeighbourPart[]): readonly Statement[] {
  if (peers.length === 0) return [];
  const { sets, nodeId, part } = context;
  const from = sets.neighbours("n-internal", addressesOf(peers));
  const own = sets.largeCommunities("guard-own", [exactly(guardCommunity(part.as, nodeId))]);
  return [
    {
      name: "i-internal-guard",
      when: { neighbours: from, largeCommunities: own },
      apply: { route: "reject" },
    },
    {
      name: "i-internal-settling",
      when: {
        neighbours: from,
        largeCommunities: sets.largeCommunities("settling", [exactly(settlingCommunity(part.as))]),
      },
      apply: { route: "reject" },
    },
    ...peers.map(
      (peer): Statement => ({
        name: `i-cost-${peer.name}`,
        when: { neighbours: sets.neighbour(peer) },
        apply: { med: { op: "add", value: peer.cost ?? 1 } },
      }),
    ),
    {
      name: "i-internal",
      when: {
        neighbours: from,
        largeCommunities: sets.classes(part.as, ["infrastructure", "edge", "default", "transit"]),
      },
      apply: { route: "accept" },
    },
  ];
}

/** An Edge announces what is its own and nothing else; its large communities of ours are hostile until shown otherwise. */
function fromEdges(context: ImportContext, edges: readonly NeighbourPart[]): readonly Statement[] {
  if (edges.length === 0) return [];
  const { sets, part } = context;
  const from = sets.neighbours("n-edges", addressesOf(edges));
  return [
    {
      name: "i-edge-loop",
      when: { neighbours: from, asPath: ownAsPath(context) },
      apply: { route: "reject" },
    },
    {
      name: "i-edge-clean",
      when: { neighbours: from },
      apply: {
        med: { op: "set", value: 0 },
        largeCommunities: { op: "remove", list: [anyOfOurs(part.as)] },
      },
    },
    ...edges.flatMap((edge): readonly Statement[] => {
      const accept = edge.accept ?? [];
      if (accept.length === 0) return [];
      return [
        {
          name: `i-edge-${edge.name}`,
          when: {
            neighbours: sets.neighbour(edge),
            prefixes: sets.prefixes(
              `p-edge-${edge.name}`,
              accept.map((prefix) => orLonger(prefix, LONGEST_EDGE)),
            ),
          },
          apply: {
            route: "accept",
            largeCommunities: {
              op: "add",
              list: [classCommunity(part.as, "edge"), steerCommunity(part.as, context.medOf(edge.name))],
            },
          },
        },
      ];
    }),
  ];
}

function fromExternalEdges(context: ImportContext, peers: readonly NeighbourPart[]): readonly Statement[] {
  if (peers.length === 0) return [];
  const { sets, part } = context;
  const from = sets.neighbours("n-external", addressesOf(peers));
  return [
    {
      name: "i-external-clean",
      when: { neighbours: from },
      apply: {
        med: { op: "set", value: 0 },
        largeCommunities: { op: "remove", list: [planeOnly(part.as)] },
      },
    },
    {
      name: "i-external",
      when: {
        neighbours: from,
        largeCommunities: sets.classes(part.as, ["infrastructure", "default", "transit"]),
      },
      apply: { route: "accept" },
    },
  ];
}

/** MED is kept: it is by MED that an External Edge picks the plane. */
function fromPlanes(context: ImportContext, peers: readonly NeighbourPart[]): readonly Statement[] {
  if (peers.length === 0) return [];
  const { sets, part } = context;
  const from = sets.neighbours("n-planes", addressesOf(peers));
  return [
    {
      name: "i-plane-foreign",
      when: {
        neighbours: from,
        largeCommunities: sets.classes(part.as, ["aggregate", "default", "transit"]),
      },
      apply: { route: "reject" },
    },
    {
      name: "i-plane",
      when: { neighbours: from, largeCommunities: sets.classes(part.as, ["infrastructure", "edge"]) },
      apply: { route: "accept" },
    },
  ];
}

/** An Edge hears everything from its planes but its own prefixes. */
function fromBackbone(context: ImportContext, peers: readonly NeighbourPart[]): readonly Statement[] {
  if (peers.length === 0) return [];
  const { sets, part } = context;
  const from = sets.neighbours("n-backbone", addressesOf(peers));
  const own = part.originate.map(({ prefix }) => orLonger(prefix));
  return [
    {
      name: "i-backbone-loop",
      when: { neighbours: from, asPath: ownAsPath(context) },
      apply: { route: "reject" },
    },
    ...(own.length === 0
      ? []
      : [
          {
            name: "i-backbone-own",
            when: { neighbours: from, prefixes: sets.prefixes("p-own", own) },
            apply: { route: "reject" as const },
          },
        ]),
    { name: "i-backbone", when: { neighbours: from }, apply: { route: "accept" } },
  ];
}

/** Bogons, our own space, default and long prefixes are refused; the rest is class transit with MED 0. */
function fromUpstreams(context: ImportContext, peers: readonly NeighbourPart[]): readonly Statement[] {
  if (peers.length === 0) return [];
  const { sets, part } = context;
  const from = sets.neighbours("n-upstreams", addressesOf(peers));
  const refused = [...part.ownPrefixes, ...part.bogons].map((prefix) => orLonger(prefix));
  const reject = (name: string, when: Statement["when"]): Statement => ({
    name,
    when: { neighbours: from, ...when },
    apply: { route: "reject" },
  });
  // apart from `refused`: GoBGP looks only at a set's longest entry that covers the route
  const longer = [{ prefix: "::/0", min: LONGEST_TRANSIT + 1, max: 128 }];
  return [
    reject("i-upstream-loop", { asPath: ownAsPath(context) }),
    reject("i-upstream-default", { prefixes: sets.prefixes("p-default", [exact("::/0")]) }),
    reject("i-upstream-long", { prefixes: sets.prefixes("p-long", longer) }),
    ...(refused.length === 0
      ? []
      : [reject("i-upstream-refused", { prefixes: sets.prefixes("p-refused", refused) })]),
    {
      name: "i-upstream-clean",
      when: { neighbours: from },
      apply: {
        med: { op: "set", value: 0 },
        largeCommunities: { op: "remove", list: [anyOfOurs(part.as)] },
      },
    },
    {
      name: "i-upstream",
      when: { neighbours: from },
      apply: {
        route: "accept",
        largeCommunities: { op: "add", list: [classCommunity(part.as, "transit")] },
      },
    },
  ];
}

/** Our AS number, our member's and all members': a path that holds one has been here. */
function ownAsPath({ part, sets }: ImportContext): ReturnType<SetBuilder["asPaths"]> {
  const inside =
    part.confederation === undefined ? [part.asn] : [part.as, part.asn, ...part.confederation.members];
  const all = [...new Set(inside)].sort((a, b) => a - b);
  return sets.asPaths(
    "as-own",
    all.map((asn) => `_${asn}_`),
  );
}
