import process from "node:process";
import { Command, CommanderError } from "commander";
import { CliError, EXIT } from "./client.ts";
import { addWatchCommand } from "./command-watch.ts";
import { addAccessCommands } from "./commands-access.ts";
import { addAccountCommands } from "./commands-account.ts";
import { addAddressCommands } from "./commands-address.ts";
import { addApplicationCommands } from "./commands-application.ts";
import { addAuditCommands } from "./commands-audit.ts";
import { addDnsCommands } from "./commands-dns.ts";
import { addEpeCommands } from "./commands-epe.ts";
import { addFabricCommands } from "./commands-fabric.ts";
import { addHealthCommand } from "./commands-health.ts";
import { addInventoryCommand } from "./commands-inventory.ts";
import { addMeasureCommand } from "./commands-measure.ts";
import { addMoveCommands } from "./commands-move.ts";
import { addNetboxCommands } from "./commands-netbox.ts";
import { addNotifyCommands } from "./commands-notify.ts";
import { addPathCommands } from "./commands-path.ts";
import { addReportCommand } from "./commands-report.ts";
import { addRolloutCommands } from "./commands-rollout.ts";
import { addTokenCommands } from "./commands-token.ts";
import { addTrustCommands } from "./commands-trust.ts";
import { showError } from "./show-change.ts";

/** Every command, with its options. */
export function buildProgram(): Command {
  // Sub-commands take these settings over from their parent as they are made.
  const program = new Command("vsixctl")
    .description("runs the vSIX network: fabric, planes, Edges, and who may do so")
    .showHelpAfterError("(--help shows how)")
    .exitOverride();
  addFabricCommands(program);
  addMoveCommands(program);
  addRolloutCommands(program);
  addWatchCommand(program);
  addMeasureCommand(program);
  addPathCommands(program);
  addEpeCommands(program);
  addHealthCommand(program);
  addDnsCommands(program);
  addReportCommand(program);
  addNotifyCommands(program);
  addAddressCommands(program);
  addAccountCommands(program);
  addApplicationCommands(program);
  addAccessCommands(program);
  addInventoryCommand(program);
  addNetboxCommands(program);
  addAuditCommands(program);
  addTokenCommands(program);
  addTrustCommands(program);
  program.addHelpText(
    "after",
    "\nWithout --url the unix socket of a controller on this machine is spoken to; no token is needed there." +
      "\nExit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 controller out of reach, 4 not observed in time, 5 taken back: not confirmed, or a rollout that was aborted",
  );
  return program;
}

/** Runs the command in `process.argv`; its exit status. */
export async function main(): Promise<number> {
  try {
    await buildProgram().parseAsync(process.argv);
    return Number(process.exitCode ?? EXIT.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (!(error instanceof CliError)) throw error;
    if (process.argv.includes("--json")) {
      const body = error.body ?? { error: { code: "failed", message: error.message } };
      // One line: `watch` has printed one object a line before it.
      process.stdout.write(`${JSON.stringify(body)}\n`);
    }
    process.stderr.write(`${showError(error.message, error.body)}\n`);
    return error.exitCode;
  }
}
