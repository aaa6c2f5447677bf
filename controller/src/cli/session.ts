import { userInfo } from "node:os";
import process from "node:process";
import type { Command } from "commander";
import { ApiClient } from "./client.ts";

const DEFAULT_SOCKET = "/run/vsix/controller.sock";

/** What every command needs: where the controller is, and whether a program reads the answer. */
export interface Session {
  readonly api: ApiClient;
  readonly json: boolean;
}

export function addCommonOptions(command: Command): Command {
  return command
    .option("--socket <path>", `the controller's socket (default: $VSIX_SOCKET, or ${DEFAULT_SOCKET})`)
    .option("--json", "answer in JSON");
}

export function sessionOf(command: Command): Session {
  const options: { socket?: string; json?: boolean } = command.optsWithGlobals();
  const socket = options.socket ?? process.env["VSIX_SOCKET"] ?? DEFAULT_SOCKET;
  const actor = process.env["SUDO_USER"] ?? userInfo().username;
  return { api: new ApiClient(socket, actor), json: options.json ?? false };
}
