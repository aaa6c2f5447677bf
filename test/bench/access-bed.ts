import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Kind } from "../../agent/src/core/kind.ts";
import { ResourceTable } from "../../agent/src/core/resource-table.ts";
import type { Driver } from "../../agent/src/resources/driver.ts";

const never = new AbortController().signal;

/** Milliseconds, and for memory megabytes, by name. */
export const times: Record<string, number> = {};

export async function timed<T>(name: string, act: () => T | Promise<T>): Promise<T> {
  const begunMs = performance.now();
  const result = await act();
  times[name] = performance.now() - begunMs;
  return result;
}

export function run(file: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(file, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${file} ${args.slice(0, 3).join(" ")}: ${stderr.slice(0, 500)}`);
}

/** What the kernel holds for itself, megabytes: slabs, and what is in no list (per-CPU counters of devices, pages). */
export function kernelMB(): number {
  const meminfo = readFileSync("/proc/meminfo", "utf8");
  const kB = (name: string): number => Number(new RegExp(`^${name}: +(\\d+)`, "m").exec(meminfo)?.[1] ?? 0);
  const others = ["MemFree", "Buffers", "Cached", "AnonPages"].reduce((sum, name) => sum + kB(name), 0);
  return (kB("MemTotal") - others) / 1024;
}

/** A table beside its driver: what the agent has for each kind. */
export class Kept<T> {
  readonly #table: ResourceTable<T>;
  readonly #driver: Driver<T>;

  constructor(kind: Kind<T>, driver: Driver<T>) {
    this.#table = new ResourceTable(kind);
    this.#driver = driver;
  }

  want(objects: readonly T[]): void {
    this.#table.setDesired(objects);
  }

  put(object: T): void {
    this.#table.putDesired(object);
  }

  remove(object: T): void {
    this.#table.removeDesired(this.#table.kind.key(object));
  }

  /** Dumps, plans, and says how much would be done. */
  async look(): Promise<number> {
    this.#table.setObserved(await this.#driver.observe(never));
    const { puts, deletes } = this.#table.plan(0, true);
    return puts.length + deletes.length;
  }

  async settle(): Promise<void> {
    const { puts, deletes } = this.#table.plan(0, true);
    for (const changes of [puts, deletes]) {
      if (changes.length === 0) continue;
      const outcomes = await this.#driver.apply(changes, never);
      const refused = outcomes.find(({ ok }) => !ok);
      if (refused !== undefined) throw new Error(JSON.stringify(refused));
      this.#table.settle(changes, outcomes, 0);
    }
  }
}
