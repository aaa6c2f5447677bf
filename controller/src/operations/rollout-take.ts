import { timestamp } from "../clock.ts";
import type { Judgement } from "../core/release/question.ts";
import { advance, type RolloutEvent, steersAlike } from "../core/release/rollout.ts";
import { movedOf, type RolloutState, stepNumber } from "../core/release/rollout-state.ts";
import { ControllerError } from "../errors.ts";
import type { RolloutTable } from "../store/schema.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { recordChange, recordVerdict, saveState } from "./rollout-record.ts";
import { stateOf } from "./rollout-view.ts";

/** One event for a rollout, and on whose behalf. */
export interface Taking {
  readonly id: number;
  readonly who: string;
  readonly event: RolloutEvent;
  /** With a verdict, for the evidence. */
  readonly judgement?: Judgement;
  /** Only while the rollout is still in the stage for which this was decided. */
  readonly stage?: RolloutState;
  readonly wallMs: number;
  /** Age of the rollout now. */
  readonly ageMs: number;
}

export interface Taken {
  readonly row: RolloutTable;
  readonly state: RolloutState;
  /** What came of it, in words; empty when nothing did. */
  readonly told: string;
}

/**
 * Takes an event: reads what is stored, stores what comes of it, with its evidence. Whoever owns the transaction steers as
 * the state says. `steering: false`: undefined, and nothing is stored, where anybody would have to be steered. Throws
 * ControllerError `unknown-rollout` and RolloutRefusal.
 */
export async function takeEvent(
  tx: StoreTransaction,
  taking: Taking,
  { steering }: { readonly steering: boolean },
): Promise<Taken | undefined> {
  const { id, who, event, judgement, stage, wallMs, ageMs } = taking;
  const row = await tx.rollout(id);
  if (row === undefined) throw new ControllerError("unknown-rollout", `there is no rollout ${id}`);
  const before = stateOf(row);
  if (stage !== undefined && !sameStage(before, stage)) return { row, state: before, told: "" };
  const done = advance(before, event, ageMs);
  if (!done.ok) throw new ControllerError(done.code, done.message);
  const { state, told } = done;
  if (!steering && !steersAlike(before, state)) return undefined;
  // A verdict belongs to the stage that it was asked for, not to the one that it leads to.
  if (judgement !== undefined) await recordVerdict(tx, { ...before, ageMs: state.ageMs }, judgement, wallMs);
  if (told !== "") {
    await recordChange(tx, state, who, told, wallMs);
    // The commit that steers has a record of its own.
    const detail = JSON.stringify(detailOf(state, told));
    if (!steering) await tx.addAudit({ at: timestamp(wallMs), who, what: "rollout", detail });
  }
  const changed = told !== "" || judgement !== undefined;
  return { row: changed ? await saveState(tx, row, state, wallMs) : row, state, told };
}

/** For the audit record. */
export function detailOf(state: RolloutState, told: string): Readonly<Record<string, unknown>> {
  const { id, from, to, stage } = state;
  return { rollout: id, from, to, stage, step: stepNumber(state), moved: movedOf(state).length, told };
}

function sameStage(one: RolloutState, other: RolloutState): boolean {
  return one.stage === other.stage && one.step === other.step && one.sinceMs === other.sinceMs;
}
