import type { Command } from "commander";
import type { RaiseAnswer, TrialAnswer } from "../http/schemas-trust.ts";
import { showTrial } from "./follow-trial.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";

/** trial, epoch …: what stays, and who is obeyed. */
export function addTrustCommands(program: Command): void {
  addCommonOptions(program.command("trial"))
    .description("the change that has to be confirmed, or the last one that had to; see apply --confirm")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<TrialAnswer>("/v1/trial");
      if (json) printJson(answer);
      else
        print(
          answer.trial === null
            ? "no change was on trial since the controller's start"
            : showTrial(answer.trial),
        );
    });

  const epoch = program.command("epoch").description("incarnations of the controller");

  addCommonOptions(epoch.command("raise"))
    .description(
      "publish what this controller holds over anything newer that nodes hold; see `vsixctl status`",
    )
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.post<RaiseAnswer>("/v1/epoch/raise", {});
      if (json) return printJson(answer);
      print([...answer.over.map((one) => `given up: ${one}`), `epoch ${answer.epoch}`].join("\n"));
    });
}
