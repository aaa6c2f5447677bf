import { type Static, Type } from "@sinclair/typebox";

/**
 * An update of the agent, as it stands on disk: each state is written whole before anything is done by it, and what is done by it may be done
 * again. So whoever reads it after a power cut knows what comes next.
 */
export const UpdateState = Type.Object({
  version: Type.Literal(1),
  phase: Type.Union([
    /** The new package is being installed; how much of it is there is not known. */
    Type.Literal("installing"),
    /** The new one runs and is watched. */
    Type.Literal("probation"),
    /** The one before is being put back; how much of it is there is not known. */
    Type.Literal("returning"),
    /** Over: the new one stays. */
    Type.Literal("kept"),
    /** Over: the one before runs again. */
    Type.Literal("returned"),
  ]),
  /** Versions of the package. */
  from: Type.String({ maxLength: 256 }),
  to: Type.String({ maxLength: 256 }),
  /** What was reached before (reach.ts). */
  before: Type.Array(Type.String({ maxLength: 512 }), { maxItems: 8192 }),
  /** All of it must be reached again within this time, and for `holdMs` without a break. */
  withinMs: Type.Integer({ minimum: 1 }),
  holdMs: Type.Integer({ minimum: 0 }),
  /** How often this phase was begun anew, by a machine or a watcher that died in it. */
  resumed: Type.Integer({ minimum: 0 }),
  /** Wall clock, of the last change. */
  atMs: Type.Integer({ minimum: 0 }),
  /** Why it goes back, or went. */
  reason: Type.Optional(Type.String({ maxLength: 2048 })),
});
export type UpdateState = Static<typeof UpdateState>;

/** Which of the two packages. */
export type Which = "new" | "previous";

/** What is to be done in a state. */
export type Step = { readonly kind: "install"; readonly which: Which } | { readonly kind: "watch" };

/** What became of it; the reason why not otherwise. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** A machine that dies with the new version more often than this is given the one before. */
export const MAX_RESUMED = 3;
const MAX_REASON = 2048;

/** undefined: it is over. */
export function stepOf({ phase }: UpdateState): Step | undefined {
  switch (phase) {
    case "installing":
      return { kind: "install", which: "new" };
    case "probation":
      return { kind: "watch" };
    case "returning":
      return { kind: "install", which: "previous" };
    case "kept":
    case "returned":
      return undefined;
  }
}

/** The state that follows a step. What could not be put back stays to be put back: there is nothing else that could be done. */
export function afterStep(state: UpdateState, outcome: Outcome, atMs: number): UpdateState {
  const to = (phase: UpdateState["phase"], reason?: string): UpdateState => ({
    ...state,
    ...{ phase, resumed: 0, atMs },
    ...(reason === undefined ? {} : { reason: reason.slice(0, MAX_REASON) }),
  });
  switch (state.phase) {
    case "installing":
      return outcome.ok ? to("probation") : to("returning", `it could not be installed: ${outcome.reason}`);
    case "probation":
      return outcome.ok ? to("kept") : to("returning", outcome.reason);
    case "returning":
      return outcome.ok ? to("returned") : state;
    case "kept":
    case "returned":
      return state;
  }
}

/** The state that a watcher goes by which finds this one when it starts: somebody died in it, or it has only just been written. */
export function resumed(state: UpdateState, atMs: number): UpdateState {
  if (stepOf(state) === undefined) return state;
  const again = { ...state, resumed: state.resumed + 1 };
  return state.phase === "returning" || again.resumed <= MAX_RESUMED
    ? again
    : {
        ...again,
        ...{ phase: "returning", resumed: 0, atMs },
        reason: `the machine, or who watched, ended ${MAX_RESUMED} times while it was ${state.phase === "installing" ? "installed" : "watched"}`,
      };
}
