import { spawn } from "node:child_process";
import { constants } from "node:os";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

export class ProgramError extends VsixError<"program-missing" | "program-failed" | "program-slow"> {
  readonly errno: number;

  constructor(code: ProgramError["code"], message: string, options?: { readonly cause?: unknown }) {
    super(code, message, options);
    this.name = "ProgramError";
    const { ENOENT, EIO, ETIMEDOUT } = constants.errno;
    this.errno = { "program-missing": ENOENT, "program-failed": EIO, "program-slow": ETIMEDOUT }[code];
  }
}

export interface ProgramOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  /** File descriptor of its standard input, or text for it. */
  readonly input?: number | string;
  /** File descriptor for its standard output, which is not returned then. */
  readonly output?: number;
  /** The Debian package that brings it, for whoever lacks it. */
  readonly debianPackage?: string;
}

const TIMEOUT_MS = 10_000;
/** Octets of what it says that are kept. */
const MAX_OUTPUT = 1024 * 1024;

/**
 * Runs a program to its end, by an argument vector; gives what it printed. Throws {@link ProgramError} with its own words, or the
 * signal's reason.
 */
export async function runProgram(
  [file = "", ...args]: readonly string[],
  options: ProgramOptions,
): Promise<string> {
  const { signal, timeoutMs = TIMEOUT_MS, input, output } = options;
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(file, args, {
    stdio: [typeof input === "number" ? input : "pipe", output ?? "pipe", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    signal,
  });
  let said = "";
  let wrong = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    if (said.length < MAX_OUTPUT) said += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    if (wrong.length < MAX_OUTPUT) wrong += text;
  });
  // A program that ends before it has read its input tells so by its exit status.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(typeof input === "string" ? input : "");
  child.once("error", (cause: NodeJS.ErrnoException) => {
    if (signal.aborted) reject(signal.reason);
    else if (cause.code === "ENOENT") {
      const from = options.debianPackage ?? file;
      const message = `${file} is not installed (Debian package ${from})`;
      reject(new ProgramError("program-missing", message, { cause }));
    } else reject(new ProgramError("program-failed", `${file}: ${cause.message}`, { cause }));
  });
  child.once("close", (code, killed) => {
    if (code === 0) return resolve(said);
    if (killed === "SIGKILL")
      return reject(new ProgramError("program-slow", `${file} did not end within ${timeoutMs} ms`));
    const words = (wrong.trim() || said.trim() || `exit ${code ?? killed}`).slice(-1000);
    reject(new ProgramError("program-failed", `${file} ${args[0] ?? ""}: ${words}`));
  });
  return promise;
}
