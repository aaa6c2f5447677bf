import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { LabError } from "./lab-error.ts";
import { NODE } from "./names.ts";
import type { RunResult } from "./run.ts";

const PROGRAM = join(import.meta.dirname, "ctl-commands.ts");
/** As a program of its own would have. */
const TIMEOUT_MS = 120_000;

/** vsixctl for many commands in one process, one at a time, in the order they are asked for; started with the first, ended when disposed of. */
export class CtlProcess implements AsyncDisposable {
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #answers: AsyncIterator<string> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** Runs one to its end, whatever its exit status. Throws LabError `lab/command-failed` when it does not come to one. */
  async run(args: readonly string[], signal?: AbortSignal): Promise<RunResult> {
    const result = this.#last.then(() => this.#one(args, signal));
    this.#last = result.catch(() => {});
    return result;
  }

  async #one(args: readonly string[], signal: AbortSignal | undefined): Promise<RunResult> {
    signal?.throwIfAborted();
    const [child, answers] = this.#start();
    const limit = AbortSignal.timeout(TIMEOUT_MS);
    const over = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    const end = (): void => void child.kill("SIGKILL");
    over.addEventListener("abort", end, { once: true });
    try {
      child.stdin?.write(`${JSON.stringify(args)}\n`);
      const answer = await answers.next();
      if (answer.done !== true) return JSON.parse(answer.value) as RunResult;
      this.#child = undefined;
      signal?.throwIfAborted();
      const why = over.aborted ? `no answer in ${TIMEOUT_MS / 1000} s` : "it ended";
      throw new LabError("lab/command-failed", `vsixctl ${args.join(" ")}: ${why}`);
    } finally {
      over.removeEventListener("abort", end);
    }
  }

  #start(): readonly [ChildProcess, AsyncIterator<string>] {
    if (this.#child !== undefined && this.#answers !== undefined) return [this.#child, this.#answers];
    const child = spawn(NODE, [PROGRAM], { stdio: ["pipe", "pipe", "inherit"], env: this.#env });
    // Who has gone away is noticed by its answer, which does not come.
    child.on("error", () => {});
    child.stdin.on("error", () => {});
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return [child, this.#answers];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
  }
}
