import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { ApplyAnswer } from "../http/schemas.ts";
import type { TrialAnswer } from "../http/schemas-trust.ts";
import { type ApiClient, CliError, EXIT } from "./client.ts";
import { paint, print, printJson } from "./output.ts";
import { formatTable } from "./table.ts";

type Trial = NonNullable<TrialAnswer["trial"]>;

export const CONFIRM_TEXT =
  "goes back by itself unless every node proves in so many seconds that it can be reached";
const POLL_MS = 250;

/** The body's field, where it was asked for. */
export function within(seconds: number | undefined): { readonly confirmWithinS?: number } {
  return seconds === undefined ? {} : { confirmWithinS: seconds };
}

/** Waits until a trial has ended, telling how each node fares; exit status 5 when it was taken back. */
export async function followTrial(api: ApiClient, applied: ApplyAnswer, json: boolean): Promise<void> {
  const said = new Map<string, string>();
  for (;;) {
    const { trial } = await api.get<TrialAnswer>("/v1/trial");
    if (trial === null || trial.revision !== applied.revision)
      throw new CliError(
        EXIT.takenBack,
        "the controller was started anew amid the trial, which takes it back",
      );
    if (!json)
      for (const { name, state, why } of trial.nodes) {
        const now = why === "" ? state : `${state}: ${why}`;
        if (said.get(name) !== now) print(`  ${name} ${now}`);
        said.set(name, now);
      }
    if (trial.state === "confirmed" || trial.state === "taken-back") {
      if (json) printJson({ ...applied, trial });
      else print(showTrial(trial));
      if (trial.state === "taken-back") process.exitCode = EXIT.takenBack;
      return;
    }
    await sleep(POLL_MS);
  }
}

export function showTrial(trial: Trial): string {
  const { revision, previous, restored, state, reason, nodes } = trial;
  const head =
    state === "confirmed"
      ? paint("green", `revision ${revision} is confirmed`)
      : state === "taken-back"
        ? paint(
            "red",
            `revision ${revision} was taken back: ${previous} is in force again as ${restored ?? "?"}`,
          )
        : `revision ${revision} is on trial (${state})`;
  const rows = nodes.map((node) => [node.name, node.state, node.why]);
  return [head, reason, formatTable(["NODE", "STATE", "WHY"], rows)].filter((text) => text !== "").join("\n");
}
