import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

/** What a figure was measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly kernel: string;
  readonly node: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  /** Average number of running tasks in the minute before: work of others beside ours. */
  readonly loadBefore: number;
}

export function describeMachine(now: Date): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    kernel: `${type()} ${release()} ${arch()}`,
    node: process.versions.node,
    date: now.toISOString(),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}
