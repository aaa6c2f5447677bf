import type { BgpPart, NeighbourPart, RouteClass } from "@vsix/shared/contract/part-bgp.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import {
  anyOfOurs,
  exactly,
  guardCommunity,
  planeOnly,
  settlingCommunity,
  steerCommunity,
  UNKNOWN_MED,
} from "./communities.ts";
import { addressesOf, exact, ofKind, type SetBuilder } from "./sets.ts";
import type { Statement } from "./speaker.ts";

export interface ExportContext {
  readonly part: BgpPart;
  readonly sets: SetBuilder;
  /** Id of this node. */
  readonly nodeId: number;
  /** Address of the agent's best-path receiver. */
  readonly feedAddress: string;
  /** Every steering MED that may be met, ascending. */
  readonly meds: readonly number[];
  medOf(edge: string): number;
  /** This node has only just begun and its kernel may not hold its routes yet: nobody should prefer it. */
  readonly settling: boolean;
}

/** LOCAL_PREF of what a settling router passes on inside its plane: MED would not outweigh a shorter AS path. */
const SETTLING_LOCAL_PREF = 10;
/** MED of a settling router towards Edges and External Edges; above any steering MED. */
const SETTLING_MED = 4_100_000_000;

/** Every statement by which a route may go out. What none accepts stays here. */
export function exportStatements(context: ExportContext): readonly Statement[] {
  const { part, sets, feedAddress } = context;
  const neighbours = part.neighbours;
  return [
    {
      name: "e-feed",
      when: { neighbours: sets.neighbours("n-feed", [feedAddress]) },
      apply: { route: "accept" },
    },
    ...toPlaneInternal(context, ofKind(neighbours, "plane-internal")),
    ...toEdges(context, ofKind(neighbours, "edge")),
    ...toExternalEdges(context, ofKind(neighbours, "external-edge")),
    ...toPlanes(context, ofKind(neighbours, "plane")),
    ...toOutside(context, "backbone", "edge"),
    ...toOutside(context, "upstream", "aggregate"),
  ];
}

/** What went through a neighbour is not sent back to it; what we pass on carries our guard. */
function toPlaneInternal(context: ExportContext, peers: readonly NeighbourPart[]): readonly Statement[] {
  if (peers.length === 0) return [];
  const { sets, part, nodeId } = context;
  return [
    ...peers.map((peer): Statement => {
      if (peer.id === undefined)
        throw new VsixError("bgp-part", `neighbour ${peer.name}: a path guard needs its id`);
      const guard = exactly(guardCommunity(part.as, peer.id));
      return {
        name: `e-guard-${peer.name}`,
        when: {
          neighbours: sets.neighbour(peer),
          largeCommunities: sets.largeCommunities(`guard-${peer.name}`, [guard]),
        },
        apply: { route: "reject" },
      };
    }),
    ...(context.settling ? [settlingEdges(context, peers)] : []),
    {
      name: "e-internal",
      when: {
        neighbours: sets.neighbours("n-internal", addressesOf(peers)),
        largeCommunities: sets.classes(part.as, ["infrastructure", "edge", "default", "transit"]),
      },
      apply: {
        route: "accept",
        nextHop: "self",
        ...(context.settling ? { localPref: SETTLING_LOCAL_PREF } : {}),
        largeCommunities: { op: "add", list: [guardCommunity(part.as, nodeId)] },
      },
    },
  ];
}

/**
 * A bad preference is not enough for Edges' prefixes: inside this plane there is no other way to an Edge of this router, and
 * a path at all outweighs the default by which the others reach it through the other plane.
 */
function settlingEdges({ sets, part }: ExportContext, peers: readonly NeighbourPart[]): Statement {
  return {
    name: "e-internal-settling",
    when: {
      neighbours: sets.neighbours("n-internal", addressesOf(peers)),
      largeCommunities: sets.classes(part.as, ["edge"]),
    },
    apply: { largeCommunities: { op: "add", list: [settlingCommunity(part.as)] } },
  };
}

