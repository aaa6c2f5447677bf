import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Health } from "@vsix/shared/contract/up-health.ts";
import type { Logger } from "pino";
import { HealthSchedule } from "./health-schedule.ts";

/** {@link HealthSchedule} with this machine's clocks and network. */
export function ownHealth(node: string, log: Logger, publish: (message: Health) => void): HealthSchedule {
  return new HealthSchedule({
    ...{ node, log, publish },
    instance: randomBytes(8).toString("hex"),
    // Loaded by the first run: a node that never looks pays nothing for it.
    look: async (part, signal) => (await import("./health/health-run.ts")).runHealth({ part, signal }),
    random: Math.random,
    wallMs: Date.now,
    nowMs: () => performance.now(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  });
}
