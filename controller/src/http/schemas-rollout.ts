import { type Static, Type } from "@sinclair/typebox";
import { MetricChange } from "../core/release/rollout-state.ts";
import { RolloutView } from "../status/rollout-model.ts";

/** Bodies and answers of routes-rollout.ts. */

const Name = Type.String({ minLength: 1, maxLength: 64 });
const Names = (description: string) => Type.Array(Name, { maxItems: 65_536, default: [], description });

export const RolloutBody = Type.Object(
  {
    to: Name,
    /** The other one, where the fabric has two planes. */
    from: Type.Optional(Name),
    steps: Type.String({ minLength: 1, maxLength: 512, default: "1,10%,50%,100%" }),
    edges: Names("Only these; neither these nor labels: every Edge on the plane that is left."),
    labels: Type.Record(Name, Type.String({ maxLength: 64 }), { default: {}, maxProperties: 32 }),
    canaries: Names("The first step; else the first of the order."),
    intervalMs: Type.Integer({ minimum: 1000, maximum: 86_400_000, default: 60_000 }),
    /** Default: the interval, at most 15 s. */
    rehearsalMs: Type.Optional(Type.Integer({ minimum: 1000, maximum: 86_400_000 })),
    moveMs: Type.Integer({ minimum: 1000, maximum: 600_000, default: 10_000 }),
    deadlineMs: Type.Integer({ minimum: 1000, maximum: 30 * 86_400_000, default: 3_600_000 }),
    failureLimit: Type.Integer({ minimum: 1, maximum: 1000, default: 1 }),
    baselineNow: Type.Boolean({
      default: false,
      description: "What both planes are before anybody moves is their nature.",
    }),
    metrics: Type.Record(Name, MetricChange, {
      default: {},
      maxProperties: 32,
      description: "Single metrics otherwise than by default: critical, mustHaveData, off.",
    }),
    note: Type.String({ maxLength: 1024, default: "" }),
    dryRun: Type.Boolean({ default: false }),
  },
  { additionalProperties: false },
);
export type RolloutBody = Static<typeof RolloutBody>;

export const RolloutsAnswer = Type.Object({ rollouts: Type.Array(RolloutView) });
export type RolloutsAnswer = Static<typeof RolloutsAnswer>;

export const RolloutParams = Type.Object({ id: Type.Integer({ minimum: 1, maximum: 2 ** 31 }) });
export const RolloutNote = Type.Object(
  { note: Type.String({ maxLength: 1024, default: "" }) },
  { additionalProperties: false },
);
