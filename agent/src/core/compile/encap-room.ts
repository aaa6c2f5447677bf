import type { EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";

/** RFC 8200 section 5. */
export const MIN_MTU = 1280;

/** Octets of an IPv6 header, RFC 8200 section 3. */
const IP6_HEADER = 40;
/** SRH without its segments, RFC 8754 section 2. */
const SRH_FIXED = 8;
const SEGMENT = 16;

/** What an encapsulation leaves, where that is less than a packet of an Edge may have. */
export interface EncapRoom {
  /** Largest inner packet, octets. */
  readonly octets: number;
  /** Smallest MTU on the way. */
  readonly linkMtu: number;
  /** Edge-facing ports with a larger MTU. */
  readonly ports: readonly string[];
  /** Largest MTU of those ports. */
  readonly portMtu: number;
}

/**
 * Largest packet of an Edge that fits, once encapsulated, over every link of the plane; undefined where there are no
 * overrides or every packet fits. Worked out from what the document says, not from what stands now, so that packet
 * filters do not change with every route. One figure for all overrides of a node: the mark knows no difference.
 */
export function encapRoom(part: FabricPart, epe: EpePart | undefined): EncapRoom | undefined {
  let segments = 0;
  for (const override of part.overrides) segments = Math.max(segments, override.segments.length);
  for (const { overrides } of epe?.classes ?? [])
    for (const override of overrides) segments = Math.max(segments, override.segments.length);
  if (segments === 0) return undefined;
  const linkMtu = part.planeMtu ?? ownLinkMtu(part);
  // Reduced encapsulation (RFC 8986 section 5.2): the first segment is the outer destination alone.
  const srh = segments === 1 ? 0 : SRH_FIXED + SEGMENT * (segments - 1);
  const octets = linkMtu - IP6_HEADER - srh;
  const narrow = part.interfaces.filter(({ faces, mtu }) => faces === "edge" && mtu > octets);
  if (narrow.length === 0) return undefined;
  return {
    octets,
    linkMtu,
    ports: narrow.map(({ name }) => name),
    portMtu: Math.max(...narrow.map(({ mtu }) => mtu)),
  };
}

/** A controller of before tells only this node's own links. */
function ownLinkMtu(part: FabricPart): number {
  const inner = part.interfaces.filter(
    ({ faces }) => faces === "plane-internal" || faces === "external-edge",
  );
  return inner.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...inner.map(({ mtu }) => mtu));
}
