import { getCompileCacheDir } from "node:module";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { takeServiceEnvironment } from "@vsix/shared/service/watchdog.ts";
import { ConfigError } from "./config.ts";
import { ControlError } from "./io/control-socket.ts";
import { AGENT_USAGE } from "./usage.ts";
import { AGENT_VERSION } from "./version.ts";

const out = (text: string): void => {
  process.stdout.write(text);
};

/** Each command brings only what it needs: a trace or a watch goes without MQTT, gRPC and the like. */
async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const [first, ...rest] = args;
  if (args.includes("--help")) {
    // An installation has this compile what any command needs, and keep it (agent/DESIGN.md, "Memory").
    if (getCompileCacheDir() !== undefined)
      await Promise.all([
        import("./trace-command.ts"),
        import("./watch-command.ts"),
        import("./agent-command.ts"),
        import("./run-command.ts"),
        import("./enrol-command.ts"),
        import("./epe-command.ts"),
        import("./health-command.ts"),
        import("./page-command.ts"),
        import("./reset-command.ts"),
        import("./dns-command.ts"),
        import("./update-command.ts"),
      ]);
    out(AGENT_USAGE);
    return 0;
  }
  switch (first) {
    case "--version":
      out(`vsix-agent ${AGENT_VERSION}\n`);
      return 0;
    case "trace":
      return (await import("./trace-command.ts")).traceCommand(rest, out);
    case "watch":
      return (await import("./watch-command.ts")).watchCommand(rest, { out, screen: screen(), signals });
    case "health":
      return (await import("./health-command.ts")).healthCommand(rest, out);
    case "page":
      return (await import("./page-command.ts")).pageCommand(rest, { signals, environment: process.env });
    case "reset":
      return (await import("./reset-command.ts")).resetCommand(rest, { out, ask: questioner() });
    case "epe":
      return (await import("./epe-command.ts")).epeCommand(rest, out);
    case "dns":
      return (await import("./dns-command.ts")).dnsCommand(rest, { out, signals });
    case "machine":
      return (await import("./machine-command.ts")).machineCommand(rest, out);
    case "update":
      return (await import("./update-command.ts")).updateCommand(rest, out);
    default:
      return (await import("./agent-command.ts")).agentCommand(args, {
        usage: AGENT_USAGE,
        out,
        service: takeServiceEnvironment(process.env),
      });
  }
}

/** Somebody who looks on. */
function screen() {
  const { stdout } = process;
  return stdout.isTTY ? { columns: () => stdout.columns, rows: () => stdout.rows } : undefined;
}

/** Somebody who can be asked. */
function questioner() {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) return undefined;
  return async (question: string): Promise<string> => {
    const { createInterface } = await import("node:readline/promises");
    using asking = createInterface({ input: stdin, output: stdout });
    return await asking.question(question);
  };
}

/** The first of those that end a program ends it in order, the second at once. */
function signals(listener: (signal: string) => void): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, listener);
  process.on("SIGHUP", listener);
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
