#!/usr/bin/env node
import process from "node:process";
import { parseArgs } from "node:util";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { takeServiceEnvironment } from "@vsix/shared/service/watchdog.ts";
import { pino } from "pino";
import { systemClock } from "./clock.ts";
import { readConfig } from "./config.ts";
import { Controller } from "./controller.ts";
import { prepare } from "./prepare.ts";
import { ServiceManager } from "./service-manager.ts";
import { CONTROLLER_USAGE } from "./usage.ts";

async function main(): Promise<number> {
  const { command, file } = invocation(process.argv.slice(2));
  if (file === undefined || (command !== "run" && command !== "prepare")) {
    process.stderr.write(CONTROLLER_USAGE);
    return 2;
  }
  const service = takeServiceEnvironment(process.env);
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  });
  try {
    const config = await readConfig(file);
    const log = pino({ name: "vsix-controller", level: config.logLevel });
    if (command === "prepare") {
      await prepare(config, systemClock, log);
      return 0;
    }
    await using _controller = await Controller.start(config, systemClock, log);
    using manager = new ServiceManager(service, log);
    manager.ready();
    log.info({ signal: await stopped }, "stopping");
    return 0;
  } catch (error) {
    if (!(error instanceof VsixError)) throw error;
    process.stderr.write(`vsix-controller: ${error.message}\n`);
    return 1;
  }
}

function invocation(argv: readonly string[]): { readonly command?: string; readonly file?: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { config: { type: "string" } },
      allowPositionals: true,
    });
    const [command = ""] = positionals;
    return positionals.length === 1 && values.config !== undefined ? { command, file: values.config } : {};
  } catch {
    return {};
  }
}

process.exitCode = await main();
