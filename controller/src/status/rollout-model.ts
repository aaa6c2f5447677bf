import { type Static, Type } from "@sinclair/typebox";
import { RolloutSettings } from "../core/release/rollout-state.ts";

/** What the API says of a rollout; the CLI reads the same. */

const Nullable = Type.Union([Type.String(), Type.Null()]);

export const RolloutView = Type.Object({
  /** Of a dry run: the number that it would get. */
  id: Type.Integer(),
  dryRun: Type.Boolean(),
  from: Type.String(),
  to: Type.String(),
  /** baseline, there, back, step, going-back; done, aborted, failed-to-go-back. */
  stage: Type.String(),
  /** 0 before anybody moves; the rehearsal belongs to step 1. */
  step: Type.Integer(),
  steps: Type.Array(Type.Object({ text: Type.String(), size: Type.Integer() })),
  /** In the order in which they move. `before`: what it was steered to by hand; null: where it prefers. */
  cohort: Type.Array(
    Type.Object({ edge: Type.String(), before: Nullable, left: Type.Boolean(), moved: Type.Boolean() }),
  ),
  /** Everybody concerned was seen where this stage wants him. */
  seen: Type.Boolean(),
  ageMs: Type.Number(),
  stageMs: Type.Number(),
  /** The least that it takes in all. */
  leastMs: Type.Number(),
  /** By whom; null: it is not. */
  paused: Nullable,
  failures: Type.Integer(),
  verdict: Type.Union([
    Type.Object({ verdict: Type.String(), reasons: Type.Array(Type.String()), ageMs: Type.Number() }),
    Type.Null(),
  ]),
  /** What the judge does not look at: `METRIC: why`. */
  unjudged: Type.Array(Type.String()),
  why: Type.String(),
  settings: RolloutSettings,
  author: Type.String(),
  note: Type.String(),
  createdAt: Type.String(),
  endedAt: Nullable,
});
export type RolloutView = Static<typeof RolloutView>;

/** What is also in stateDir/rollouts/ID.json. */
export const RolloutEvidence = Type.Object({
  version: Type.Literal(1),
  rollout: RolloutView,
  /** Oldest first. `change`: a transition, or what somebody did; `verdict`: with its arithmetic in `detail`. */
  events: Type.Array(
    Type.Object({
      number: Type.Integer(),
      at: Type.String(),
      kind: Type.String(),
      who: Type.String(),
      body: Type.Unknown(),
    }),
  ),
});
export type RolloutEvidence = Static<typeof RolloutEvidence>;
