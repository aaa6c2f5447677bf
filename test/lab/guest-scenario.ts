import { access, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasPrograms, radios } from "../agent/radios.ts";
import { vsixctl } from "./ctl.ts";
import { bootProgram, hasGuest, insideGuest } from "./guest.ts";
import { LabError } from "./lab-error.ts";
import { REPOSITORY } from "./names.ts";
import { type Progress, silentProgress } from "./progress.ts";
import { run } from "./run.ts";
import type { Scenario, ScenarioResult } from "./scenario.ts";
import { tool } from "./tools.ts";
import { warmUp } from "./up.ts";

/** A scenario that the running kernel cannot carry, whole in a guest kernel: its lab, its users and what counts them. */

/** Whether the running kernel lacks what a scenario needs. Throws LabError `lab/kernel` where no guest kernel can help. */
export async function wantsGuest({ name, kernel }: Scenario): Promise<boolean> {
  const lacks: string[] = [];
  for (const type of kernel?.makes ?? []) if (!(await makes(type))) lacks.push(`devices of type ${type[0]}`);
  const air = kernel?.radios ?? 0;
  if (air > 0 && !hasPrograms())
    throw new LabError("lab/kernel", `${name}: scripts/setup has not unpacked hostapd here`);
  if (air > 0 && radios().length < air) lacks.push(`${air} simulated radios`);
  if (lacks.length === 0) return false;
  if (!insideGuest() && (await hasGuest())) return true;
  const which = lacks.join(" and ");
  throw new LabError(
    "lab/kernel",
    `${name}: this kernel lacks ${which}, and ${insideGuest() ? "is the guest" : "no guest kernel is beside the checkout"}; load the modules, or run it on another machine`,
  );
}

async function makes(type: readonly string[]): Promise<boolean> {
  const script = 'ip link add vx-probe type "$@" && ip link del vx-probe';
  return (await run("unshare", ["-n", "sh", "-c", script, "sh", ...type])).code === 0;
}

/** Runs it there, as `scripts/lab scenario` does; it has passed on the guest's word alone. Logs of a failure are kept as always. */
export async function runScenarioInGuest(
  scenario: Scenario,
  options: { readonly fabric?: string; readonly progress?: Progress; readonly signal?: AbortSignal },
): Promise<ScenarioResult> {
  const { name, kernel } = scenario;
  if (kernel === undefined) throw new LabError("lab/scenario", `${name} asks for no kernel`);
  const progress = options.progress ?? silentProgress;
  const started = performance.now();
  // The guest sees the checkout and cannot write there: what it needs is made before.
  await Promise.all([warmUp(), tool("traffic"), tool("cable")]);
  const [file = "", ...args] = vsixctl("application", "create", "--help");
  await run(file, args);
  const failed = join(REPOSITORY, ".cache/lab/failed");
  await mkdir(failed, { recursive: true });
  const out = await mkdtemp(join(failed, "guest-"));
  const ended = new AbortController();
  const followed = follow(join(out, "progress"), progress, ended.signal);
  try {
    progress.step(`this kernel lacks what ${name} needs: it runs in a guest kernel (${kernel.memory})`);
    const fabric = options.fabric === undefined ? [] : ["--fabric", resolve(options.fabric)];
    const words = ["scenario", name, "--json", ...fabric];
    const { stdout, stderr } = await bootProgram(join(import.meta.dirname, "cli.ts"), words, {
      ...{ memory: kernel.memory, limitS: kernel.limitS, out, signal: options.signal },
    });
    const seconds = Math.round(performance.now() - started) / 1000;
    const said = stdout.split("\n").findLast((line) => line.startsWith(`{"name":"${name}"`));
    if (said !== undefined) return { ...(JSON.parse(said) as ScenarioResult), seconds };
    const reason = `the guest told no result: ${`${stdout}${stderr}`.slice(-2000)}`;
    return { name, ok: false, reason, figures: { flows: [] }, seconds };
  } finally {
    ended.abort();
    await followed;
    const logs = join(out, name);
    if (
      await access(logs).then(
        () => true,
        () => false,
      )
    ) {
      await rm(join(failed, name), { recursive: true, force: true });
      await rename(logs, join(failed, name));
      progress.note(`logs are kept in ${join(failed, name)}`);
    }
    await rm(out, { recursive: true, force: true });
  }
}

/** Hands on what the guest says of its progress, as it says it: the runner's own output comes in blocks. Ends with the signal. */
async function follow(file: string, progress: Progress, signal: AbortSignal): Promise<void> {
  let told = 0;
  const tell = async (): Promise<void> => {
    const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").slice(0, -1);
    for (const line of lines.slice(told)) progress.note(`guest ${line}`);
    told = lines.length;
  };
  while (!signal.aborted) {
    await tell();
    await sleep(500, undefined, { signal }).catch(() => {});
  }
  await tell();
}
