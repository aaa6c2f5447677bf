import type { Command } from "commander";
import type { RaiseAnswer } from "../http/schemas-trust.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";

/** epoch …: who is obeyed. */
export function addTrustCommands(program: Command): void {
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
