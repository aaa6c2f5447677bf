import { mkdir, readdir } from "node:fs/promises";
import { isNamespaceOf } from "./names.ts";
import { ipBatch, run } from "./run.ts";

/** Network namespaces of a lab that exist now. */
export async function labNamespaces(lab: string): Promise<readonly string[]> {
  return (await allNamespaces()).filter((namespace) => isNamespaceOf(lab, namespace));
}

/** Names of all labs that have a namespace, whether or not their state is still there. */
export async function labsWithNamespaces(): Promise<readonly string[]> {
  const names = (await allNamespaces()).map((namespace) => /^vx-([a-z0-9]+)[-_]/.exec(namespace)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
}

export async function addNamespaces(namespaces: readonly string[]): Promise<void> {
  await mkdir("/run/netns", { recursive: true });
  await ipBatch(
    undefined,
    namespaces.map((namespace) => `netns add ${namespace}`),
  );
}

/** Kills every process inside, then deletes. Processes are found by their namespace, so none of another lab's. */
export async function removeNamespaces(namespaces: readonly string[]): Promise<void> {
  for (let round = 0; round < 5; round++) {
    const pids = (await Promise.all(namespaces.map(processesIn))).flat();
    if (pids.length === 0) break;
    for (const pid of pids) kill(pid);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  // One by one: a batch stops at its first failure.
  for (const namespace of namespaces) await run("ip", ["netns", "del", namespace]);
}

async function allNamespaces(): Promise<readonly string[]> {
  return readdir("/run/netns").catch(() => []);
}

async function processesIn(namespace: string): Promise<readonly number[]> {
  const { stdout } = await run("ip", ["netns", "pids", namespace]);
  return stdout
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
