import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ServiceEnvironment } from "@vsix/shared/service/watchdog.ts";
import { readAgentConfig } from "./config.ts";
import { askAgent } from "./io/control-socket.ts";

export interface AgentCommand {
  /** Told for wrong arguments. */
  readonly usage: string;
  readonly out: (text: string) => void;
  readonly service: ServiceEnvironment;
}

/**
 * The agent itself, and what is asked of it: everything that goes by a configuration. To be asked something it needs
 * little; all that it runs with comes with `run` alone.
 * @param args the program's own. @returns the exit status.
 */
export async function agentCommand(
  args: readonly string[],
  { usage, out, service }: AgentCommand,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      config: { type: "string" },
      json: { type: "boolean" },
      "token-file": { type: "string" },
    },
  });
  const [command] = positionals;
  if (values.config === undefined || positionals.length !== 1 || command === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  const config = readAgentConfig(values.config);
  const socket = join(config.stateDir, "agent.sock");
  switch (command) {
    case "run":
      return (await import("./run-command.ts")).runCommand(config, service);
    case "enrol":
      return (await import("./enrol-command.ts")).enrolCommand(config, values["token-file"], out);
    case "plan": {
      const { plan } = (await askAgent(socket, "plan")) as { readonly plan: readonly string[] };
      if (values.json === true) out(`${JSON.stringify({ plan })}\n`);
      else out(plan.length === 0 ? "nothing to do\n" : `${plan.join("\n")}\n`);
      return plan.length === 0 ? 0 : 10;
    }
    case "report":
      out(`${JSON.stringify(await askAgent(socket, "report"), null, 2)}\n`);
      return 0;
    default:
      process.stderr.write(`unknown command ${command}\n${usage}`);
      return 2;
  }
}
