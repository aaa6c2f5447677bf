import { pino } from "pino";
import { Agent } from "./agent.ts";
import type { AgentConfig } from "./config.ts";
import { keepFewPages } from "./io/resident-pages.ts";
import { AGENT_VERSION } from "./version.ts";

/** `vsix-agent run`: until SIGINT or SIGTERM. */
export async function runCommand(config: AgentConfig): Promise<number> {
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