/** An Edge sees nothing of our insides but the MED by which it picks a plane. */
function toEdges(context: ExportContext, edges: readonly NeighbourPart[]): readonly Statement[] {
  const { sets, part } = context;
  const tables: readonly (readonly ["default" | "full", readonly RouteClass[]])[] = [
    ["default", ["infrastructure", "edge", "default"]],
    ["full", ["infrastructure", "edge", "default", "transit"]],
  ];
  return [
    ...edges.map(
      (edge): Statement => ({
        name: `e-edge-med-${edge.name}`,
        when: { neighbours: sets.neighbour(edge) },
        apply: { med: { op: "set", value: context.settling ? SETTLING_MED : context.medOf(edge.name) } },
      }),
    ),
    ...tables.flatMap(([table, classes]): readonly Statement[] => {
      const hearing = edges.filter((edge) => (edge.table ?? "default") === table);
      if (hearing.length === 0) return [];
      return [
        {
          name: `e-edge-${table}`,
          when: {
            neighbours: sets.neighbours(`n-edges-${table}`, addressesOf(hearing)),
            largeCommunities: sets.classes(part.as, classes),
          },
          apply: { route: "accept", largeCommunities: { op: "remove", list: [anyOfOurs(part.as)] } },
        },
      ];
    }),
  ];
}

/** The steering value becomes the MED that External Edges compare between planes. */
function toExternalEdges(context: ExportContext, peers: readonly NeighbourPart[]): readonly Statement[] {
  if (peers.length === 0) return [];
  const { sets, part } = context;
  const to = sets.neighbours("n-external", addressesOf(peers));
  return [
    {
      name: "e-external-med-unknown",
      when: { neighbours: to, largeCommunities: sets.classes(part.as, ["edge"]) },
      apply: { med: { op: "set", value: UNKNOWN_MED } },
    },
    ...context.meds.map(
      (med): Statement => ({
        name: `e-external-med-${med}`,
        when: {
          neighbours: to,
          largeCommunities: sets.largeCommunities(`steer-${med}`, [exactly(steerCommunity(part.as, med))]),
        },
        apply: { med: { op: "set", value: context.settling ? SETTLING_MED : med } },
      }),
    ),
    {
      name: "e-external",
      when: { neighbours: to, largeCommunities: sets.classes(part.as, ["infrastructure", "edge"]) },
      apply: { route: "accept", largeCommunities: { op: "remove", list: [planeOnly(part.as)] } },
    },
  ];
}

/** Default, transits' routes, and our own loopback and that plane's locator; nothing that came from a plane. */
function toPlanes(context: ExportContext, peers: readonly NeighbourPart[]): readonly Statement[] {
  if (peers.length === 0) return [];
  const { sets, part } = context;
  const planes = [...new Set(peers.map((peer) => peer.plane ?? ""))].sort();
  return [
    ...planes.flatMap((plane): readonly Statement[] => {
      const own = part.originate.filter(
        (path) => path.class === "infrastructure" && (path.plane === undefined || path.plane === plane),
      );
      if (own.length === 0) return [];
      return [
        {
          name: `e-plane-own-${plane}`,
          when: {
            neighbours: sets.neighbours(
              `n-plane-${plane}`,
              addressesOf(peers.filter((peer) => (peer.plane ?? "") === plane)),
            ),
            prefixes: sets.prefixes(
              `p-own-${plane}`,
              own.map(({ prefix }) => exact(prefix)),
            ),
            routeType: "local",
          },
          apply: { route: "accept" },
        },
      ];
    }),
    {
      name: "e-plane",
      when: {
        neighbours: sets.neighbours("n-planes", addressesOf(peers)),
        largeCommunities: sets.classes(part.as, ["default", "transit"]),
      },
      apply: { route: "accept" },
    },
  ];
}

/** Only what is made here and of this class: to an upstream our aggregates, to the backbone an Edge's own prefixes. */
function toOutside(
  context: ExportContext,
  kind: "backbone" | "upstream",
  routeClass: RouteClass,
): readonly Statement[] {
  const { sets, part } = context;
  const peers = ofKind(part.neighbours, kind);
  const own = part.originate.filter((path) => path.class === routeClass);
  if (peers.length === 0 || own.length === 0) return [];
  return [
    {
      name: `e-${kind}`,
      when: {
        neighbours: sets.neighbours(kind === "upstream" ? "n-upstreams" : "n-backbone", addressesOf(peers)),
        prefixes: sets.prefixes(
          `p-${routeClass}`,
          own.map(({ prefix }) => exact(prefix)),
        ),
        routeType: "local",
      },
      apply: { route: "accept", largeCommunities: { op: "remove", list: [anyOfOurs(part.as)] } },
    },
  ];
}
