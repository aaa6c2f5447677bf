import { type Static, Type } from "@sinclair/typebox";
import { MadeOf } from "../desired/stored-fabric.ts";

/** Bodies and answers of the API beside Status (status/model.ts). */

const Plane = Type.Union([Type.String(), Type.Null()]);

/** Something wrong at a place of a file. */
export const FaultBody = Type.Object({
  file: Type.String(),
  line: Type.Integer(),
  column: Type.Integer(),
  path: Type.String(),
  message: Type.String(),
});

export const ErrorBody = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    faults: Type.Optional(Type.Array(FaultBody)),
  }),
});
export type ErrorBody = Static<typeof ErrorBody>;

/** The contract's bounds (manifest.ts). */
const ConfirmWithinS = Type.Optional(Type.Integer({ minimum: 5, maximum: 3600 }));

export const FabricBody = Type.Object(
  {
    text: Type.String({ maxLength: 1024 * 1024 }),
    file: Type.String({ minLength: 1, maxLength: 1024 }),
    note: Type.String({ maxLength: 1024, default: "" }),
    dryRun: Type.Boolean({ default: false }),
    plane: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: "Only what the file says of this plane; everything else stays as it is.",
      }),
    ),
    confirmWithinS: ConfirmWithinS,
  },
  { additionalProperties: false },
);
export type FabricBody = Static<typeof FabricBody>;

export const ApplyAnswer = Type.Object({
  dryRun: Type.Boolean(),
  revision: Type.Union([Type.Integer(), Type.Null()]),
  stored: Type.Boolean(),
  diff: Type.Array(
    Type.Object({
      node: Type.String(),
      change: Type.Union([Type.Literal("added"), Type.Literal("changed"), Type.Literal("removed")]),
      lines: Type.Array(Type.String()),
    }),
  ),
  /** Null: all of the file. */
  plane: Plane,
  held: Type.Array(Type.String(), {
    description: "With a plane: what the file would change in others, and waits for an apply of all of it.",
  }),
  dropped: Type.Array(Type.String()),
  unfitPaths: Type.Array(FaultBody, { description: "Expected paths that do not fit this fabric." }),
  published: Type.Boolean(),
});
export type ApplyAnswer = Static<typeof ApplyAnswer>;

export const RollbackBody = Type.Object(
  { revision: Type.Integer({ minimum: 1 }), confirmWithinS: ConfirmWithinS },
  { additionalProperties: false },
);

const WaitMs = Type.Integer({ minimum: 0, maximum: 600_000, default: 10_000 });
/** Even where a rollout is concerned. */
const Exception = Type.Boolean({ default: false });
/** Only say who would move. */
const DryRun = Type.Boolean({ default: false });
export const SteerBody = Type.Object(
  {
    plane: Type.String({ minLength: 1, maxLength: 64 }),
    waitMs: WaitMs,
    exception: Exception,
    dryRun: DryRun,
  },
  { additionalProperties: false },
);
export const ReleaseBody = Type.Object(
  { waitMs: WaitMs, exception: Exception, dryRun: DryRun },
  { additionalProperties: false },
);
export const WaitBody = Type.Object({ waitMs: WaitMs, dryRun: DryRun }, { additionalProperties: false });
export const DrainBody = Type.Object(
  { force: Type.Boolean({ default: false }), waitMs: WaitMs, exception: Exception, dryRun: DryRun },
  { additionalProperties: false },
);

export const MoveAnswer = Type.Object({
  edges: Type.Array(Type.Object({ edge: Type.String(), plane: Type.String(), reason: Type.String() })),
  changed: Type.Boolean(),
  published: Type.Boolean(),
  observed: Type.Boolean(),
  sightings: Type.Array(
    Type.Object({
      edge: Type.String(),
      externalEdge: Type.String(),
      direction: Type.Union([Type.Literal("inbound"), Type.Literal("outbound")]),
      wanted: Type.String(),
      before: Plane,
      now: Plane,
      ms: Type.Union([Type.Number(), Type.Null()]),
      nodeClockMs: Type.Union([Type.Number(), Type.Null()]),
    }),
  ),
  missing: Type.Array(Type.String()),
});
export type MoveAnswer = Static<typeof MoveAnswer>;

const revision = {
  revision: Type.Integer(),
  file: Type.String(),
  sha256: Type.String(),
  author: Type.String(),
  note: Type.String(),
  at: Type.String(),
  /** Null: of the whole network. */
  madeOf: Type.Union([MadeOf, Type.Null()]),
};
export const RevisionAnswer = Type.Object({ ...revision, text: Type.String() });
export const RevisionsAnswer = Type.Object({
  current: Type.Union([Type.Integer(), Type.Null()]),
  revisions: Type.Array(Type.Object(revision)),
});
export type RevisionsAnswer = Static<typeof RevisionsAnswer>;

export const AuditAnswer = Type.Object({
  audit: Type.Array(
    Type.Object({
      id: Type.Integer(),
      at: Type.String(),
      who: Type.String(),
      what: Type.String(),
      detail: Type.Unknown(),
      hash: Type.String(),
    }),
  ),
});
export type AuditAnswer = Static<typeof AuditAnswer>;

export const AuditQuery = Type.Object({
  /** A head noted earlier, ID:HASH. */
  head: Type.Optional(Type.String({ pattern: "^(0|[1-9][0-9]{0,14}):[0-9a-f]{64}$" })),
});

export const AuditVerdictAnswer = Type.Object({
  sound: Type.Integer(),
  head: Type.Object({ id: Type.Integer(), hash: Type.String() }),
  broken: Type.Union([Type.Object({ record: Type.Integer(), reason: Type.String() }), Type.Null()]),
});
export type AuditVerdictAnswer = Static<typeof AuditVerdictAnswer>;

export const LimitQuery = Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }) });

export const AuditListQuery = Type.Object({
  ...LimitQuery.properties,
  /** Only records of a lower number. */
  before: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Exactly this one. */
  who: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  what: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
});
export type AuditListQuery = Static<typeof AuditListQuery>;
