import { spawnSync } from "node:child_process";

/** Runs wg(8) of wireguard-tools in this process's namespace; throws with what it said. */
export function wg(args: readonly string[], input = ""): string {
  const run = spawnSync("wg", args, { encoding: "utf8", maxBuffer: 1 << 28, input });
  if (run.error !== undefined) throw run.error;
  if (run.status !== 0) throw new Error(`wg ${args[0] ?? ""}: ${run.stderr.trim()}`);
  return run.stdout;
}
