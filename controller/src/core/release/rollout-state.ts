import { type Static, Type } from "@sinclair/typebox";

/**
 * Everything that a rollout is, as JSON: stored in the transaction that steers, so that who is steered where and what the
 * rollout believes are one thing. Times are milliseconds of the rollout's own age: no clock's, so they mean the same after
 * a restart.
 */

const Ms = Type.Number({ minimum: 0 });
const NullablePlane = Type.Union([Type.String(), Type.Null()]);

export const MetricChange = Type.Object(
  {
    critical: Type.Optional(Type.Boolean()),
    mustHaveData: Type.Optional(Type.Boolean()),
    off: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export const RolloutSettings = Type.Object({
  /** How long each step is observed at least. */
  intervalMs: Ms,
  /** The same before anybody moves, and for each half of the rehearsal. */
  rehearsalMs: Ms,
  /** How long Edges may take until they are seen where they are wanted. */
  moveMs: Ms,
  /** Age at which a rollout that has not ended goes back. */
  deadlineMs: Ms,
  /** So many failed verdicts in all, and it goes back. */
  failureLimit: Type.Integer({ minimum: 1 }),
  /** What both planes are before anybody moves is their nature, and not held against them. */
  baselineNow: Type.Boolean(),
  /** Metrics that this rollout wants otherwise than by default, by name (core/release/settings.ts). */
  metrics: Type.Optional(Type.Record(Type.String(), MetricChange)),
});
export type RolloutSettings = Static<typeof RolloutSettings>;

export const Member = Type.Object({
  edge: Type.String(),
  /** What an operator had steered it to; null: it was where it prefers. Restored by going back. */
  before: NullablePlane,
  /** It was steered by hand since: the rollout has nothing more to do with it. */
  left: Type.Boolean(),
});
export type Member = Static<typeof Member>;

/**
 * `baseline`: nobody has moved. `there`, `back`: the halves of the rehearsal, canaries only. `step`: Edges of the step and
 * of all before it are on the new plane. The last four: everybody is as before, or, when `done`, moved for good.
 */
export const Stage = Type.Union([
  Type.Literal("baseline"),
  Type.Literal("there"),
  Type.Literal("back"),
  Type.Literal("step"),
  Type.Literal("going-back"),
  Type.Literal("done"),
  Type.Literal("aborted"),
  Type.Literal("failed-to-go-back"),
]);
export type Stage = Static<typeof Stage>;

export const RolloutState = Type.Object({
  version: Type.Literal(1),
  id: Type.Integer({ minimum: 1 }),
  from: Type.String(),
  to: Type.String(),
  /** Fabric revision in force when it began. Absent in states of older versions. */
  revision: Type.Optional(Type.Integer()),
  settings: RolloutSettings,
  /** In the order in which they move. */
  members: Type.Array(Member),
  steps: Type.Array(Type.Object({ text: Type.String(), size: Type.Integer({ minimum: 1 }) }), {
    minItems: 1,
  }),
  stage: Stage,
  /** Index into `steps`; 0 until the second step. */
  step: Type.Integer({ minimum: 0 }),
  /** How many members were ever steered to the new plane, from the first: whom going back has to see. */
  reached: Type.Integer({ minimum: 0 }),
  /** All who are concerned were seen, both ways, where this stage wants them. */
  seen: Type.Boolean(),
  /** Age at which this stage began, and at which `seen` became true. */
  sinceMs: Ms,
  seenMs: Ms,
  /** Age as of this state. */
  ageMs: Ms,
  /** Who paused it. */
  paused: NullablePlane,
  failures: Type.Integer({ minimum: 0 }),
  /** The newest verdict of this stage. */
  last: Type.Union([
    Type.Object({
      verdict: Type.Union([Type.Literal("pass"), Type.Literal("fail"), Type.Literal("hold")]),
      reasons: Type.Array(Type.String()),
      ageMs: Ms,
    }),
    Type.Null(),
  ]),
  /** What the judge does not look at, by its newest verdict, or as it was planned. Absent in states of older versions. */
  unjudged: Type.Optional(Type.Array(Type.String())),
  /** The judge's own, JSON. */
  memory: Type.Unknown(),
  /** Why it goes or went back; empty otherwise. */
  why: Type.String(),
});
export type RolloutState = Static<typeof RolloutState>;

const ENDED: ReadonlySet<Stage> = new Set<Stage>(["done", "aborted", "failed-to-go-back"]);

export function hasEnded({ stage }: RolloutState): boolean {
  return ENDED.has(stage);
}

/** Members that are still the rollout's. */
export function membersOf({ members }: RolloutState): readonly Member[] {
  return members.filter(({ left }) => !left);
}

/** Members of the first step. */
export function canariesOf(state: RolloutState): readonly Member[] {
  return state.members.slice(0, state.steps[0]?.size ?? 0).filter(({ left }) => !left);
}

/** Edges that are wanted on the new plane. Follows from stage and step alone: there is no second truth to disagree with. */
export function movedOf(state: RolloutState): readonly string[] {
  const { stage, step, steps } = state;
  const moves = stage === "there" || stage === "step" || stage === "done";
  return firstOf(state, moves ? (steps[step]?.size ?? 0) : 0);
}

/** Moved Edges that were seen on the new plane by this stage or one before: those that can be judged. */
export function settledOf(state: RolloutState): readonly string[] {
  const { stage, step, steps, seen } = state;
  if (seen) return movedOf(state);
  return stage === "step" ? firstOf(state, steps[step - 1]?.size ?? 0) : [];
}

/**
 * Edges that the next pass moves and that were not moved before, or not to stay: what is to be known of them as they were
 * has to be known by then.
 */
export function nextOf(state: RolloutState): readonly string[] {
  const { stage, step, steps } = state;
  if (stage === "baseline" || stage === "back") return firstOf(state, steps[0]?.size ?? 0);
  if (stage !== "step") return [];
  const reached = new Set(movedOf(state));
  return firstOf(state, steps[step + 1]?.size ?? 0).filter((edge) => !reached.has(edge));
}

function firstOf({ members }: RolloutState, size: number): readonly string[] {
  const first = members.slice(0, size).filter(({ left }) => !left);
  return first.map(({ edge }) => edge);
}

/** What each member is to be steered to, null: not at all. */
export function steersOf(state: RolloutState): ReadonlyMap<string, string | null> {
  const moved = new Set(movedOf(state));
  return new Map(membersOf(state).map(({ edge, before }) => [edge, moved.has(edge) ? state.to : before]));
}

/** Whom this stage has to see, and where; empty where nobody is concerned. */
export function awaitedOf(state: RolloutState): ReadonlyMap<string, string> {
  const { stage, from, to } = state;
  if (stage === "there" || stage === "step") return new Map(movedOf(state).map((edge) => [edge, to]));
  if (stage === "back" || stage === "going-back")
    return new Map(firstOf(state, state.reached).map((edge) => [edge, from]));
  return new Map();
}

/** How long this stage lasts at least. */
export function wantedMsOf({ stage, settings }: RolloutState): number {
  return stage === "step" ? settings.intervalMs : settings.rehearsalMs;
}

/** The step as people count: 0 before anybody moves, the rehearsal belongs to 1. */
export function stepNumber({ stage, step }: RolloutState): number {
  return stage === "baseline" ? 0 : step + 1;
}
