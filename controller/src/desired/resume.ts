import { formatFault } from "@vsix/shared/fabric/fault.ts";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { Store } from "../store/store.ts";
import type { DesiredState } from "./desired-state.ts";
import { fitIntent } from "./in-force.ts";
import { fabricOf } from "./stored-fabric.ts";
import { takeBack } from "./take-back.ts";

/**
 * Puts the stored revision and intent in force again and publishes every node: the broker may hold less than the
 * database. A stored fabric that this version does not accept stays stored, and nothing is published: nodes hold what
 * they have.
 */
export async function resume(store: Store, desired: DesiredState, clock: Clock, log: Logger): Promise<void> {
  const trial = await store.read.trial();
  if (trial !== undefined) {
    log.error({ ...trial }, "the controller ended amid a trial; the revision before comes back");
    await takeBack(store, desired, clock, "the controller ended before it was confirmed");
    return;
  }
  const row = await store.read.currentRevision();
  if (row === undefined) {
    log.info("no fabric yet; vsixctl apply FILE brings one");
    return;
  }
  const stored = await fabricOf(store.read, row);
  if (!stored.ok) {
    const faults = stored.faults.slice(0, 10).map(formatFault);
    log.error(
      { revision: row.revision, faults },
      "the stored fabric is not accepted by this version; apply a new one",
    );
    return;
  }
  const { fabric, madeOf } = stored;
  await desired.commit({ who: "controller", what: "start" }, async (tx) => {
    const { intent, dropped } = fitIntent(fabric, await tx.intent());
    const detail = { epoch: await tx.counter("epoch"), dropped };
    return { revision: row.revision, fabric, intent, detail, ...(madeOf === undefined ? {} : { madeOf }) };
  });
  desired.republish().catch((error: unknown) => log.error({ err: error }, "publishing at start failed"));
}
