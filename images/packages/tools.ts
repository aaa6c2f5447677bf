import { spawnSync } from "node:child_process";
import { PackageError } from "./error.ts";

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** The Debian package that brings the program, for whoever lacks it. */
  readonly debianPackage?: string;
}

/** Runs a program to its end and gives what it printed. Throws {@link PackageError} with its words and the cure. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): string {
  const { env, cwd, timeoutMs = 600_000, debianPackage } = options;
  const done = spawnSync(command, args, {
    encoding: "utf8",
    timeout: timeoutMs,
    env,
    cwd,
    maxBuffer: 64 << 20,
  });
  if (done.error === undefined && done.status === 0) return done.stdout;
  const missing = done.error !== undefined && "code" in done.error && done.error.code === "ENOENT";
  const said = missing
    ? `is not installed: apt-get install ${debianPackage ?? command}`
    : (done.error?.message ??
      (done.stderr.trim() || done.stdout.trim() || `exit ${done.status}`).slice(-4000));
  throw new PackageError("package-tool", `${command} ${args.join(" ").slice(0, 200)}: ${said}`, {
    cause: done.error,
  });
}
