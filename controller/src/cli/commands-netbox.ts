import { readFileSync } from "node:fs";
import process from "node:process";
import type { Command } from "commander";
import type { PoolAnswer } from "../http/schemas-address.ts";
import type { ImportResult } from "../netbox/import.ts";
import type { SyncResult, SyncStatus } from "../netbox/sync.ts";
import { CliError, EXIT } from "./client.ts";
import { wholeNumber } from "./numbers.ts";
import { print, printJson } from "./output.ts";
import { addCommonOptions, sessionOf } from "./session.ts";
import { formatTable } from "./table.ts";

/** netbox …: pools and prefixes in NetBox's forms, and both sides in line. */
export function addNetboxCommands(program: Command): void {
  const netbox = program.command("netbox").description("NetBox: compare, take over, hand over");

  addCommonOptions(netbox.command("status"))
    .description("what came of the newest comparison; exit status 1 when something is wrong")
    .action(async (_options: object, command: Command) => {
      const { api, json } = sessionOf(command);
      const status = await api.get<SyncStatus & { configured: boolean }>("/v1/netbox");
      const wrong =
        status.configured &&
        (status.error !== null || status.failures.length > 0 || status.conflicts.length > 0);
      if (wrong) process.exitCode = EXIT.refused;
      if (json) return printJson(status);
      if (!status.configured) return print("no NetBox is configured");
      print(status.at === null ? "not compared yet" : `compared at ${status.at}`);
      if (status.error !== null) print(`failed: ${status.error}`);
      showRest(status.conflicts, status.failures);
    });

  addCommonOptions(netbox.command("sync"))
    .description(
      "bring both sides into line: ours goes before in our pools, what people entered there is reserved here",
    )
    .option("--dry-run", "show what would be done")
    .action(async ({ dryRun }: { dryRun?: boolean }, command: Command) => {
      const { api, json } = sessionOf(command);
      const result = await api.post<SyncResult>("/v1/netbox/sync", { dryRun: dryRun === true });
      if (result.failures.length > 0) process.exitCode = EXIT.refused;
      if (json) return printJson(result);
      const { create, update, remove, adopt, release } = result.counts;
      const words = `${create} made, ${update} changed, ${remove} removed in NetBox; ${adopt} reserved, ${release} freed here`;
      print(result.dryRun ? `would be: ${words}` : words);
      showRest(result.plan.conflicts, result.failures);
    });

  addCommonOptions(netbox.command("export"))
    .description("pools and prefixes as NetBox's API shows them: always JSON")
    .action(async (_options: object, command: Command) => {
      printJson(await sessionOf(command).api.get<object>("/v1/netbox/export"));
    });

  addCommonOptions(netbox.command("import <file>"))
    .description("take over what NetBox's API or our export says: innermost containers become pools")
    .option(
      "--purpose <purpose>",
      "of containers whose role says none: tunnel, srv6, vpn-address, vpn-prefix or other",
    )
    .option("--dry-run", "show what would be done")
    .action(async (file: string, options: { purpose?: string; dryRun?: boolean }, command: Command) => {
      const { api, json } = sessionOf(command);
      const { purpose, dryRun } = options;
      const result = await api.post<ImportResult>("/v1/netbox/import", {
        data: readObjects(file),
        dryRun: dryRun === true,
        ...(purpose === undefined ? {} : { purpose }),
      });
      if (json) return printJson(result);
      const words = `${result.pools.length} pools, ${result.prefixes.length} prefixes; ${result.same} were here already`;
      print(result.dryRun ? `would be taken over: ${words}` : `taken over: ${words}`);
      print(
        formatTable(
          ["SKIPPED", "BECAUSE IT"],
          result.skipped.map(({ prefix, reason }) => [prefix, reason]),
        ),
      );
    });

  addCommonOptions(netbox.command("pool <name>"))
    .description("have NetBox choose a free prefix, and make a pool of it")
    .requiredOption("--container <prefix>", "of NetBox, to choose out of")
    .requiredOption("--size <length>", "length of the pool's prefix", wholeNumber)
    .requiredOption("--purpose <purpose>", "tunnel, srv6, vpn-address, vpn-prefix or other")
    .option("--site <name>", "serves this site only")
    .option("--note <text>", "", "")
    .action(
      async (
        name: string,
        options: { container: string; size: number; purpose: string; site?: string; note: string },
        command: Command,
      ) => {
        const { api, json } = sessionOf(command);
        const { container, size, purpose, site, note } = options;
        const body = { name, container, prefixLength: size, purpose, note };
        const answer = await api.post<PoolAnswer>("/v1/netbox/pools", {
          ...body,
          ...(site === undefined ? {} : { site }),
        });
        if (json) printJson(answer);
        else print(`${name}: /${answer.length}s of ${answer.prefix} for ${answer.purpose}`);
      },
    );
}

function showRest(conflicts: SyncStatus["conflicts"], failures: readonly string[]): void {
  print(
    formatTable(
      ["CONFLICT", "IT"],
      conflicts.map(({ prefix, reason }) => [prefix, reason]),
    ),
  );
  for (const failure of failures) print(`failed: ${failure}`);
}

/** A list, an answer of NetBox's API, or what `export` printed. */
function readObjects(file: string): unknown {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    const exported =
      typeof value === "object" && value !== null && "prefixes" in value ? value.prefixes : value;
    return exported;
  } catch (cause) {
    throw new CliError(EXIT.refused, `${file}: ${(cause as Error).message}`);
  }
}
