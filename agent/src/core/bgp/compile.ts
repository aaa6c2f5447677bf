import type { BgpPart, NeighbourKind, NeighbourPart, OriginatePart } from "@vsix/shared/contract/part-bgp.ts";
import type { ServiceName } from "@vsix/shared/contract/part-services.ts";
import type { SteeringPart } from "@vsix/shared/contract/part-steering.ts";
import { FEED_PORT } from "../ownership.ts";
import { classCommunity, KNOWN_MEDS, UNSTEERED_MED } from "./communities.ts";
import { exportStatements } from "./export-policy.ts";
import { importStatements } from "./import-policy.ts";
import { SetBuilder } from "./sets.ts";
import type { Speaker, SpeakerNeighbour } from "./speaker.ts";

export interface SpeakerInput {
  readonly bgp: BgpPart;
  /** Absent on nodes that steer nobody. */
  readonly steering?: SteeringPart;
  /** FabricPart.node.id: what this node's path guard says. */
  readonly nodeId: number;
  /**
   * The node has just started and its kernel holds no routes yet. BGP would announce at once what the kernel cannot
   * forward; so until it has settled the node is everybody's last choice.
   */
  readonly settling?: boolean;
  /**
   * An External Edge with no way out attracts no traffic: it originates neither ::/0 nor the aggregates, nor the locators that
   * egress peer SIDs lie in.
   */
  readonly closed?: boolean;
  /** Services of this node that work: what stands for another one is not announced. All unless told. */
  readonly working?: ReadonlySet<ServiceName>;
  /** BGP's own port, 179, unless told. */
  readonly listenPort?: number;
  /** Where the best-path receiver listens on ::1; FEED_PORT unless told. */
  readonly feedPort?: number;
}

const FEED_ADDRESS = "::1";
const FEED_HOLD_S = 30;
/** By these the agent hears every second that the engine lives, without asking it. */
const FEED_KEEPALIVE_S = 1;
/** How long a restarted engine waits for its neighbours' End-of-RIB before it announces anything, to the feed too. */
const DEFERRAL_S = 20;
/** More often than any real path holds our AS: refusing is left to policy, which withdraws what it accepted before. */
const ANY_TIMES = 255;

/**
 * Where gobgpd itself counts prefixes. It walks the whole Adj-RIB-In at every UPDATE to do so (10,000 routes: 2.4 of 2.8 s
 * CPU a steer), so only where the limit is small; the agent watches the others (core/prefix-limit.ts).
 */
const ENGINE_LIMITS: readonly NeighbourKind[] = ["edge"];

/** The whole speaker. Throws VsixError `bgp-part` when the part cannot be turned into policy. */
export function compileSpeaker(input: SpeakerInput): Speaker {
  const { bgp, steering, nodeId } = input;
  const sets = new SetBuilder();
  const steered = new Map(steering?.edges.map((edge) => [edge.name, edge.med]));
  const medOf = (edge: string): number => steered.get(edge) ?? UNSTEERED_MED;
  const meds = [...new Set([...KNOWN_MEDS, UNSTEERED_MED, ...(bgp.meds ?? []), ...steered.values()])].sort(
    (a, b) => a - b,
  );
  const context = {
    part: bgp,
    sets,
    nodeId,
    feedAddress: FEED_ADDRESS,
    meds,
    medOf,
    settling: input.settling ?? false,
  };
  const imports = importStatements(context);
  const exports = exportStatements(context);
  return {
    global: {
      asn: bgp.asn,
      routerId: bgp.routerId,
      listenPort: input.listenPort ?? 179,
      ...(bgp.confederation === undefined ? {} : { confederation: bgp.confederation }),
      alwaysCompareMed: true,
      externalCompareRouterId: true,
    },
    neighbours: [
      feedNeighbour(bgp, input.feedPort ?? FEED_PORT),
      ...bgp.neighbours.map((part) => neighbour(bgp, part)),
    ],
    definedSets: sets.sets(),
    importStatements: imports,
    exportStatements: exports,
    originated: bgp.originate
      .filter((path) => input.closed !== true || !attracts(path))
      .filter(({ service }) => service === undefined || (input.working?.has(service) ?? true))
      .map((path) => ({
        prefix: path.prefix,
        // Sent with our own number once more before it: AS path length comes before MED, so planes agree on the order.
        ...(path.prepend === undefined
          ? {}
          : { asPath: Array.from({ length: path.prepend }, () => bgp.asn) }),
        largeCommunities: [classCommunity(bgp.as, path.class)],
      })),
  };
}

/** Our own best-path receiver: a route-reflector client, else iBGP-learned routes never reach it. */
function feedNeighbour(bgp: BgpPart, port: number): SpeakerNeighbour {
  return {
    name: "vsix-feed",
    address: FEED_ADDRESS,
    asn: bgp.asn,
    remotePort: port,
    holdS: FEED_HOLD_S,
    keepaliveS: FEED_KEEPALIVE_S,
    clusterId: bgp.routerId,
    gracefulRestart: { restartS: FEED_HOLD_S, deferralS: DEFERRAL_S },
    maxPrefixes: 0,
    allowOwnAsn: 0,
    removePrivate: false,
  };
}

function neighbour(bgp: BgpPart, part: NeighbourPart): SpeakerNeighbour {
  const external = part.kind === "edge" || part.kind === "backbone" || part.kind === "upstream";
  const restartS = part.gracefulRestartS;
  return {
    name: part.name,
    address: part.address,
    asn: part.asn,
    remotePort: 0,
    holdS: part.holdS,
    keepaliveS: Math.max(1, Math.floor(part.holdS / 3)),
    ...(part.kind === "plane-internal" ? { clusterId: bgp.routerId } : {}),
    ...(restartS === 0 ? {} : { gracefulRestart: { restartS, deferralS: Math.min(DEFERRAL_S, restartS) } }),
    maxPrefixes: ENGINE_LIMITS.includes(part.kind) ? part.maxPrefixes : 0,
    allowOwnAsn: external ? ANY_TIMES : 0,
    removePrivate: part.kind === "upstream",
  };
}

function attracts(path: OriginatePart): boolean {
  return path.class === "default" || path.class === "aggregate" || path.plane !== undefined;
}
