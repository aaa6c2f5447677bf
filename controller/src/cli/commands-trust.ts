import type { Command } from "commander";
import type { KeyChange, KeysAnswer, RaiseAnswer, TrialAnswer } from "../http/schemas-trust.ts";
import { showTrial } from "./follow-trial.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { formatTable } from "./table.ts";

/** trial, epoch …, key …: what stays, and who is obeyed. */
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

  const key = program.command("key").description("the key that signs manifests");

  addCommonOptions(key.command("list"))
    .description("the key in use, those before it, and which nodes follow")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<KeysAnswer>("/v1/keys");
      if (json) return printJson(answer);
      const rows = answer.changes.map(({ from, at }) => [from, `retired ${at}`]);
      print(formatTable(["KEY", "STATE"], [...rows, [answer.current, "in use"]]));
      print(
        formatTable(
          ["NODE", "FOLLOWS"],
          answer.nodes.map(({ node, follows }) => [node, follows]),
        ),
      );
    });

  addCommonOptions(key.command("rotate"))
    .description("sign with a new key from now on; nodes follow, also those that are away for long")
    .option("--force", "even where an agent is too old to follow", false)
    .action(async (options: { force: boolean }, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.post<KeyChange>("/v1/keys/rotate", { force: options.force });
      if (json) printJson(answer);
      else print(`${answer.to} signs from now on; ${answer.from} is retired`);
    });
}
