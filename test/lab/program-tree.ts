import type { ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A program and all that descends from it. What is below it may have left its process group, as timeout(1) does, or its session, as
 * User-Mode Linux does; whoever has made a session of its own is found by that, also when its parent is gone.
 */

/** The first of them may put its things away so long after the others were killed. */
const LEAVING_MS = 3000;

/** Kills them all, the first of them last, when their time is over or they are aborted. It was spawned `detached`, which makes a session. */
export async function guardTree(
  first: ChildProcess,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { pid } = first;
  if (pid === undefined) return;
  const closed = new AbortController();
  first.once("close", () => closed.abort());
  const until = signal === undefined ? closed.signal : AbortSignal.any([closed.signal, signal]);
  await sleep(timeoutMs, undefined, { signal: until }).catch(() => {});
  if (closed.signal.aborted) return;
  const sessions = await sessionsBelow(pid);
  kill((await processes()).filter((one) => sessions.has(one.session) && one.pid !== pid));
  await sleep(LEAVING_MS, undefined, { signal: closed.signal }).catch(() => {});
  kill((await processes()).filter(({ session }) => sessions.has(session)));
}

/** Sessions of a process and of what descends from it. */
export async function sessionsBelow(pid: number): Promise<ReadonlySet<number>> {
  const all = await processes();
  const below = new Set([pid]);
  for (let before = 0; before < below.size; ) {
    before = below.size;
    for (const one of all) if (below.has(one.parent)) below.add(one.pid);
  }
  return new Set(all.filter((one) => below.has(one.pid)).map(({ session }) => session));
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
}

/** All that have not ended: fields `state`, `ppid` and `session` of proc_pid_stat(5); the name before them may hold anything. */
export async function processes(): Promise<readonly Process[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "latin1").catch(() => "")));
  return stats.flatMap((stat) => {
    const [state, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (stat === "" || state === "Z" || state === "X") return [];
    return { pid: Number.parseInt(stat, 10), parent: Number(parent), session: Number(session) };
  });
}

function kill(victims: readonly Process[]): void {
  for (const { pid } of victims) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended since.
    }
  }
}
