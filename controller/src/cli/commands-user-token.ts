import type { Command } from "commander";
import type { TokenInfo } from "../tokens/keeper.ts";
import { timeUpTo } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";

/** user token USER LABEL, user untoken USER LABEL. */
export function addUserTokenCommands(user: Command): void {
  addCommonOptions(user.command("token <name> <label>"))
    .description("make a token for a user; its text is shown once. It allows what is his, and nothing else")
    .option("--expires <time>", "good for so long: 12h, 30d", timeUpTo(3650))
    .action(async (name: string, label: string, { expires }: { expires?: number }, command: Command) => {
      const { api, json } = sessionOf(command);
      const body = { label, ...(expires === undefined ? {} : { expiresInS: expires }) };
      const path = `/v1/users/${encodeURIComponent(name)}/tokens`;
      const answer = await api.post<TokenInfo & { token: string }>(path, body);
      if (json) printJson(answer);
      else print(answer.token);
    });

  addCommonOptions(user.command("untoken <name> <label>"))
    .description("make a user's token good for nothing, at once")
    .action(async (name: string, label: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const path = `/v1/users/${encodeURIComponent(name)}/tokens/${encodeURIComponent(label)}/revoke`;
      const answer = await api.post<TokenInfo>(path, {});
      if (json) printJson(answer);
      else print(`${answer.name} revoked`);
    });
}
