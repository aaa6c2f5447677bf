import { vsixctlMain } from "../programs/bundles.ts";
import type { Lab } from "./lab.ts";
import { LabError } from "./lab-error.ts";
import { NODE } from "./names.ts";
import { controllerSocket } from "./programs.ts";
import { type RunOptions, type RunResult, run } from "./run.ts";

/** Argument vector of a vsixctl that asks no controller. */
export const vsixctl = (...args: readonly string[]): readonly string[] => [NODE, vsixctlMain(), ...args];

/** Argument vector of vsixctl speaking to this lab's controller, or to one with a socket of its own. */
export function ctlCommand(
  lab: Lab,
  args: readonly string[],
  socket = controllerSocket(lab.name),
): readonly string[] {
  return vsixctl(...args, "--socket", socket);
}

/** The environment in which vsixctl speaks to this lab's controller. */
export function ctlEnvironment(lab: Lab): NodeJS.ProcessEnv {
  return { ...process.env, VSIX_URL: undefined, VSIX_SOCKET: controllerSocket(lab.name) };
}

/** Runs vsixctl to its end, whatever its exit status. */
export async function runCtl(
  lab: Lab,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const [file = NODE, ...rest] = vsixctl(...args);
  return run(file, rest, { timeoutMs: 120_000, env: ctlEnvironment(lab), ...options });
}

/** Runs vsixctl and returns its standard output. Throws LabError `lab/command-failed` with what it said. */
export async function ctl(lab: Lab, args: readonly string[], options: RunOptions = {}): Promise<string> {
  return outputOf(args, await runCtl(lab, args, options));
}

/** The standard output of a vsixctl that was successful. Throws LabError `lab/command-failed` with what another one said. */
export function outputOf(args: readonly string[], { code, stdout, stderr }: RunResult): string {
  if (code === 0) return stdout;
  const said = (stderr.trim() || stdout.trim()).slice(-2000);
  throw new LabError("lab/command-failed", `vsixctl ${args.join(" ")}: exit ${code}: ${said}`);
}

/** Runs `vsixctl … --json` and parses what it prints. */
export async function ctlJson(lab: Lab, args: readonly string[], options: RunOptions = {}): Promise<unknown> {
  return JSON.parse(await ctl(lab, [...args, "--json"], options));
}
