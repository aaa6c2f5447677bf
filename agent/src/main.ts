import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { pino } from "pino";
import { AGENT_VERSION, Agent } from "./agent.ts";
import { type AgentConfig, ConfigError, readAgentConfig, readToken } from "./config.ts";
import { enrolNode } from "./enrol.ts";
import { askAgent, ControlError } from "./io/control-socket.ts";
import { enrolService } from "./io/enrol-client.ts";
import { openIdentityStore } from "./io/identity-store.ts";
import { keepFewPages } from "./io/resident-pages.ts";
import { TRACE_USAGE, traceCommand } from "./trace-command.ts";

const USAGE = `vsix-agent ${AGENT_VERSION}
  vsix-agent run    --config FILE            run until told to stop
  vsix-agent plan   --config FILE [--json]   what the running agent would change now; changes nothing
  vsix-agent enrol  --config FILE --token-file FILE   make a key and have it certified against a claim token; FILE may be -
  vsix-agent report --config FILE            what the running agent says of itself, as JSON
${TRACE_USAGE}Exit status: 0 done, or the plan is empty; 1 failed; 2 wrong usage; 3 no agent is running; 4 not reached; 10 the plan is not empty.
`;

const out = (text: string): void => {
  process.stdout.write(text);
};

async function main(): Promise<number> {
  const [, , first, ...rest] = process.argv;
  if (first === "trace" && !rest.includes("--help")) return traceCommand(rest, out);
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      config: { type: "string" },
      json: { type: "boolean" },
      "token-file": { type: "string" },
      help: { type: "boolean" },
    },
  });
  const [command] = positionals;
  if (values.help === true) {
    out(USAGE);
    return 0;
  }
  if (values.config === undefined || positionals.length !== 1 || command === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const config = readAgentConfig(values.config);
  const socket = join(config.stateDir, "agent.sock");
  switch (command) {
    case "run":
      return run(config);
    case "enrol":
      return enrol(config, values["token-file"]);
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
      process.stderr.write(`unknown command ${command}\n${USAGE}`);
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

async function enrol(config: AgentConfig, tokenFile: string | undefined): Promise<number> {
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

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const usage =
      error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
    const known = error instanceof VsixError || usage;
    process.stderr.write(
      `vsix-agent: ${known && error instanceof Error ? error.message : String((error as Error).stack)}\n`,
    );
    // At once: whatever was half started must not go on without the rest.
    process.exit(
      error instanceof ControlError && error.code === "no-agent"
        ? 3
        : error instanceof ConfigError || usage
          ? 2
          : 1,
    );
  },
);
