import { type Static, Type } from "@sinclair/typebox";
import { TraceBody } from "@vsix/shared/contract/up-trace.ts";
import { VERDICT_KINDS } from "@vsix/shared/paths/verdict.ts";

/** Watched paths as they are told over the API. */

const OrNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);
const Kind = Type.Union(VERDICT_KINDS.map((kind) => Type.Literal(kind)));
const Level = Type.Union(
  (["alarm", "warning", "notice", "fine"] as const).map((level) => Type.Literal(level)),
);
const Time = Type.String({ description: "RFC 3339" });

export const SightingView = Type.Object({
  kind: Kind,
  level: Level,
  words: Type.String(),
  planes: Type.Array(Type.String()),
  at: Time,
});
export type SightingView = Static<typeof SightingView>;

export const PathView = Type.Object({
  source: Type.String(),
  target: Type.String(),
  address: Type.String(),
  current: OrNull(SightingView),
  since: OrNull(Time),
  lookedAt: OrNull(Time),
  flapping: Type.Boolean({ description: "Nothing more is told until it has been quiet." }),
  acknowledged: OrNull(Type.Object({ by: Type.String(), at: Time, note: Type.String() })),
  silenced: OrNull(Type.Object({ by: Type.String(), until: Time, note: Type.String() })),
});
export type PathView = Static<typeof PathView>;

export const DrawnPath = Type.Object({
  target: OrNull(Type.String({ description: "The node that the target's address is at." })),
  ways: Type.Array(
    Type.Object({
      flows: Type.Array(Type.Integer()),
      kind: Kind,
      words: Type.String(),
      arrives: Type.Boolean(),
      partsAt: OrNull(
        Type.Integer({ description: "The first hop, from 1, that no allowed path has there." }),
      ),
      wanted: Type.Array(Type.String(), {
        description: "What could have stood there, as patterns are written.",
      }),
      hops: Type.Array(Type.Object({ address: OrNull(Type.String()), node: OrNull(Type.String()) })),
    }),
    { description: "Of the newest trace; flows that went alike together." },
  ),
  expected: Type.Array(
    Type.Object({
      text: Type.String({ description: "The pattern as it is written." }),
      nodes: OrNull(
        Type.Array(Type.String(), {
          description:
            "The shortest way over the fabric's links that it allows, both ends among them; empty: none.",
        }),
      ),
    }),
  ),
});
export type DrawnPath = Static<typeof DrawnPath>;

export const PathDetail = Type.Composite([
  PathView,
  Type.Object({
    trace: OrNull(TraceBody),
    drawn: DrawnPath,
    before: OrNull(Type.Object({ ...SightingView.properties, trace: OrNull(TraceBody) })),
  }),
]);
export type PathDetail = Static<typeof PathDetail>;

export const SilenceView = Type.Object({
  source: Type.String(),
  target: Type.String(),
  by: Type.String(),
  until: Time,
  note: Type.String(),
});
export type SilenceView = Static<typeof SilenceView>;

export const PathEventView = Type.Object({
  id: Type.Integer(),
  at: Time,
  kind: Type.String({ description: "first, changed, recovered, plane-moved, flapping, settled" }),
  level: Level,
  source: Type.String(),
  target: Type.String(),
  withheld: OrNull(Type.String({ description: "Why nobody was told." })),
  before: OrNull(SightingView),
  after: SightingView,
  lastedMs: OrNull(Type.Number()),
  likely: OrNull(Type.String({ description: "The change that most likely caused it." })),
});
export type PathEventView = Static<typeof PathEventView>;

export const ReceiverView = Type.Object({
  name: Type.String(),
  format: Type.String(),
  heartbeatS: OrNull(Type.Number()),
  waiting: Type.Integer(),
  sent: Type.Integer({ description: "Since the controller started." }),
  failed: Type.Integer(),
  dropped: Type.Integer(),
  last: OrNull(Type.Object({ at: Time, outcome: Type.String(), code: Type.String() })),
});
export type ReceiverView = Static<typeof ReceiverView>;
