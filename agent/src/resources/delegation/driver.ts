import { createHash } from "node:crypto";
import { chown, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  KEA_CONFIG,
  KEA_DATA,
  keaCommand,
  keaLog,
  keaRun,
  keaSocket,
  subnetsOf,
} from "../../core/delegation/kea-config.ts";
import type { Change, Outcome } from "../../core/kind.ts";
import { DELEGATION_PORT } from "../../core/ownership.ts";
import type { Daemon } from "../../io/daemon.ts";
import { askKea } from "../../io/kea-control.ts";
import type { ProgramUser } from "../../io/program-user.ts";
import { ProgramError, runProgram } from "../../io/run-program.ts";
import type { Driver } from "../driver.ts";
import type { DelegationObject } from "./model.ts";

/** Says what the running program was told last: `SHA-256 PID`. */
const LOADED_FILE = "loaded";
const PACKAGE = "kea-dhcp6-server";
const NAME = "kea-dhcp6";
const START_MS = 20_000;
/** Five thousand tunnels are read anew in two seconds or so on a busy machine, and nothing is answered meanwhile. */
const COMMAND_MS = 30_000;
/** Leases of users who are gone that are ended at once; the others end when somebody asks for their prefix. */
const MOST_ENDED = 256;

/** What tells one of several servers from the others. */
export interface DelegationIdentity {
  readonly name: string;
  /** UDP, on ::1. */
  readonly port: number;
}

/**
 * kea-dhcp6 in a directory of its own, on ::1 and a port of our own: a Kea of the machine's is another process with other files, and never
 * touched. A change is checked by another `kea-dhcp6 -t` before anything else happens, and read without a restart.
 */
export function delegationDriver(
  directory: string,
  daemon: Daemon,
  user: ProgramUser | undefined,
  { name, port }: DelegationIdentity = { name: NAME, port: DELEGATION_PORT },
): Driver<DelegationObject> {
  const file = (path: string): string => join(directory, path);
  return {
    async observe(signal) {
      const pid = daemon.find();
      if (pid === undefined) return [];
      const config = await readFile(file(KEA_CONFIG), "utf8").catch(() => "");
      const loaded = await readFile(file(LOADED_FILE), "utf8").catch(() => "");
      const known = loaded === loadedText(config, pid);
      if (known && !(await answers(signal))) daemon.kill();
      return [{ name, config: known ? config : "" }];
    },
    async apply(changes, signal) {
      const outcomes: Outcome[] = [];
      for (const change of changes) {
        try {
          await applyOne(change, signal);
          outcomes.push({ key: change.key, ok: true });
        } catch (error) {
          if (signal.aborted || !(error instanceof Error)) throw error;
          const errno = Math.abs((error as NodeJS.ErrnoException).errno ?? 5);
          outcomes.push({ key: change.key, ok: false, errno, reason: error.message });
        }
      }
      return outcomes;
    },
  };

  async function applyOne(change: Change<DelegationObject>, signal: AbortSignal): Promise<void> {
    if (change.op === "delete") {
      await daemon.stop();
      await rm(directory, { recursive: true, force: true });
      return;
    }
    const { config } = change.desired;
    await write(config, signal);
    const before = change.op === "replace" ? change.observed.config : "";
    if (daemon.find() === undefined) await begin(signal);
    else if (before === "") {
      await daemon.stop();
      await begin(signal);
    } else {
      await askKea(keaSocket(directory), "config-reload", undefined, { signal, timeoutMs: COMMAND_MS });
      await endLeases(before, config, signal);
    }
    const pid = daemon.find();
    if (pid === undefined) throw await ended();
    await writeFile(file(LOADED_FILE), loadedText(config, pid));
  }

  /** Whole or not at all. What is only looked at is not in our directory: processes are ours by what they name there. */
  async function write(config: string, signal: AbortSignal): Promise<void> {
    // Kea is not root, and goes through the one above.
    await mkdir(dirname(directory), { recursive: true, mode: 0o755 });
    await mkdir(directory, { recursive: true, mode: 0o755 });
    await mkdir(file(KEA_DATA), { recursive: true, mode: 0o750 });
    if (user !== undefined) await chown(file(KEA_DATA), user.uid, user.gid);
    const next = `${directory}.next`;
    try {
      await writeFile(next, config, { mode: 0o644 });
      // Says it in so many words where it is not installed.
      await runProgram([NAME, "-v"], { signal, debianPackage: PACKAGE });
      await runProgram(keaCommand(directory, ["-t"], next), { signal, timeoutMs: COMMAND_MS });
      await rename(next, file(KEA_CONFIG));
    } finally {
      await rm(next, { force: true });
    }
  }

  async function begin(signal: AbortSignal): Promise<void> {
    await rm(keaSocket(directory), { force: true });
    daemon.start(keaCommand(directory, keaRun(port), file(KEA_CONFIG)));
    for (let waitedMs = 0; waitedMs < START_MS; waitedMs += 50) {
      await sleep(50, undefined, { signal });
      if (daemon.pid === undefined) throw await ended();
      if (await answers(signal)) return;
    }
    throw new ProgramError("program-slow", `kea-dhcp6 does not answer on its control socket in ${directory}`);
  }

  function answers(signal: AbortSignal): Promise<boolean> {
    return askKea(keaSocket(directory), "version-get", undefined, { signal, timeoutMs: COMMAND_MS }).then(
      () => true,
      (error) => {
        if (signal.aborted) throw error;
        return false;
      },
    );
  }

  /** Of prefixes that are not told any more: who gets them next would find them taken. */
  async function endLeases(before: string, after: string, signal: AbortSignal): Promise<void> {
    const kept = new Set([...subnetsOf(after).values()].flat());
    const gone = [...subnetsOf(before).values()].flat().filter((prefix) => !kept.has(prefix));
    await endLeasesOf(keaSocket(directory), gone.slice(0, MOST_ENDED), signal);
  }

  async function ended(): Promise<ProgramError> {
    const words = (await lastWords(file(`${NAME}.log`))) || (await lastWords(keaLog(directory)));
    return new ProgramError("program-failed", `kea-dhcp6 ended at once: ${words || `see ${directory}`}`);
  }
}

/** Ends what leases there are of these prefixes, whoever has them. Throws {@link ProgramError}. */
export async function endLeasesOf(
  socket: string,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (const prefix of prefixes) {
    const lease = { type: "IA_PD", "ip-address": prefix.split("/")[0] };
    await askKea(socket, "lease6-del", lease, { signal, timeoutMs: COMMAND_MS });
  }
}

/** The last line of a log. */
async function lastWords(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  return (text.trimEnd().split("\n").at(-1) ?? "").slice(-500);
}

function loadedText(config: string, pid: number): string {
  return `${createHash("sha256").update(config).digest("hex")} ${pid}\n`;
}
