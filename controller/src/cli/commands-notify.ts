import process from "node:process";
import type { Command } from "commander";
import type { NotifyTestAnswer, ReceiversAnswer } from "../http/routes-watch.ts";
import { EXIT } from "./client.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { showNotifyTest, showReceivers } from "./show-paths.ts";

/** notify list, test: who is told, and whether it would arrive. */
export function addNotifyCommands(program: Command): void {
  const notify = program.command("notify").description("who is told when something changes");

  addCommonOptions(notify.command("list"))
    .description("every receiver, and how telling it goes")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<ReceiversAnswer>("/v1/notify");
      if (json) printJson(answer);
      else print(showReceivers(answer.receivers));
    });

  addCommonOptions(notify.command("test [receiver]"))
    .description(
      "send a test to every receiver, or to one, and say whether it arrived (exit 4 where it did not)",
    )
    .action(async (receiver: string | undefined, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const body = receiver === undefined ? {} : { receiver };
      const answer = await api.post<NotifyTestAnswer>("/v1/notify/test", body);
      if (json) printJson(answer);
      else print(showNotifyTest(answer));
      if (!answer.results.every(({ outcome }) => outcome === "sent")) process.exitCode = EXIT.notObserved;
    });
}
