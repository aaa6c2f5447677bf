import { type FileHandle, open, rm } from "node:fs/promises";
import type { Command } from "commander";
import type { ClaimReply, RevokeReply } from "../http/routes-identity.ts";
import { CliError, EXIT } from "./client.ts";
import { durationToS } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";

/** node enrol, rekey, revoke. */
export function addIdentityCommands(node: Command): void {
  claimCommand(node, "enrol", "a one-time claim token for a node that has no certificate yet");
  claimCommand(
    node,
    "rekey",
    "a claim token for another key; the old certificate counts until the new one is used",
  );

  addCommonOptions(node.command("revoke <name>"))
    .description("its certificates count no more: sessions are closed at once, nothing it says is taken")
    .action(async (name: string, _options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const path = `/v1/nodes/${encodeURIComponent(name)}/revoke`;
      const answer = await api.post<RevokeReply>(path, {});
      if (json) printJson(answer);
      else print(`${name}: ${answer.serials.length} certificates revoked: ${answer.serials.join(", ")}`);
    });
}

function claimCommand(node: Command, kind: "enrol" | "rekey", description: string): void {
  addCommonOptions(node.command(`${kind} <name>`))
    .description(description)
    .option("--ttl <time>", "how long the token is good for: 90s, 30m, 1h, 7d", durationToS, 3600)
    .option("--at <url>", "https://HOST:PORT by which the node reaches the controller while it enrols")
    .option("--out <file>", "write the token there, mode 0600, instead of printing it")
    .action(async (name: string, options: { ttl: number; at?: string; out?: string }, command: Command) => {
      const { api, json } = sessionOf(command);
      const path = `/v1/nodes/${encodeURIComponent(name)}/${kind}`;
      const { out, ttl: ttlS, at: url } = options;
      const body = { ttlS, ...(url === undefined ? {} : { url }) };
      if (out === undefined) {
        const { token, expires } = await api.post<ClaimReply>(path, body);
        if (json) printJson({ node: name, expires, token });
        else print(token);
        return;
      }
      const file = await createSecret(out);
      try {
        const { token, expires } = await api.post<ClaimReply>(path, body);
        await file.writeFile(`${token}\n`);
        if (json) printJson({ node: name, expires, file: out });
        else print(`${out}: claim for ${name}, once, until ${expires}`);
      } catch (error) {
        await rm(out, { force: true });
        throw error;
      } finally {
        await file.close();
      }
    });
}

/** A file that is there already may be open to others: it is never written into. */
async function createSecret(file: string): Promise<FileHandle> {
  try {
    return await open(file, "wx", 0o600);
  } catch (cause) {
    throw new CliError(EXIT.refused, `${file}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}
