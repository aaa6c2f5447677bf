import { type Static, Type } from "@sinclair/typebox";
import { MACHINE_WARNINGS } from "../core/machine-warnings.ts";

/** What the API says of the network; the CLI and the portal read the same. Ages and rates are as of the answer. */

const Nullable = <T extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Number>>(type: T) =>
  Type.Union([type, Type.Null()]);

export const NodeStatus = Type.Object({
  name: Type.String(),
  role: Type.String(),
  site: Type.String(),
  plane: Nullable(Type.String()),
  online: Type.Boolean(),
  agentVersion: Nullable(Type.String()),
  /** The newest certificate that counts, else the newest; null: never enrolled. */
  certificate: Type.Union([
    Type.Object({ state: Type.String(), serial: Type.String(), ends: Type.String() }),
    Type.Null(),
  ]),
  /** Of the manifest published last. */
  wantedGeneration: Type.Integer(),
  /** Of the manifest that the node says it holds, and its epoch. */
  generation: Nullable(Type.Number()),
  epoch: Nullable(Type.Number()),
  converged: Type.Boolean(),
  sessionsUp: Type.Integer(),
  sessionsWanted: Type.Integer(),
  /** BFD with each neighbour; `none` where it is not wanted, or where the agent knows of none. */
  bfd: Type.Array(
    Type.Object({
      neighbour: Type.String(),
      state: Type.Union([Type.Literal("up"), Type.Literal("down"), Type.Literal("none")]),
    }),
  ),
  /** What the node does for everybody; null: none, or its agent has told nothing of it. */
  service: Type.Union([
    Type.Object({
      /** Its role in the fabric file. */
      kind: Type.String(),
      /** What it announces while it works. */
      announces: Type.Array(Type.String()),
      working: Type.Boolean(),
      since: Nullable(Type.String()),
      reason: Type.String(),
      /** Of its program, by the agent that runs now. */
      starts: Type.Integer(),
      looks: Type.Integer(),
      failed: Type.Integer(),
    }),
    Type.Null(),
  ]),
  /** Objects that are not done. */
  conditions: Type.Integer(),
  /** The newest message that the agent refused. It may be long ago, so it does not count against `ready`. */
  refused: Nullable(Type.String()),
  /** What is missing; empty when the node is as it should be. */
  why: Type.Array(Type.String()),
  /** What of its machine somebody should see to; the node is as it should be all the same. */
  warnings: Type.Array(
    Type.Object({
      code: Type.Union(MACHINE_WARNINGS.map((code) => Type.Literal(code))),
      /** A path, where there are several. */
      subject: Type.String(),
      /** Percent that are left, seconds, degrees Celsius, or processes a processor; 0 where there is no figure. */
      value: Type.Number(),
      text: Type.String(),
    }),
  ),
});
export type NodeStatus = Static<typeof NodeStatus>;

export const EdgeStatus = Type.Object({
  edge: Type.String(),
  site: Type.String(),
  /** Plane wanted, and why: steered, prefers, drained, forced. */
  wanted: Type.String(),
  reason: Type.String(),
  attachments: Type.Array(Type.Object({ plane: Type.String(), up: Type.Boolean(), why: Type.String() })),
  /** As packets showed it, External Edge by External Edge. */
  observed: Type.Array(
    Type.Object({
      externalEdge: Type.String(),
      inbound: Nullable(Type.String()),
      outbound: Nullable(Type.String()),
      /** Since that External Edge last told; null: never. */
      ageMs: Nullable(Type.Number()),
      rttUs: Nullable(Type.Number()),
      /** Of the last 20 probes. */
      lost: Nullable(Type.Number()),
    }),
  ),
  /** Packets through the ports of the planes' routers that face this Edge. */
  ports: Type.Array(
    Type.Object({
      router: Type.String(),
      plane: Type.String(),
      interface: Type.String(),
      inPackets: Type.Number(),
      outPackets: Type.Number(),
      /** Packets per second over the last two tellings; null before there are two. */
      inPps: Nullable(Type.Number()),
      outPps: Nullable(Type.Number()),
    }),
  ),
  /** Every External Edge sees it where it is wanted, both ways. */
  asWanted: Type.Boolean(),
  /** Why observed and wanted differ, where that can be told. */
  notes: Type.Array(Type.String()),
});
export type EdgeStatus = Static<typeof EdgeStatus>;

export const PlaneStatus = Type.Object({
  plane: Type.String(),
  /** Revision whose file its routers are of. */
  revision: Type.Integer(),
  drained: Type.Boolean(),
  routers: Type.Integer(),
  routersOnline: Type.Integer(),
  edgesWanted: Type.Integer(),
  /** Edges that every External Edge sees on it, both ways. */
  edgesObserved: Type.Integer(),
});
export type PlaneStatus = Static<typeof PlaneStatus>;

export const Status = Type.Object({
  /** Everything is as it is wanted to be, and was observed to be. */
  ready: Type.Boolean(),
  why: Type.Array(Type.String()),
  fabric: Nullable(Type.String()),
  revision: Nullable(Type.Number()),
  epoch: Type.Integer(),
  broker: Type.String(),
  /** Messages from nodes since the start. */
  messages: Type.Object({ accepted: Type.Integer(), refused: Type.Integer() }),
  planes: Type.Array(PlaneStatus),
  edges: Type.Array(EdgeStatus),
  nodes: Type.Array(NodeStatus),
});
export type Status = Static<typeof Status>;
