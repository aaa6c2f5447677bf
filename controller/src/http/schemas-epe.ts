import { Type } from "@sinclair/typebox";
import type { EpeMode } from "../core/epe/in-force.ts";
import { EPE_MODES } from "../core/epe/in-force.ts";
import type { EpeCourse } from "../epe/course-view.ts";
import type { DestinationView, EpeEventView, EpeExplanation, EpeStatus } from "../epe/view.ts";

/** What routes-epe.ts answers. `additionalProperties`: a value is sent whole, also where it says more than is written here. */

const OPEN = { additionalProperties: true };
const Mode = Type.Unsafe<EpeMode>(Type.String({ enum: [...EPE_MODES] }));
const TextOrNull = Type.Union([Type.String(), Type.Null()]);
const NumberOrNull = Type.Union([Type.Number(), Type.Null()]);

export const EpeStatusAnswer = Type.Unsafe<EpeStatus>(
  Type.Object(
    {
      mode: Mode,
      policy: Type.Boolean(),
      destinations: Type.Integer(),
      cycleS: NumberOrNull,
      decidedAgoMs: NumberOrNull,
      decidedInMs: NumberOrNull,
      overrides: Type.Integer(),
      wanted: Type.Integer(),
      refused: Type.Array(
        Type.Object({
          source: Type.String(),
          why: Type.String(),
          count: Type.Integer(),
          example: Type.String(),
        }),
      ),
      sources: Type.Array(Type.Object({ name: Type.String(), count: NumberOrNull, fault: TextOrNull })),
      peers: Type.Array(
        Type.Object({
          peer: Type.String(),
          established: Type.Union([Type.Boolean(), Type.Null()]),
          sid: TextOrNull,
          mbps: NumberOrNull,
          afterMbps: NumberOrNull,
          capacityMbps: NumberOrNull,
          overrides: Type.Integer(),
        }),
      ),
      measuring: Type.Array(
        Type.Object({ node: Type.String(), cycles: Type.Integer(), agoMs: NumberOrNull }),
      ),
      accounts: Type.Object({
        moves: Type.Integer(),
        kept: Type.Integer(),
        takenBack: Type.Integer(),
        reverted: Type.Integer(),
        worsePercent: NumberOrNull,
        meanGainMs: NumberOrNull,
      }),
      alarms: Type.Array(Type.String()),
    },
    OPEN,
  ),
);

export const DestinationsAnswer = Type.Object({
  rows: Type.Array(
    Type.Unsafe<DestinationView>(
      Type.Object(
        {
          prefix: Type.String(),
          node: Type.String(),
          className: Type.String(),
          action: Type.String(),
          rule: Type.String(),
          words: Type.String(),
          peer: TextOrNull,
          bgp: TextOrNull,
          gainMs: NumberOrNull,
          rttMs: NumberOrNull,
          vantage: TextOrNull,
          mbps: NumberOrNull,
        },
        OPEN,
      ),
    ),
  ),
});

const Gain = Type.Object(
  {
    from: Type.String(),
    cycles: Type.Number(),
    latencyMs: Type.Number(),
    lossMs: Type.Number(),
    gainMs: Type.Number(),
    neededMs: Type.Number(),
    p: Type.Number(),
    share: Type.Number(),
  },
  OPEN,
);
const PeerVerdict = Type.Object(
  {
    peer: Type.String(),
    code: Type.String(),
    rttMs: Type.Optional(Type.Number()),
    jitterMs: Type.Optional(Type.Number()),
    lost: Type.Number(),
    sent: Type.Number(),
    asPathLength: Type.Optional(Type.Number()),
    comparison: Type.Optional(Gain),
    forMs: Type.Optional(Type.Number()),
  },
  OPEN,
);
export const ExplainAnswer = Type.Unsafe<EpeExplanation>(
  Type.Object(
    {
      destination: Type.String(),
      prefix: Type.String(),
      mode: Mode,
      decidedAgoMs: Type.Number(),
      decisions: Type.Array(
        Type.Object({
          decision: Type.Object(
            {
              node: Type.String(),
              className: Type.String(),
              prefix: Type.String(),
              action: Type.String(),
              rule: Type.String(),
              peer: Type.Optional(Type.String()),
              bgp: Type.Optional(Type.String()),
              vantage: Type.Optional(Type.String()),
              comparison: Type.Optional(Gain),
              peers: Type.Array(PeerVerdict),
            },
            OPEN,
          ),
          words: Type.Array(Type.String()),
          mbps: NumberOrNull,
        }),
      ),
      probers: Type.Array(Type.Object({}, OPEN)),
    },
    OPEN,
  ),
);

export const CourseAnswer = Type.Unsafe<EpeCourse>(
  Type.Object({
    prefix: Type.String(),
    nodes: Type.Array(
      Type.Object({
        node: Type.String(),
        at: Type.Array(Type.String()),
        peers: Type.Array(
          Type.Object({
            peer: Type.String(),
            rttMs: Type.Array(NumberOrNull),
            loss: Type.Array(NumberOrNull),
          }),
        ),
      }),
    ),
  }),
);

export const EpeHistoryAnswer = Type.Object({
  rows: Type.Array(
    Type.Unsafe<EpeEventView>(
      Type.Object({
        id: Type.Integer(),
        at: Type.String(),
        prefix: Type.String(),
        body: Type.Object({ kind: Type.String() }, OPEN),
      }),
    ),
  ),
});
