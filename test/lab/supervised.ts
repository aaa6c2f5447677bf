import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, ftruncateSync, openSync, rmSync } from "node:fs";
import type { ProgramSpec } from "./programs.ts";

/** What the supervisor says of one program. */
export interface ProgramState {
  readonly node: string;
  readonly program: string;
  readonly state: "running" | "restarting" | "stopped";
  readonly pid: number | null;
  /** Times it was started. */
  readonly starts: number;
  /** Times it ended without having been asked to. */
  readonly deaths: number;
  /** `exit 1`, `SIGKILL`; null while it has never ended. */
  readonly lastEnd: string | null;
}

const RESTART_MS = 1000;
const STOP_MS = 5000;
const LOG_LIMIT = 64 * 1024 * 1024;

/** One daemon kept running: what dies unasked is started again after a second, as systemd's RestartSec=1 would. */
export class Supervised {
  readonly spec: ProgramSpec;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wanted = false;
  #clock: string | undefined;
  #starts = 0;
  #deaths = 0;
  #lastEnd: string | null = null;

  constructor(spec: ProgramSpec) {
    this.spec = spec;
  }

  /** Starts it unless it runs; with a wall clock that is wrong by so much, which it keeps when it is restarted. */
  start(clock?: string): void {
    this.#clock = clock;
    this.#resume();
  }

  #resume(): void {
    this.#wanted = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#child === undefined) this.#spawn();
  }

  /** SIGTERM, SIGKILL after five seconds; resolves when it has ended and it stays down. */
  async stop(): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    child.kill("SIGTERM");
    const impatience = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(impatience);
  }

  /** SIGKILL, as a crash: it comes back by itself. False when it does not run. */
  kill(): boolean {
    return this.#child?.kill("SIGKILL") ?? false;
  }

  /** SIGKILL and never again. */
  end(): void {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#child?.kill("SIGKILL");
  }

  state(): ProgramState {
    return {
      node: this.spec.node,
      program: this.spec.program,
      state: this.#child !== undefined ? "running" : this.#wanted ? "restarting" : "stopped",
      pid: this.#child?.pid ?? null,
      starts: this.#starts,
      deaths: this.#deaths,
      lastEnd: this.#lastEnd,
    };
  }

  #spawn(): void {
    const [file, ...args] = this.spec.command;
    if (file === undefined) return;
    if (this.spec.socket !== undefined) rmSync(this.spec.socket, { force: true });
    const log = openSync(this.spec.log, "a");
    if (fstatSync(log).size > LOG_LIMIT) ftruncateSync(log);
    const child = spawn(file, args, { stdio: ["ignore", log, log], cwd: "/", env: environment(this.#clock) });
    closeSync(log);
    this.#child = child;
    this.#starts++;
    child.once("error", (error) => this.#ended(child, error.message));
    child.once("close", (code, signal) => this.#ended(child, signal ?? `exit ${code}`));
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#lastEnd = how;
    if (!this.#wanted) return;
    this.#deaths++;
    this.#timer = setTimeout(() => this.#resume(), RESTART_MS);
  }
}

/** libfaketime's place in Debian's package of that name, by Node's name of the machine. */
const TRIPLETS: Readonly<Record<string, string>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

/** Only the wall clock is wrong: a machine's monotonic clock is not set by anybody. */
function environment(clock: string | undefined): NodeJS.ProcessEnv {
  if (clock === undefined) return process.env;
  const library = `/usr/lib/${TRIPLETS[process.arch] ?? process.arch}/faketime/libfaketime.so.1`;
  return { ...process.env, LD_PRELOAD: library, FAKETIME: clock, FAKETIME_DONT_FAKE_MONOTONIC: "1" };
}
