import { access, constants } from "node:fs/promises";
import { join } from "node:path";
import { REPOSITORY } from "./names.ts";
import { type RunResult, run } from "./run.ts";
import { tool } from "./tools.ts";

/** Boots a guest kernel over this machine's file system: `run [-m MEMORY] [-t SECONDS] SCRIPT ARG…`. */
const RUNNER = join(REPOSITORY, "../shared/kernel-lab/run");

/** What a test file said inside the guest; suites stand among their tests. */
export interface GuestResult {
  readonly kernel: string;
  readonly tests: readonly { readonly name: string; readonly ok: boolean }[];
  readonly ok: boolean;
  readonly output: string;
}

/** True inside the guest. */
export function insideGuest(): boolean {
  return process.env["VSIX_TEST_GUEST"] !== undefined;
}

/** Whether a guest kernel can be booted here. */
export async function hasGuest(): Promise<boolean> {
  return access(RUNNER, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Where the guest writes what outlives it, when it is given a directory for that. */
export const GUEST_OUT = "/mnt/out";

interface Boot {
  readonly memory: string;
  /** The guest is ended then. */
  readonly limitS: number;
  readonly signal?: AbortSignal | undefined;
  /** A directory that it sees as GUEST_OUT. */
  readonly out?: string;
}

/** Boots it for one job. It starts on a machine with AMX by what is preloaded into it (native/guest-registers.c). */
async function boot({ memory, limitS, signal, out }: Boot, job: readonly string[]): Promise<RunResult> {
  const where = out === undefined ? [] : ["-o", out];
  return run("bash", [RUNNER, "-m", memory, "-t", `${limitS}`, ...where, ...job], {
    timeoutMs: (limitS + 5) * 1000,
    // Whoever kills the runner alone leaves the kernel running until its time limit.
    wholeTree: true,
    // bash itself and what it starts are preloaded too, and trace nobody.
    env: { ...process.env, LD_PRELOAD: await tool("guest-registers") },
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Runs a test file, as it is in this checkout, within the guest. `limitS`: the guest is ended then. */
export async function runInGuest(
  file: string,
  limitS: number,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<GuestResult> {
  const job = join(import.meta.dirname, "guest-job.sh");
  const { code, stdout, stderr } = await boot({ memory: "512M", limitS, signal }, [job, file]);
  const tests = [...stdout.matchAll(/^ *(not )?ok \d+ - (.*)$/gm)].map((match) => ({
    name: match[2] ?? "",
    ok: match[1] === undefined,
  }));
  const kernel = /^# kernel (.*)$/m.exec(stdout)?.[1] ?? "unknown";
  return { kernel, tests, ok: code === 0 && tests.length > 0, output: `${stdout}${stderr}` };
}

/** Runs a program of this checkout within the guest; gives what it printed. `limitS`: the guest is ended then. */
export async function programInGuest(
  file: string,
  args: readonly string[],
  limitS: number,
  signal?: AbortSignal,
): Promise<string> {
  const { code, stdout, stderr } = await bootProgram(file, args, { memory: "1024M", limitS, signal });
  if (code !== 0) throw new Error(`${file} in the guest: ${stdout}${stderr}`);
  return stdout;
}

/** Runs a program of this checkout within the guest to its end, whatever its exit status; all that it says is standard output. */
export async function bootProgram(file: string, args: readonly string[], how: Boot): Promise<RunResult> {
  return boot(how, [join(import.meta.dirname, "guest-program.sh"), file, ...args]);
}
