import type { ServiceEnvironment } from "@vsix/shared/service/watchdog.ts";
import { pino } from "pino";
import { Agent } from "./agent.ts";
import { type AgentConfig, ConfigError } from "./config.ts";
import { isResetPending } from "./io/reset-marker.ts";
import { keepFewPages } from "./io/resident-pages.ts";
import { ServiceManager } from "./io/service-manager.ts";
import { AGENT_VERSION } from "./version.ts";

/** `vsix-agent run`: until SIGINT or SIGTERM. A service manager is told when it serves, and that it lives. */
export async function runCommand(config: AgentConfig, service: ServiceEnvironment): Promise<number> {
  if (isResetPending(config.stateDir)) {
    await (await import("./finish-reset.ts")).finishReset(config);
    throw new ConfigError(`${config.node} has been reset: run vsix-agent enrol with a new claim`);
  }
  const log = pino({ level: config.logLevel ?? "info", base: { node: config.node } });
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
  });
  const agent = await Agent.start(config, log);
  log.info({ version: AGENT_VERSION }, "agent started");
  using manager = new ServiceManager(service);
  manager.ready();
  using _few = keepFewPages();
  const signal = await stopped;
  log.info({ signal }, "stopping; the kernel keeps what it has");
  await agent[Symbol.asyncDispose]();
  return 0;
}
