import { spawn } from "node:child_process";
import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProgramUser } from "./program-user.ts";
import { ProgramError } from "./run-program.ts";

export interface DaemonOptions {
  /** Absolute. Only this daemon's files are in it, so a process whose arguments name something in it is ours. */
  readonly directory: string;
  readonly name: string;
  /** It has ended without having been asked to. */
  readonly onEnd: (how: string) => void;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Who it is from its first moment; absent: who the agent is. */
  readonly user?: ProgramUser | undefined;
}

const LOG_LIMIT = 4 * 1024 * 1024;
/** Who adopted a process is not its parent, and is told nothing. */
const ADOPTED_POLL_MS = 250;
const STOP_MS = 5_000;
/** The first death costs no pause; then 1, 2, 4 … s, for as long as it lives no longer than a minute. */
const PAUSE_FIRST_MS = 1_000;
const PAUSE_MAX_MS = 30_000;
const CALM_MS = 60_000;

/**
 * A program that outlives its agent: of a session of its own, found again by its arguments in /proc and adopted, so nobody who
 * uses it notices an agent that restarts. Nothing is remembered on a disk that could name somebody else's process.
 */
export class Daemon implements Disposable {
  readonly #options: DaemonOptions;
  #pid: number | undefined;
  #poll: NodeJS.Timeout | undefined;
  #deaths = 0;
  #startedMs = Number.NEGATIVE_INFINITY;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #starts = 0;
  #stopping = false;

  constructor(options: DaemonOptions) {
    this.#options = options;
  }

  /** Times that it was started here. */
  get starts(): number {
    return this.#starts;
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  /** Looks for it, and watches what it finds from now on. */
  find(): number | undefined {
    if (this.#pid !== undefined) {
      if (isOurs(this.#pid, this.#options.directory)) return this.#pid;
      this.#lost("gone");
      return undefined;
    }
    const pid = findProcess(this.#options.directory);
    if (pid !== undefined) this.#adopt(pid);
    return pid;
  }

  /** Starts it. Throws {@link ProgramError}; `program-slow` while it has died too often of late. */
  start([file = "", ...args]: readonly string[]): void {
    const { directory, name, now, user } = this.#options;
    const waitMs = this.#notBeforeMs - now();
    if (waitMs > 0)
      throw new ProgramError(
        "program-slow",
        `${name} has died ${this.#deaths} times; started again in ${(waitMs / 1000).toFixed(1)} s, see ${directory}/${name}.log`,
      );
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    const log = openSync(join(directory, `${name}.log`), "a", 0o640);
    if (fstatSync(log).size > LOG_LIMIT) ftruncateSync(log);
    const child = spawn(file, args, {
      stdio: ["ignore", log, log],
      cwd: "/",
      detached: true,
      ...(user === undefined ? {} : { uid: user.uid, gid: user.gid }),
    });
    closeSync(log);
    child.unref();
    this.#stopping = false;
    this.#starts++;
    this.#startedMs = now();
    this.#pid = child.pid;
    const ended = (how: string): void => {
      if (this.#pid === child.pid) this.#lost(how);
    };
    child.once("error", (error) => ended(error.message));
    child.once("exit", (code, signal) => ended(signal ?? `exit ${code}`));
  }

  /** SIGTERM, SIGKILL after five seconds. Resolves when it has ended. */
  async stop(): Promise<void> {
    const pid = this.find();
    if (pid === undefined) return;
    this.#stopping = true;
    for (let waitedMs = 0; isOurs(pid, this.#options.directory); waitedMs += 50) {
      if (waitedMs === 0) kill(pid, "SIGTERM");
      if (waitedMs === STOP_MS) kill(pid, "SIGKILL");
      if (waitedMs > 2 * STOP_MS) break;
      await sleep(50);
    }
    this.#forget();
  }

  /** Ends one that hangs, as a crash: it is started again like after any. */
  kill(): void {
    if (this.#pid !== undefined && isOurs(this.#pid, this.#options.directory)) kill(this.#pid, "SIGKILL");
  }

  /** Lets go of it; it goes on. */
  [Symbol.dispose](): void {
    clearInterval(this.#poll);
    this.#poll = undefined;
  }

  #adopt(pid: number): void {
    this.#pid = pid;
    this.#startedMs = this.#options.now();
    clearInterval(this.#poll);
    this.#poll = setInterval(() => {
      if (!isOurs(pid, this.#options.directory)) this.#lost("gone");
    }, ADOPTED_POLL_MS);
    this.#poll.unref();
  }

  #lost(how: string): void {
    const { now, onEnd } = this.#options;
    const asked = this.#stopping;
    const livedMs = now() - this.#startedMs;
    this.#forget();
    if (asked) return;
    this.#deaths = livedMs > CALM_MS ? 1 : this.#deaths + 1;
    const pauseMs = this.#deaths === 1 ? 0 : PAUSE_FIRST_MS * 2 ** Math.min(this.#deaths - 2, 10);
    this.#notBeforeMs = now() + Math.min(PAUSE_MAX_MS, pauseMs);
    onEnd(how);
  }

  #forget(): void {
    this.#pid = undefined;
    clearInterval(this.#poll);
    this.#poll = undefined;
  }
}

/** The process that has something in this directory among its arguments; undefined where there is none. */
export function findProcess(directory: string): number | undefined {
  for (const entry of readdirSync("/proc")) {
    if (!/^[1-9][0-9]*$/.test(entry)) continue;
    const pid = Number(entry);
    if (pid !== process.pid && isOurs(pid, directory)) return pid;
  }
  return undefined;
}

/** A zombie has no arguments any more. The agent's own helpers have the directory among theirs too, but are its children only for a moment. */
function isOurs(pid: number, directory: string): boolean {
  try {
    const [program = "", ...args] = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
    return (
      DAEMONS.some((name) => program === name || program.endsWith(`/${name}`)) &&
      args.some((argument) => argument.startsWith(`${directory}/`))
    );
  } catch {
    return false;
  }
}

/** Programs that may be one: not `unbound-control`, which has the same arguments. */
const DAEMONS: readonly string[] = ["unbound", "tayga", "kea-dhcp6"];

function kill(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).errno !== -constants.errno.ESRCH) throw error;
  }
}
