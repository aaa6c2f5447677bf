import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Machine } from "@vsix/shared/contract/up-machine.ts";
import type { Logger } from "pino";
import { MachineWatch } from "./watch.ts";

/** {@link MachineWatch} of this machine. What looks is loaded by the first look: nothing of it is on the way to the first packet. */
export function ownMachine(
  { node, stateDir }: { readonly node: string; readonly stateDir: string },
  log: Logger,
  publish: (message: Machine) => void,
): MachineWatch {
  return new MachineWatch({
    ...{ node, log, publish },
    figures: async () => (await import("./figures.ts")).readFigures(resolve(stateDir)),
    inventory: async (signal) => (await import("./ask.ts")).askInventory(signal),
    isClockSynchronised: async (signal) => (await import("./ask.ts")).askClock(signal),
    random: Math.random,
    wallMs: Date.now,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  });
}
