import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Lab } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { nodeDirectory } from "../programs.ts";
import { run } from "../run.ts";

/** The programs behind services, as their agent runs them; the supervisor of the lab knows nothing of them. */

function directory(lab: Lab, node: string, service: "resolver" | "translator"): string {
  return join(nodeDirectory(lab.name, node), "run", service);
}

/** The process that a service is now. Throws LabError. */
export async function servicePid(
  lab: Lab,
  node: string,
  service: "resolver" | "translator",
): Promise<number> {
  const loaded = await readFile(join(directory(lab, node, service), "loaded"), "utf8").catch(() => "");
  const pid = Number(loaded.trim().split(" ")[1]);
  if (!(pid > 1)) throw new LabError("lab/command-failed", `no ${service} runs on ${node}`);
  return pid;
}

export async function signalService(
  lab: Lab,
  node: string,
  service: "resolver" | "translator",
  signal: NodeJS.Signals,
): Promise<number> {
  const pid = await servicePid(lab, node, service);
  process.kill(pid, signal);
  return pid;
}

/** Questions that a resolver has had since it was started; 0 while it does not answer. */
export async function questionsAt(lab: Lab, node: string): Promise<number> {
  const config = join(directory(lab, node, "resolver"), "unbound.conf");
  const { stdout } = await run("unbound-control", ["-c", config, "stats_noreset"]);
  return Number(/^total\.num\.queries=(\d+)/m.exec(stdout)?.[1] ?? 0);
}
