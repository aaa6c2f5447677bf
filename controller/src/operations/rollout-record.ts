import { timestamp } from "../clock.ts";
import type { Intent } from "../core/intent.ts";
import type { Judgement } from "../core/release/question.ts";
import {
  boundDetail,
  boundReasons,
  type ChangeBody,
  placeVerdict,
  type VerdictBody,
} from "../core/release/record.ts";
import { hasEnded, movedOf, type RolloutState, steersOf, stepNumber } from "../core/release/rollout-state.ts";
import type { RolloutEventTable, RolloutTable } from "../store/schema.ts";
import type { StoreTransaction } from "../store/transaction.ts";

/** Writes of a rollout, each into the transaction of whoever decides. */

/** Stores a state; its row afterwards. */
export async function saveState(
  tx: StoreTransaction,
  row: RolloutTable,
  state: RolloutState,
  wallMs: number,
): Promise<RolloutTable> {
  const at = timestamp(wallMs);
  const saved = {
    ...row,
    saved_at: at,
    ended_at: hasEnded(state) ? (row.ended_at ?? at) : null,
    state: JSON.stringify(state),
  };
  await tx.putRollout(saved);
  return saved;
}

/** Appends a transition, or what somebody did, to the evidence. */
export async function recordChange(
  tx: StoreTransaction,
  state: RolloutState,
  who: string,
  told: string,
  wallMs: number,
): Promise<void> {
  const [newest] = await tx.newestRolloutEvents(state.id);
  const { stage, ageMs, failures } = state;
  const body: ChangeBody = {
    told,
    stage,
    step: stepNumber(state),
    ageMs: Math.round(ageMs),
    moved: movedOf(state),
    failures,
  };
  await tx.putRolloutEvent({
    rollout: state.id,
    number: (newest?.number ?? 0) + 1,
    at: timestamp(wallMs),
    kind: "change",
    who,
    body: JSON.stringify(body),
  });
}

/** Appends a verdict as it was given in `state`, thinned out (core/release/record.ts). */
export async function recordVerdict(
  tx: StoreTransaction,
  state: RolloutState,
  judgement: Judgement,
  wallMs: number,
): Promise<void> {
  const [newest, second] = await tx.newestRolloutEvents(state.id);
  const { stage, ageMs } = state;
  const body = {
    verdict: judgement.verdict,
    reasons: boundReasons(judgement.reasons),
    stage,
    step: stepNumber(state),
    ageMs: Math.round(ageMs),
    detail: boundDetail(judgement.detail),
  };
  const number = newest?.number ?? 0;
  const placed = placeVerdict(body, verdictIn(newest), verdictIn(second), number);
  await tx.putRolloutEvent({
    rollout: state.id,
    number: placed.replace ? number : number + 1,
    at: timestamp(wallMs),
    kind: "verdict",
    who: "judge",
    body: JSON.stringify(placed.body),
  });
}

/** Of our own rows. */
function verdictIn(row: RolloutEventTable | undefined): VerdictBody | undefined {
  return row?.kind === "verdict" ? (JSON.parse(row.body) as VerdictBody) : undefined;
}

/** The intent with every member steered as the state says. */
export function withSteers(intent: Intent, state: RolloutState): Intent {
  const steer = { ...intent.steer };
  for (const [edge, plane] of steersOf(state)) {
    if (plane === null) delete steer[edge];
    else steer[edge] = plane;
  }
  return { ...intent, steer };
}

/** Writes what differs between two intents. */
export async function writeIntent(tx: StoreTransaction, before: Intent, after: Intent): Promise<void> {
  for (const edge of Object.keys(before.steer)) {
    if (!Object.hasOwn(after.steer, edge)) await tx.clearSteer(edge);
  }
  for (const [edge, plane] of Object.entries(after.steer)) {
    if (before.steer[edge] !== plane) await tx.setSteer(edge, plane);
  }
  for (const plane of before.drained) {
    if (!after.drained.includes(plane)) await tx.removeDrained(plane);
  }
  for (const plane of after.drained) {
    if (!before.drained.includes(plane)) await tx.addDrained(plane);
  }
}
