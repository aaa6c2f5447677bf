import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Lab, namespaceOf } from "../lab/lab.ts";
import { inNamespace, mustRun } from "../lab/run.ts";

/** Routes that moved since the last reset, times in nanoseconds of CLOCK_MONOTONIC (process.hrtime). */
export interface Moved {
  readonly count: number;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
}

/** A node whose kernel's routes are watched from inside its namespace. */
export interface WatchedNode extends AsyncDisposable {
  /** Forgets what was seen. */
  reset(): void;
  /** What was made or replaced since then by nexthop objects that leave by `device`. */
  movedTo(device: string): Promise<Moved | undefined>;
  /** Nanoseconds of the last notification since the reset. */
  readonly lastNs: bigint | undefined;
  /** Notifications were lost: counts are too low. */
  readonly overrun: boolean;
  /** Of the routes whose line in ip(8) begins with one of `starts`: all, and those that leave by `device`. */
  routes(
    starts: readonly string[],
    device: string,
  ): Promise<{ readonly all: number; readonly there: number }>;
}

interface Line {
  readonly overrun?: boolean;
  readonly routes?: Readonly<Record<string, { count: number; firstNs: string; lastNs: string }>>;
}

/** Resolves when the watch is on. */
export async function watchNode(lab: Lab, node: string): Promise<WatchedNode> {
  const namespace = namespaceOf(lab, node);
  const program = fileURLToPath(new URL("route-watch.ts", import.meta.url));
  const [file = "ip", ...args] = inNamespace(namespace, [process.execPath, program]);
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const lines = createInterface({ input: child.stdout });
  const ready = Promise.withResolvers<void>();
  child.once("error", ready.reject);
  child.once("close", () => ready.reject(new Error(`the watch on ${node} ended`)));
  let seen = new Map<string, Moved>();
  let overrun = false;
  let lastNs: bigint | undefined;
  lines.on("line", (text) => {
    const line = JSON.parse(text) as Line;
    ready.resolve();
    if (line.overrun === true) overrun = true;
    for (const [id, { count, firstNs, lastNs: last }] of Object.entries(line.routes ?? {})) {
      const before = seen.get(id);
      const moved = { count: count + (before?.count ?? 0), firstNs: before?.firstNs ?? BigInt(firstNs) };
      seen.set(id, { ...moved, lastNs: BigInt(last) });
      if (lastNs === undefined || BigInt(last) > lastNs) lastNs = BigInt(last);
    }
  });
  await ready.promise;
  return {
    reset: () => {
      seen = new Map();
      lastNs = undefined;
    },
    movedTo: async (device) => {
      const ids = await nexthopsBy(namespace, device);
      const found = [...seen].filter(([id]) => ids.has(id)).map(([, moved]) => moved);
      return found.reduce<Moved | undefined>(
        (all, one) => (all === undefined ? one : join(all, one)),
        undefined,
      );
    },
    get lastNs() {
      return lastNs;
    },
    get overrun() {
      return overrun;
    },
    routes: async (starts, device) => {
      const ids = await nexthopsBy(namespace, device);
      const text = await mustRun("ip", ["-n", namespace, "-6", "route", "show", "proto", "118"]);
      const lines = text.split("\n").filter((line) => starts.some((start) => line.startsWith(start)));
      const there = lines.filter((line) => ids.has(/ nhid (\d+) /.exec(line)?.[1] ?? ""));
      return { all: lines.length, there: there.length };
    },
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await closed;
    },
  };
}

function join(a: Moved, b: Moved): Moved {
  const [firstNs, lastNs] = [earlier(a.firstNs, b.firstNs), later(a.lastNs, b.lastNs)];
  return { count: a.count + b.count, firstNs, lastNs };
}

/** Math.min is for numbers only. */
function earlier(a: bigint, b: bigint): bigint {
  if (a < b) return a;
  return b;
}

export function later(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

async function nexthopsBy(namespace: string, device: string): Promise<ReadonlySet<string>> {
  const text = await mustRun("ip", ["-n", namespace, "-j", "nexthop", "show"]);
  const objects = JSON.parse(text) as readonly { readonly id: number; readonly dev?: string }[];
  return new Set(objects.filter(({ dev }) => dev === device).map(({ id }) => String(id)));
}
