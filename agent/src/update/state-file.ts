import { chmodSync, existsSync } from "node:fs";
import { UpdateState as Schema, type UpdateState } from "../core/update/plan.ts";
import { CheckedFile } from "../io/checked-file.ts";
import type { UpdatePlaces } from "./places.ts";

/** What is on disk of an update, under way or over; undefined: nothing that can be read. */
export function readUpdate({ state }: UpdatePlaces): UpdateState | undefined {
  return existsSync(state) ? new CheckedFile(state, Schema).read().value : undefined;
}

export function writeUpdate({ state: file }: UpdatePlaces, state: UpdateState): void {
  new CheckedFile(file, Schema).write(state);
  // The agent, another user, tells the controller of it.
  chmodSync(file, 0o644);
}
