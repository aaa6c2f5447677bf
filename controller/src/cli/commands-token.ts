import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import type { Command } from "commander";
import type { TokenInfo } from "../tokens/keeper.ts";
import { CliError, EXIT } from "./client.ts";
import { timeUpTo } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { formatTable } from "./table.ts";

/** token create, list, revoke. */
export function addTokenCommands(program: Command): void {
  const token = program.command("token").description("who may use the API over TCP, and for what");

  addCommonOptions(token.command("create <name>"))
    .description("make a token; its text is shown once, or written to a file and not shown")
    .requiredOption(
      "--scope <scope...>",
      "what it allows: read, steer, apply, node, audit, access, or admin, which allows everything",
    )
    .option(
      "--expires <time>",
      "good for so long: 90s, 15m, 12h, 30d; without it, until it is revoked",
      timeUpTo(3650),
    )
    .option("--out <file>", "a new file of mode 0600 for the token")
    .action(
      async (
        name: string,
        options: { scope: string[]; expires?: number; out?: string },
        command: Command,
      ) => {
        const { api, json } = sessionOf(command);
        const scopes = options.scope.flatMap((text) => text.split(","));
        const { expires, out } = options;
        // The file first: a token that cannot be kept is not made.
        const file = out === undefined ? undefined : openNew(out);
        try {
          const body = { name, scopes, ...(expires === undefined ? {} : { expiresInS: expires }) };
          const { token: text, ...info } = await api.post<TokenInfo & { token: string }>("/v1/tokens", body);
          if (file !== undefined) writeSync(file, `${text}\n`);
          if (json) printJson(file === undefined ? { ...info, token: text } : { ...info, file: out });
          else print(file === undefined ? text : `${out}: token ${name}, ${describe(info)}`);
        } catch (error) {
          if (out !== undefined) unlinkSync(out);
          throw error;
        } finally {
          if (file !== undefined) closeSync(file);
        }
      },
    );

  addCommonOptions(token.command("list"))
    .description("all of them, revoked ones too")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<{ tokens: TokenInfo[] }>("/v1/tokens");
      if (json) return printJson(answer);
      if (answer.tokens.length === 0)
        return print("no token was ever made; `vsixctl token create` makes one");
      const rows = answer.tokens.map((one) => [
        one.name,
        one.scopes.join(","),
        one.createdBy,
        one.lastUsedAt ?? "never",
        one.revokedAt === null ? (one.expiresAt ?? "never") : `revoked ${one.revokedAt}`,
      ]);
      print(formatTable(["NAME", "SCOPES", "MADE BY", "LAST USED", "EXPIRES"], rows));
    });

  addCommonOptions(token.command("revoke <name>"))
    .description("make it good for nothing, at once; streams opened with it end")
    .action(async (name: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const info = await api.post<TokenInfo>(`/v1/tokens/${encodeURIComponent(name)}/revoke`, {});
      if (json) printJson(info);
      else print(`${name} revoked`);
    });
}

function describe({ scopes, expiresAt }: TokenInfo): string {
  return `${scopes.join(", ")}, ${expiresAt === null ? "does not expire" : `until ${expiresAt}`}`;
}

function openNew(file: string): number {
  try {
    return openSync(file, "wx", 0o600);
  } catch (cause) {
    throw new CliError(EXIT.refused, `${file}: ${(cause as Error).message}`);
  }
}
