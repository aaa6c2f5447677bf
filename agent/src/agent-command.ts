import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { pino } from "pino";
import { Agent } from "./agent.ts";
import { type AgentConfig, ConfigError, readAgentConfig, readToken } from "./config.ts";
import { enrolNode } from "./enrol.ts";
import { askAgent } from "./io/control-socket.ts";
import { enrolService } from "./io/enrol-client.ts";
import { openIdentityStore } from "./io/identity-store.ts";
import { keepFewPages } from "./io/resident-pages.ts";
import { AGENT_VERSION } from "./version.ts";

/**
 * The agent itself, and what is asked of it: everything that goes by a configuration.
 * @param args the program's own. @param usage for wrong ones. @returns the exit status.
 */
export async function agentCommand(
  args: readonly string[],
  usage: string,
  out: (text: string) => void,
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
      return run(config);
    case "enrol":
      return enrol(config, values["token-file"], out);
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

async function run(config: AgentConfig): Promise<number> {
  const log = pino({ level: config.logLevel ?? "info", base: { node: config.node } });
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
  });
  const agent = await Agent.start(config, log);
  log.info({ version: AGENT_VERSION }, "agent started");
  using _few = keepFewPages();
  const signal = await stopped;
  log.info({ signal }, "stopping; the kernel keeps what it has");
  await agent[Symbol.asyncDispose]();
  return 0;
}

async function enrol(
  config: AgentConfig,
  tokenFile: string | undefined,
  out: (text: string) => void,
): Promise<number> {
  if (tokenFile === undefined)
    throw new ConfigError("enrol wants --token-file FILE, or - for standard input");
  const { identity: directory } = config.controller;
  if (directory === undefined)
    throw new ConfigError("/controller/identity: say in which directory the identity shall be kept");
  const { identity, already, unconfirmed } = await enrolNode({
    node: config.node,
    claim: decodeClaim(readToken(tokenFile)),
    store: openIdentityStore(directory),
    service: enrolService,
    now: Date.now,
  });
  const until = new X509Certificate(identity.certificate).validToDate.toISOString();
  out(
    `${identity.node} ${already ? "had enrolled" : "enrolled"} at ${identity.enrolUrl}; certificate until ${until}\n`,
  );
  if (unconfirmed !== undefined) out(`the controller has not seen it in use yet: ${unconfirmed}\n`);
  return 0;
}
