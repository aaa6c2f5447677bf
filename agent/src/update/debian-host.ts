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
const LOOK_MS = 500;
const GRACE_LOOKS = 16;

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
      await endStubborn();
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

/**
 * An agent that does not end when it is told to is killed after a few seconds, not after systemd's 90: kernel and GoBGP keep what they have
 * all the same, and a version that is to go is not asked twice.
 */
async function endStubborn(): Promise<void> {
  for (
    let looks = 0;
    (await systemctl("show", "--value", "-p", "SubState", SERVICE)).trim() === "stop-sigterm";
    looks++
  ) {
    if (looks === GRACE_LOOKS) await systemctl("kill", "--kill-who=main", "--signal=SIGKILL", SERVICE);
    if (looks > 2 * GRACE_LOOKS) return;
    await sleep(LOOK_MS);
  }
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
