import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import type { Command } from "commander";
import type { InvitedAnswer, SignInAnswer } from "../http/schemas-portal.ts";
import { CliError, EXIT } from "./client.ts";
import { timeUpTo } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";

const ROLES = "user, read-only, operator or admin";

/** user invite, role, sign-in, sign-out: who signs in to the portal. */
export function addUserPortalCommands(user: Command): void {
  addCommonOptions(user.command("invite <name>"))
    .description(
      "let a user choose a password, for the first time or anew; the link is shown once and good once",
    )
    .option("--role <role>", `${ROLES}; without it, what he is already, or a user`)
    .option("--expires <time>", "good for so long: 12h, 3d", timeUpTo(30))
    .option("--out <file>", "a new file of mode 0600 for the link")
    .action(
      async (
        name: string,
        { role, expires, out }: { role?: string; expires?: number; out?: string },
        command: Command,
      ) => {
        const { api, json } = sessionOf(command);
        // The file first: an invitation that cannot be kept is not made.
        const file = out === undefined ? undefined : openNew(out);
        try {
          const body = {
            ...(role === undefined ? {} : { role }),
            ...(expires === undefined ? {} : { ttlS: expires }),
          };
          const { invitation, url, ...rest } = await api.post<InvitedAnswer>(pathOf(name, "invite"), body);
          if (file !== undefined) writeSync(file, `${url}\n`);
          if (json) printJson(file === undefined ? { ...rest, invitation, url } : { ...rest, file: out });
          else print(file === undefined ? url : `${out}: ${name}, ${rest.role}, until ${rest.expiresAt}`);
        } catch (error) {
          if (out !== undefined) unlinkSync(out);
          throw error;
        } finally {
          if (file !== undefined) closeSync(file);
        }
      },
    );

  addCommonOptions(user.command("role <name> <role>"))
    .description(`make a user who signs in ${ROLES}; his sessions end`)
    .action(async (name: string, role: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.post<SignInAnswer>(pathOf(name, "role"), { role });
      if (json) printJson(answer);
      else print(show(answer));
    });

  addCommonOptions(user.command("sign-in <name>"))
    .description("how a user signs in, and how many sessions he has")
    .action(async (name: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.get<SignInAnswer>(pathOf(name, "sign-in"));
      if (json) printJson(answer);
      else print(show(answer));
    });

  addCommonOptions(user.command("sign-out <name>"))
    .description("end all sessions of a user, at once")
    .action(async (name: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const answer = await api.post<SignInAnswer>(pathOf(name, "sign-out"), {});
      if (json) printJson(answer);
      else print(show(answer));
    });
}

function pathOf(name: string, verb: string): string {
  return `/v1/users/${encodeURIComponent(name)}/${verb}`;
}

function show({
  user,
  role,
  password,
  secondFactor,
  passkeys,
  recoveryCodesLeft,
  sessions,
  invitedUntil,
}: SignInAnswer): string {
  const by = password ? (secondFactor ? "password and second factor" : "password") : "nothing yet";
  return [
    `${user}: ${role ?? "has never signed in"}`,
    `  signs in with  ${by}${secondFactor ? `, ${recoveryCodesLeft} recovery codes left` : ""}`,
    ...(passkeys === 0 ? [] : [`  or by          ${passkeys} ${passkeys === 1 ? "passkey" : "passkeys"}`]),
    `  sessions       ${sessions}`,
    ...(invitedUntil === null ? [] : [`  invited until  ${invitedUntil}`]),
  ].join("\n");
}

function openNew(file: string): number {
  try {
    return openSync(file, "wx", 0o600);
  } catch (cause) {
    throw new CliError(EXIT.refused, `${file}: ${(cause as Error).message}`);
  }
}
