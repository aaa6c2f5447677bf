import type { Command } from "commander";
import { CliError, EXIT } from "./client.ts";
import { printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";

/** inventory --list | --host NAME, as Ansible asks a script. */
export function addInventoryCommand(program: Command): void {
  addCommonOptions(program.command("inventory"))
    .description("what Ansible can be told of, as its inventory scripts tell it: always JSON")
    .option("--list", "every group and host, with variables")
    .option("--host <name>", "variables of one host")
    .option("--all", "devices of users too, which wants the scope `access`")
    .action(async (options: { list?: boolean; host?: string; all?: boolean }, command: Command) => {
      const { list, host, all } = options;
      if ((list === true) === (host !== undefined))
        throw new CliError(EXIT.usage, "wants either --list or --host NAME");
      const { api } = sessionOf(command);
      const inventory = await api.get<{ _meta: { hostvars: Record<string, object> } }>(
        all === true ? "/v1/inventory/all" : "/v1/inventory",
      );
      if (host === undefined) return printJson(inventory);
      const variables = inventory._meta.hostvars[host];
      if (variables === undefined) throw new CliError(EXIT.refused, `there is no host ${host}`);
      printJson(variables);
    });
}
