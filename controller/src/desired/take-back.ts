import { type Clock, timestamp } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { Commit, DesiredState } from "./desired-state.ts";
import { fitIntent } from "./in-force.ts";
import { fabricOf } from "./stored-fabric.ts";

/**
 * Ends a trial that was not confirmed: the revision and the intent before it come in force again, as a new revision with new
 * generations, so that what is wanted and what the nodes went back to agree. Throws ControllerError `unknown-revision`.
 */
export async function takeBack(
  store: Store,
  desired: DesiredState,
  clock: Clock,
  reason: string,
): Promise<Commit> {
  const trial = await store.read.trial();
  const row = trial === undefined ? undefined : await store.read.revision(trial.previous);
  const before = row === undefined ? undefined : await fabricOf(store.read, row);
  if (trial === undefined || row === undefined || before?.ok !== true)
    throw new ControllerError("unknown-revision", "there is no revision to go back to that is accepted");
  const { fabric, madeOf } = before;
  return desired.commit({ who: "controller", what: "take-back" }, async (tx) => {
    const { fabric: text, file, sha256, made_of } = row;
    const note = `revision ${trial.revision} was not confirmed; back to ${trial.previous}`;
    const at = timestamp(clock.wallMs());
    const again = { fabric: text, file, sha256, author: "controller", note, at, made_of };
    const revision = await tx.addRevision(again);
    const { intent } = fitIntent(fabric, trial.intent);
    const stored = await tx.intent();
    for (const edge of Object.keys(stored.steer)) await tx.clearSteer(edge);
    for (const plane of stored.drained) await tx.removeDrained(plane);
    for (const [edge, plane] of Object.entries(intent.steer)) await tx.setSteer(edge, plane);
    for (const plane of intent.drained) await tx.addDrained(plane);
    await tx.clearTrial();
    const detail = { revision, failed: trial.revision, reason };
    return { revision, fabric, intent, detail, ...(madeOf === undefined ? {} : { madeOf }) };
  });
}
