#!/usr/bin/env node
import process from "node:process";
import { parseArgs } from "node:util";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { pino } from "pino";
import { systemClock } from "./clock.ts";
import { readConfig } from "./config.ts";
import { Controller } from "./controller.ts";

const USAGE = "usage: vsix-controller run --config FILE\n";

async function main(): Promise<number> {
  const file = configFile(process.argv.slice(2));
  if (file === undefined) {
    process.stderr.write(USAGE);
    return 2;
  }
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve(signal));
  });
  try {
    const config = await readConfig(file);
    const log = pino({ name: "vsix-controller", level: config.logLevel });
    await using _controller = await Controller.start(config, systemClock, log);
    log.info({ signal: await stopped }, "stopping");
    return 0;
  } catch (error) {
    if (!(error instanceof VsixError)) throw error;
    process.stderr.write(`vsix-controller: ${error.message}\n`);
    return 1;
  }
}

function configFile(argv: readonly string[]): string | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { config: { type: "string" } },
      allowPositionals: true,
    });
    return positionals.length === 1 && positionals[0] === "run" ? values.config : undefined;
  } catch {
    return undefined;
  }
}

process.exitCode = await main();
