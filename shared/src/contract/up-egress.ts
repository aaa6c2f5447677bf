import { type Static, Type } from "@sinclair/typebox";
import { MAX_EGRESS_PEERS } from "./part-egress.ts";

/** Nothing else gets from a stranger onto a terminal. */
const AddressText = Type.String({ pattern: "^[0-9a-f:.]{2,45}$" });
const PeerName = Type.String({ pattern: "^[a-z0-9./-]{1,127}$" });
const Count = Type.Integer({ minimum: 0, maximum: 2 ** 32 });
const PeerIndex = Type.Integer({ minimum: 0, maximum: MAX_EGRESS_PEERS - 1 });

/** Destinations in one message; a cycle of more is told in several. */
export const MAX_EGRESS_ROWS = 512;

/** What became of the probes of one cycle to one destination by one peer. */
export const EgressCell = Type.Object({
  peer: PeerIndex,
  sent: Type.Integer({ minimum: 0, maximum: 32 }),
  /** Not answered in time; those that could not leave are not among them. */
  lost: Type.Integer({ minimum: 0, maximum: 32 }),
  /** Wanted, and not sent: budget, back-off, or refused by this node's own kernel. */
  unsent: Type.Integer({ minimum: 0, maximum: 32 }),
  /** Microseconds, in the order of sending; -1 is a lost one. */
  rttsUs: Type.Array(Type.Integer({ minimum: -1, maximum: 10_000_000 }), { maxItems: 32 }),
  /** The probe of full size; absent where none was wanted or sent. `too-big` with the MTU that was told. */
  full: Type.Optional(Type.Union([Type.Literal("arrived"), Type.Literal("lost"), Type.Literal("too-big")])),
  fullMtu: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
  /** Answers that prove nothing: from another address, a second time, after their time. */
  stray: Type.Optional(Count),
  /**
   * Hop limit (RFC 8200 section 3) that the last answer arrived with. Answers come back by one way whatever peer was tried, so
   * another value by one peer says that somebody else answered there.
   */
  hopLimit: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
  /** ICMPv6 Destination Unreachable, code (RFC 4443 section 3.1). */
  unreachable: Type.Optional(Type.Integer({ minimum: 0, maximum: 255 })),
});
export type EgressCell = Static<typeof EgressCell>;

/** Topic `egress`, not retained: one cycle of an EgressMeasure, as soon as it is over. */
export const Egress = Type.Object({
  version: Type.Literal(1),
  node: Type.String(),
  /** Random at each start of the agent: cycles are counted from 1 again. */
  instance: Type.String({ maxLength: 64 }),
  cycle: Type.Integer({ minimum: 1 }),
  shard: Type.Integer({ minimum: 0, maximum: 1023 }),
  shards: Type.Integer({ minimum: 1, maximum: 1024 }),
  /** Of the cycle; milliseconds of the node's wall clock, for people. */
  startMs: Type.Number(),
  /** From the cycle's beginning to this message, on a clock that never jumps. */
  ageMs: Type.Number({ minimum: 0, maximum: 7_200_000 }),
  /** Names that the cells' numbers mean. */
  peers: Type.Array(PeerName, { maxItems: MAX_EGRESS_PEERS }),
  rows: Type.Array(
    Type.Object({
      address: AddressText,
      /** Asked less than wanted, for it seems to limit its answers. */
      backedOff: Type.Optional(Type.Boolean()),
      cells: Type.Array(EgressCell, { maxItems: MAX_EGRESS_PEERS }),
    }),
    { maxItems: MAX_EGRESS_ROWS },
  ),
});
export type Egress = Static<typeof Egress>;

/** One route of one peer as it was before policy (Adj-RIB-In). */
export const EgressRoute = Type.Object({
  peer: PeerIndex,
  prefix: Type.String({ pattern: "^[0-9a-f:.]{2,45}/[0-9]{1,3}$" }),
  /** AS numbers, nearest first; those of sets and confederations are left out. */
  asPath: Type.Array(Count, { maxItems: 256 }),
  origin: Type.Union([Type.Literal("igp"), Type.Literal("egp"), Type.Literal("incomplete")]),
  med: Type.Optional(Count),
  nextHop: AddressText,
  /** `65000:1`, RFC 1997, and `65000:1:2`, RFC 8092. */
  communities: Type.Array(Type.String({ pattern: "^[0-9:]{1,40}$" }), { maxItems: 64 }),
  /** Our own import policy refuses it. */
  filtered: Type.Optional(Type.Boolean()),
  /** It is what this External Edge itself uses. */
  best: Type.Optional(Type.Boolean()),
});
export type EgressRoute = Static<typeof EgressRoute>;

/** Topic `egress-routes`, not retained: state of an External Edge's egress peers, and their routes towards what was asked. */
export const EgressRoutes = Type.Object({
  version: Type.Literal(1),
  node: Type.String(),
  at: Type.String(),
  /** Random at each start of the agent; this and `sequence` are absent from agents of before them. */
  instance: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  /** Counts tellings from 1; all shards of one carry the same. */
  sequence: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
  shard: Type.Integer({ minimum: 0, maximum: 1023 }),
  shards: Type.Integer({ minimum: 1, maximum: 1024 }),
  peers: Type.Array(
    Type.Object({
      name: PeerName,
      /** BGP session state, in GoBGP's words. */
      state: Type.String({ maxLength: 32 }),
      /** How long it has been so. */
      forMs: Type.Number({ minimum: 0 }),
      received: Count,
      /** Where its SIDs lead now. */
      sid: Type.Union([Type.Literal("peer"), Type.Literal("lookup"), Type.Literal("none")]),
      /** Octets that left and came in by its port, since the device was made. */
      txOctets: Type.Optional(Type.Number({ minimum: 0 })),
      rxOctets: Type.Optional(Type.Number({ minimum: 0 })),
    }),
    { maxItems: MAX_EGRESS_PEERS },
  ),
  rows: Type.Array(
    Type.Object({
      address: AddressText,
      /** The most specific of each peer; a peer without is not here. */
      routes: Type.Array(EgressRoute, { maxItems: MAX_EGRESS_PEERS }),
    }),
    { maxItems: MAX_EGRESS_ROWS },
  ),
});
export type EgressRoutes = Static<typeof EgressRoutes>;
