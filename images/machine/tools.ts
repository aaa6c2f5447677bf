import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { MachineError } from "./error.ts";

export interface ExecuteOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Told each line that it says on standard error. */
  readonly onLine?: (line: string) => void;
  readonly timeoutMs?: number;
}

const KEPT = 4000;
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Runs a program to its end and gives what it printed. Throws {@link MachineError} with its last words. */
export async function execute(
  command: string,
  args: readonly string[],
  { env = {}, stdin = "", onLine, timeoutMs = 3_600_000 }: ExecuteOptions = {},
): Promise<string> {
  const child = spawn(command, args, {
    env: { PATH, LC_ALL: "C.UTF-8", HOME: "/root", DEBIAN_FRONTEND: "noninteractive", ...env },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  let [printed, said, line] = ["", "", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-KEPT);
    const parts = (line + text).split("\n");
    line = parts.pop() ?? "";
    for (const part of parts) onLine?.(part);
  });
  // Who reads nothing closes it.
  child.stdin.on("error", () => undefined).end(stdin);
  const words = `${command} ${args.join(" ").slice(0, 200)}`;
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new MachineError("machine-tool", `${words}: ${cause.message}`, { cause })),
    );
    child.once("close", (code, signal) => {
      if (code === 0) return resolve(printed);
      const last = said.trim() || printed.trim().slice(-KEPT) || `ended with ${signal ?? code}`;
      reject(new MachineError("machine-tool", `${words}: ${last}`));
    });
  });
}

/** Whether a program, or a file by its path, is there. */
export function isHere(program: string): boolean {
  const paths = program.startsWith("/") ? [program] : PATH.split(":").map((folder) => join(folder, program));
  return paths.some((path) => {
    try {
      accessSync(path, program.startsWith("/") ? constants.R_OK : constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
