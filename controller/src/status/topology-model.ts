import { type Static, Type } from "@sinclair/typebox";

/** The network to be drawn: what there is, by the fabric in force, and how much goes over it. */

const OrNull = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

export const TopologyNode = Type.Object({
  name: Type.String(),
  /** plane, external-edge, edge, upstream. */
  role: Type.String(),
  site: Type.String(),
  plane: Type.Union([Type.String(), Type.Null()]),
  /** What an Edge does for everybody. */
  service: Type.Union([Type.String(), Type.Null()]),
  /** False: somebody else's software, which tells us nothing. */
  ours: Type.Boolean(),
});
export type TopologyNode = Static<typeof TopologyNode>;

export const TopologyLink = Type.Object({
  name: Type.String(),
  a: Type.String(),
  b: Type.String(),
  /** plane-internal, plane-external, plane-edge, upstream, outside. */
  kind: Type.String(),
  cost: Type.Number(),
  mtu: Type.Integer(),
  /** Of a way out of the AS: what egress peer engineering calls it. */
  peer: Type.Union([Type.String(), Type.Null()]),
});
export type TopologyLink = Static<typeof TopologyLink>;

export const Topology = Type.Object({
  revision: Type.Union([Type.Integer(), Type.Null()]),
  sites: Type.Array(Type.String()),
  planes: Type.Array(Type.String()),
  nodes: Type.Array(TopologyNode),
  links: Type.Array(TopologyLink),
});
export type Topology = Static<typeof Topology>;

/** Rates over the newest two tellings of a node at one of the ends; null where none has told twice. */
export const LinkLoad = Type.Object({
  name: Type.String(),
  aToBMbps: OrNull("Megabits a second from end a to end b."),
  bToAMbps: OrNull("Megabits a second from end b to end a."),
  lostPps: OrNull("Packets a second that kernels at its ends dropped or found broken."),
});
export type LinkLoad = Static<typeof LinkLoad>;

export const LoadsAnswer = Type.Object({ links: Type.Array(LinkLoad) });
