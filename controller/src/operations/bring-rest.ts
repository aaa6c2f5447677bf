import type { InForce } from "../desired/in-force.ts";
import { messageOf } from "../errors.ts";
import { applyFabric } from "./apply.ts";
import type { Context } from "./context.ts";
import { readState } from "./rollout-view.ts";

/** How often it is looked whether something is left to be brought, milliseconds. */
export const REST_EVERY_MS = 1_000;

/**
 * A file that was applied to one plane comes into force as a whole once a rollout to that plane is done and nobody is wanted
 * on any other: what was held back concerns nobody's packets then. Not before: a cohort may have been some Edges only.
 */
export class RestBringer {
  /** What was logged last, so that what fails each time is said once. */
  #failure = "";

  /** To be called again and again; a failure is logged. */
  async look(context: Context): Promise<void> {
    const { desired, store, log } = context;
    const due = await dueOf(context);
    if (due === undefined) return;
    const row = await store.read.revision(due.revision);
    if (row === undefined) return;
    const note = `rollout ${due.rollout} is done: revision ${due.revision} for the whole network`;
    try {
      await applyFabric(context, {
        who: "controller",
        text: row.fabric,
        file: row.file,
        note,
        dryRun: false,
      });
      log.info({ ...due, inForce: desired.inForce?.revision }, note);
      this.#failure = "";
    } catch (error) {
      const reason = messageOf(error);
      if (reason !== this.#failure)
        log.error({ ...due, reason }, "the rest of a revision could not be brought");
      this.#failure = reason;
    }
  }
}

interface Due {
  readonly plane: string;
  readonly revision: number;
  readonly rollout: number;
}

async function dueOf({ desired, rollouts, store }: Context): Promise<Due | undefined> {
  const { inForce } = desired;
  const ahead = inForce === undefined || inForce.trial !== undefined ? undefined : onlyAhead(inForce);
  if (inForce === undefined || ahead === undefined || rollouts.running.length > 0) return undefined;
  const [row] = await store.read.rollouts(1);
  const state = row === undefined ? undefined : readState(row);
  // One that was done before this revision has proven nothing of it.
  if (state?.stage !== "done" || state.to !== ahead.plane || (state.revision ?? 0) < ahead.revision)
    return undefined;
  const elsewhere = [...inForce.steering.values()].some(({ plane }) => plane !== ahead.plane);
  return elsewhere ? undefined : { ...ahead, rollout: state.id };
}

/** Where planes are of several files, nobody but an operator knows which is to come. */
function onlyAhead({ madeOf }: InForce): { readonly plane: string; readonly revision: number } | undefined {
  const [one, ...more] = Object.entries(madeOf?.planes ?? {});
  return one === undefined || more.length > 0 ? undefined : { plane: one[0], revision: one[1] };
}
