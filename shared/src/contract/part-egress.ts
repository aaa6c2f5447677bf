import { type Static, Type } from "@sinclair/typebox";

/**
 * What a node asks of egress peers. Like `measure` it travels inside part `probes`: an agent that does not know it lets an unknown
 * field through.
 */

/** Destinations that one node measures. */
export const MAX_EGRESS_DESTINATIONS = 16_384;
export const MAX_EGRESS_PEERS = 64;

const AddressText = Type.String({ minLength: 2, maxLength: 64 });
const PeerName = Type.String({ minLength: 1, maxLength: 127 });

export const EgressDestination = Type.Object({
  address: AddressText,
  protocol: Type.Union([Type.Literal("icmp6"), Type.Literal("tcp"), Type.Literal("udp")]),
  /** Of the destination; TCP (a SYN) and UDP only. Absent: 443 and 33434. */
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  /** Positions in `peers` by which it is measured; absent: all. */
  peers: Type.Optional(
    Type.Array(Type.Integer({ minimum: 0, maximum: MAX_EGRESS_PEERS - 1 }), { maxItems: MAX_EGRESS_PEERS }),
  ),
});
export type EgressDestination = Static<typeof EgressDestination>;

/**
 * Every destination by every peer in the same window, no route touched: probes ride IPv6-in-IPv6 (next header 41, no SRH) to the
 * peer's SID, or leave by `interface` where the peer is this node's own. An Edge has both: its probes ride to the SID, and leave by
 * its port towards the plane router that lets them in (`admit`).
 */
export const EgressMeasure = Type.Object({
  /** Begin of a cycle to begin of the next. */
  cycleMs: Type.Integer({ minimum: 1000, maximum: 3_600_000 }),
  /** Of each destination by each peer in a cycle. */
  probes: Type.Integer({ minimum: 1, maximum: 32 }),
  /** After this a probe is lost. */
  timeoutMs: Type.Integer({ minimum: 100, maximum: 10_000 }),
  /** Octets of the inner packet of ordinary probes. */
  size: Type.Integer({ minimum: 80, maximum: 1500 }),
  /** Octets of the inner packet of one more probe a cycle, which shows that full packets arrive; 0: none. */
  fullSize: Type.Integer({ minimum: 0, maximum: 9000 }),
  /** Packets a second of this node, over everything here. */
  maxPacketsPerS: Type.Integer({ minimum: 1, maximum: 100_000 }),
  /** Packets a second of this node to one destination, over all peers. */
  maxPacketsPerDestinationPerS: Type.Number({ minimum: 0.01, maximum: 1000 }),
  peers: Type.Array(
    Type.Object({
      name: PeerName,
      /** SIDs, the peer's last; absent where the peer is this node's own. As the kernel routes them, unless `interface` is there too. */
      segments: Type.Optional(Type.Array(AddressText, { minItems: 1, maxItems: 8 })),
      /** This node's own port: towards the peer, or with `segments` towards a plane router. */
      interface: Type.Optional(Type.String({ maxLength: 15 })),
      /** The neighbour there. */
      nextHop: Type.Optional(AddressText),
    }),
    { maxItems: MAX_EGRESS_PEERS },
  ),
  destinations: Type.Array(EgressDestination, { maxItems: MAX_EGRESS_DESTINATIONS }),
});
export type EgressMeasure = Static<typeof EgressMeasure>;

/** On an External Edge: which of its peers announce a route that covers these addresses. */
export const EgressLookups = Type.Object({
  everyMs: Type.Integer({ minimum: 1000, maximum: 3_600_000 }),
  addresses: Type.Array(AddressText, { maxItems: MAX_EGRESS_DESTINATIONS }),
});
export type EgressLookups = Static<typeof EgressLookups>;

/**
 * On a plane router: probes of an Edge that may pass to peers' SIDs, the one hole in the filter that keeps Edges from the SID block
 * (RFC 8754 section 5.1). Nothing else passes: another outer or inner source, another SID, a fragment, an SRH, an inner packet that is
 * no probe or goes to a SID itself, more than the Edge is to send.
 */
export const EgressAdmission = Type.Object({
  /** Port of this router that faces the Edge. */
  interface: Type.String({ minLength: 1, maxLength: 15 }),
  /** Source of the probes, inside and outside. */
  source: AddressText,
  /** SIDs of peers in this plane's own locators. */
  sids: Type.Array(AddressText, { minItems: 1, maxItems: MAX_EGRESS_PEERS }),
  maxPacketsPerS: Type.Integer({ minimum: 1, maximum: 100_000 }),
});
export type EgressAdmission = Static<typeof EgressAdmission>;

/** Destinations whose traffic one plane router counts. */
export const MAX_COUNTED_DESTINATIONS = 1024;
/** Edges of one plane router that measure. */
const MAX_ADMISSIONS = 64;

export const EgressPart = Type.Object({
  measure: Type.Optional(EgressMeasure),
  lookups: Type.Optional(EgressLookups),
  /** On an External Edge: for so long a peer's session must be up again before its SID leads to it. */
  holdMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 3_600_000 })),
  /** On a plane router: prefixes of destinations; what Edges send to each is counted (topic `counters`). */
  count: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: MAX_COUNTED_DESTINATIONS })),
  admit: Type.Optional(Type.Array(EgressAdmission, { maxItems: MAX_ADMISSIONS })),
});
export type EgressPart = Static<typeof EgressPart>;
