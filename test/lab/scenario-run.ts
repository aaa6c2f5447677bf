import { cp, rm } from "node:fs/promises";
import { extname, isAbsolute, join } from "node:path";
import { GUEST_OUT, insideGuest } from "./guest.ts";
import { runScenarioInGuest, wantsGuest } from "./guest-scenario.ts";
import { type Lab, removeLab } from "./lab.ts";
import { REPOSITORY, stateDirectory } from "./names.ts";
import { type Progress, silentProgress } from "./progress.ts";
import type { Figures, Scenario, ScenarioResult } from "./scenario.ts";
import { createContext } from "./scenario-context.ts";
import { upLab } from "./up.ts";

export interface ScenarioOptions {
  /** Fabric file instead of the scenario's own; relative to the working directory. */
  readonly fabric?: string;
  /** Lab name; one of its own unless told. */
  readonly name?: string;
  /** Leave the lab standing. */
  readonly keep?: boolean;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

let labs = 0;

/** Different for each run, also side by side in one process; starts with what tells them apart. */
export function nextName({ name }: Scenario): string {
  labs++;
  return `s${process.pid}n${labs}${name.replaceAll("-", "")}`.slice(0, 24);
}

/** Runs a scenario on a fresh lab. Never throws for what the scenario finds: that is in the result. */
export async function runScenario(
  scenario: Scenario,
  options: ScenarioOptions = {},
): Promise<ScenarioResult> {
  if (await wantsGuest(scenario)) return runScenarioInGuest(scenario, options);
  const name = options.name ?? nextName(scenario);
  const progress = options.progress ?? silentProgress;
  const result = await runOn(() => upFor(scenario, { ...options, name }), name, scenario, options);
  if (options.keep !== true) await removeLab(name);
  else progress.note(`lab ${name} stays up; \`scripts/lab down --name ${name}\` takes it away`);
  return result;
}

/** Brings up the lab that a scenario wants. */
export async function upFor(scenario: Scenario, options: ScenarioOptions = {}): Promise<Lab> {
  const file = options.fabric ?? scenario.fabric;
  return upLab(options.fabric !== undefined || isAbsolute(file) ? file : join(REPOSITORY, file), {
    name: options.name ?? nextName(scenario),
    broker: scenario.broker ?? "embedded",
    portal: scenario.portal === true,
    progress: options.progress ?? silentProgress,
    ...(insideGuest() && scenario.kernel !== undefined
      ? { convergeTimeoutMs: scenario.kernel.convergeS * 1000 }
      : {}),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
}

/**
 * Runs a scenario on the lab that `up` gives, `name` by name, and leaves that standing. Never throws for what the scenario
 * finds, or because there is no lab: that is in the result.
 */
export async function runOn(
  up: () => Promise<Lab>,
  name: string,
  scenario: Scenario,
  options: ScenarioOptions,
): Promise<ScenarioResult> {
  const started = performance.now();
  const progress = options.progress ?? silentProgress;
  const signal = options.signal ?? new AbortController().signal;
  let figures: Figures = { flows: [] };
  const failures: string[] = [];
  try {
    await using context = createContext(await up(), progress, signal);
    try {
      figures = await scenario.run(context);
    } catch (error) {
      // What was counted until then tells more than the failure alone.
      figures = { flows: await context.salvage() };
      throw error;
    } finally {
      failures.push(...context.failures);
    }
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
  }
  if (failures.length > 0) progress.note(`logs are kept in ${await keepLogs(name, scenario.name)}`);
  return {
    name: scenario.name,
    ok: failures.length === 0,
    ...(failures.length === 0 ? {} : { reason: failures.join("\n") }),
    figures,
    seconds: Math.round(performance.now() - started) / 1000,
  };
}

const KEPT = new Set(["", ".log", ".json", ".conf"]);

const FAILED = join(REPOSITORY, ".cache/lab/failed");

/** Saves the logs and configuration of a lab that is about to go; those of the last failure of each scenario stay. */
async function keepLogs(lab: string, scenario: string): Promise<string> {
  const target = join(insideGuest() ? GUEST_OUT : FAILED, scenario);
  await rm(target, { recursive: true, force: true });
  // Sockets cannot be copied, and databases are of no use here.
  const options = { recursive: true, filter: (file: string) => KEPT.has(extname(file)) };
  await cp(stateDirectory(lab), target, options).catch(() => {});
  return target;
}
