import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { lineOf } from "../core/update/words.ts";
import { askAgent } from "../io/control-socket.ts";
import { runProgram } from "../io/run-program.ts";
import { lookAround } from "./observe.ts";
import { installPackage } from "./packages.ts";
import { SERVICE, UNIT_DIR, type UpdatePlaces, WATCHER } from "./places.ts";
import type { UpdateHost } from "./run-update.ts";
import { readUpdate, writeUpdate } from "./state-file.ts";

const SYSTEMCTL_MS = 60_000;

export interface DebianHostOptions {
  readonly places: UpdatePlaces;
  /** The agent's, to ask it. */
  readonly agentSocket: string;
  /** A line for the journal. */
  readonly say: (line: string) => void;
}

/** A Debian with systemd. Needs root. */
export function debianHost({ places, agentSocket, say }: DebianHostOptions): UpdateHost {
  return {
    read: () => readUpdate(places),
    write: (state) => writeUpdate(places, state),
    install: async (which) => {
      const state = readUpdate(places);
      if (state === undefined) throw new Error(`${places.state} is gone`);
      await installPackage(places.debs[which], which === "new" ? state.to : state.from);
      await systemctl("daemon-reload");
      // Nobody waits: one that never says that it is ready is what is watched for. At boot it has not begun, and begins after us.
      await systemctl("--no-block", "try-restart", SERVICE);
    },
    look: () => lookAround(agentSocket),
    clear: async () => {
      for (const path of unitFiles()) rmSync(path, { force: true });
      await systemctl("daemon-reload").catch(() => undefined);
      for (const path of [places.keeper, places.debs.new, places.debs.previous])
        rmSync(path, { recursive: true, force: true });
    },
    tell: async (state) => {
      say(lineOf(state));
      // It reads the file when it starts; one that runs is told to.
      await askAgent(agentSocket, "update", SYSTEMCTL_MS).catch(() => undefined);
    },
    wallMs: Date.now,
    nowMs: () => performance.now(),
    sleep: (ms) => sleep(ms),
  };
}

/** The unit of who watches, and what starts it at boot; the latter is taken away first. */
export const unitFiles = (): readonly string[] => [
  join(UNIT_DIR, "multi-user.target.wants", WATCHER),
  join(UNIT_DIR, WATCHER),
];

export async function systemctl(...words: readonly string[]): Promise<string> {
  return runProgram(["systemctl", ...words], {
    signal: AbortSignal.timeout(SYSTEMCTL_MS),
    ...{ timeoutMs: SYSTEMCTL_MS, debianPackage: "systemd" },
  });
}
