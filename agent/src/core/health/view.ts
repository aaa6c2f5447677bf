import type { HealthPart } from "@vsix/shared/contract/part-health.ts";
import type { HealthVerdict } from "@vsix/shared/contract/up-health.ts";
import type { LocalFacts, Result, Role } from "./model.ts";

/** What rules look at. */
export interface View {
  readonly part: HealthPart;
  readonly facts: LocalFacts;
  readonly results: readonly Result[];
  of(role: Role): readonly Result[];
}

/** From what was found to what is wrong: each rule names a cause, none what another already explains. */
export type Rule = (view: View) => readonly HealthVerdict[];

export function hasClock({ outcome }: Result): boolean {
  return outcome?.kind === "fetch" && outcome.clockMs !== undefined;
}
