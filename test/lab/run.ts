import { spawn } from "node:child_process";
import { LabError } from "./lab-error.ts";
import { guardTree } from "./program-tree.ts";

export interface RunOptions {
  /** Written to standard input, which is closed then. */
  readonly input?: string;
  /** Milliseconds after which the process is killed; 60 s unless told. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
  /** All that it started ends with it when it is aborted or its time is over (program-tree.ts). */
  readonly wholeTree?: boolean;
}

export interface RunResult {
  /** Exit status; 128 + signal number is not imitated: killed by a signal is -1. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, whatever its exit status. Throws LabError only when it cannot be started. */
export async function run(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { promise, resolve, reject } = Promise.withResolvers<RunResult>();
  const timeoutMs = options.timeoutMs ?? 60_000;
  const whole = options.wholeTree === true;
  const child = spawn(file, args, {
    stdio: ["pipe", "pipe", "pipe"],
    detached: whole,
    ...(whole ? {} : { timeout: timeoutMs, killSignal: "SIGKILL" }),
    ...(whole || options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  if (whole) void guardTree(child, timeoutMs, options.signal);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.on("error", (cause) => {
    reject(new LabError("lab/command-failed", `cannot run ${file}: ${cause.message}`, { cause }));
  });
  child.on("close", (code) => {
    if (whole && options.signal?.aborted === true) {
      const { reason } = options.signal;
      const why = reason instanceof Error ? reason.message : String(reason);
      reject(new LabError("lab/command-failed", `${file} was ended: ${why}`, { cause: reason }));
    } else resolve({ code: code ?? -1, stdout, stderr });
  });
  // A program that ends without reading its input is no failure of ours.
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  return promise;
}

/** Runs a program and returns its standard output; throws LabError with its standard error when it fails. */
export async function mustRun(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await run(file, args, options);
  if (result.code === 0) return result.stdout;
  const said = (result.stderr.trim() || result.stdout.trim()).slice(-2000);
  throw new LabError("lab/command-failed", `${file} ${args.join(" ")}: exit ${result.code}: ${said}`);
}

/** Applies a list of `ip` commands in one process, inside a namespace when one is named. */
export async function ipBatch(namespace: string | undefined, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return;
  const where = namespace === undefined ? [] : ["-n", namespace];
  await mustRun("ip", [...where, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

/** Argument vector that runs a program inside a namespace. */
export function inNamespace(namespace: string, command: readonly string[]): readonly string[] {
  return ["ip", "netns", "exec", namespace, ...command];
}
