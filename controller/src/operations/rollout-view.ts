import { Value } from "@sinclair/typebox/value";
import { leastMs } from "../core/release/rollout.ts";
import { movedOf, RolloutState, stepNumber } from "../core/release/rollout-state.ts";
import { ControllerError } from "../errors.ts";
import type { RolloutView } from "../status/rollout-model.ts";
import type { RolloutTable } from "../store/schema.ts";

/** The state in a row; undefined for one that no version of ours has written. */
export function readState({ state }: RolloutTable): RolloutState | undefined {
  const value: unknown = JSON.parse(state);
  return Value.Check(RolloutState, value) ? value : undefined;
}

/** The same where there is no going on without it. Throws ControllerError `store`. */
export function stateOf(row: RolloutTable): RolloutState {
  const state = readState(row);
  if (state !== undefined) return state;
  throw new ControllerError("store", `rollout ${row.id}: its stored state is not one of this version`);
}

/** A rollout as the API tells of it. */
export function viewOf(row: RolloutTable, state: RolloutState, dryRun = false): RolloutView {
  const moved = new Set(movedOf(state));
  const { id, from, to, stage, seen, ageMs, sinceMs, paused, failures, last, why, settings, steps } = state;
  return {
    id,
    dryRun,
    from,
    to,
    stage,
    step: stepNumber(state),
    steps: [...steps],
    cohort: state.members.map(({ edge, before, left }) => ({ edge, before, left, moved: moved.has(edge) })),
    seen,
    ageMs: Math.round(ageMs),
    stageMs: Math.round(ageMs - sinceMs),
    leastMs: leastMs(settings, steps.length),
    paused,
    failures,
    verdict: last,
    unjudged: [...(state.unjudged ?? [])],
    why,
    settings,
    author: row.author,
    note: row.note,
    createdAt: row.created_at,
    endedAt: row.ended_at,
  };
}
