import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Lab, namespaceOf } from "../lab/lab.ts";
import { inNamespace, mustRun } from "../lab/run.ts";
import { tool } from "../lab/tools.ts";

/** What went to one device since the last reset, times in nanoseconds of CLOCK_MONOTONIC (process.hrtime). */
export interface Moved {
  /** Routes, or packets. */
  readonly count: number;
  /** Of these routes: moved by a nexthop object. */
  readonly byObject: number;
  readonly firstNs: bigint;
  readonly lastNs: bigint;
}

/** A node watched from inside its namespace: by which devices its kernel's routes, and a stream's packets, leave. */
export interface WatchedNode extends AsyncDisposable {
  /** Forgets what was seen. */
  reset(): void;
  /** Routes that have left by another device until then. */
  movedTo(device: string): Moved | undefined;
  /** Packets of the stream that left by this device. */
  packetsBy(device: string): Moved | undefined;
  /** Nanoseconds of the last notification since the reset, whether it moved anything or not. */
  readonly lastNs: bigint | undefined;
  /** Notifications were lost: counts are too low. */
  readonly overrun: boolean;
  /** Of the routes whose line in ip(8) begins with one of `starts`: all, and those that leave by `device`. */
  routes(
    starts: readonly string[],
    device: string,
  ): Promise<{ readonly all: number; readonly there: number }>;
}

/** Source and destination address of a UDP stream that crosses the node. */
export interface Stream {
  readonly source: string;
  readonly destination: string;
}

interface Told {
  readonly count: number;
  readonly byObject?: number;
  readonly firstNs: string;
  readonly lastNs: string;
}

interface Line {
  readonly overrun?: boolean;
  readonly lastNs?: string;
  readonly moved?: Readonly<Record<string, Told>>;
  readonly packets?: Readonly<Record<string, Told>>;
}

/** Resolves when both watches are on. */
export async function watchNode(lab: Lab, node: string, stream: Stream): Promise<WatchedNode> {
  const namespace = namespaceOf(lab, node);
  let moved = new Map<string, Moved>();
  let packets = new Map<string, Moved>();
  let overrun = false;
  let lastNs: bigint | undefined;
  const program = fileURLToPath(new URL("route-watch.ts", import.meta.url));
  await using stack = new AsyncDisposableStack();
  stack.use(
    await follow(inNamespace(namespace, [process.execPath, program]), (text) => {
      const line = JSON.parse(text) as Line;
      if (line.overrun === true) overrun = true;
      if (line.lastNs !== undefined) lastNs = BigInt(line.lastNs);
      add(moved, line.moved);
    }),
  );
  const ends = ["--source", stream.source, "--destination", stream.destination];
  stack.use(
    await follow(inNamespace(namespace, [await tool("packet-watch"), ...ends]), (text) => {
      if (text.startsWith("{")) add(packets, (JSON.parse(text) as Line).packets);
    }),
  );
  const owned = stack.move();
  return {
    reset: () => {
      moved = new Map();
      packets = new Map();
      lastNs = undefined;
    },
    movedTo: (device) => moved.get(device),
    packetsBy: (device) => packets.get(device),
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
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  };
}

/** Starts a program that ends with its standard input; resolves at its first line. */
async function follow(command: readonly string[], onLine: (text: string) => void): Promise<AsyncDisposable> {
  const [file = "ip", ...args] = command;
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const ready = Promise.withResolvers<void>();
  child.once("error", ready.reject);
  child.once("close", () => ready.reject(new Error(`${command.join(" ")} ended`)));
  createInterface({ input: child.stdout }).on("line", (text) => {
    ready.resolve();
    onLine(text);
  });
  await ready.promise;
  return {
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await closed;
    },
  };
}

function add(seen: Map<string, Moved>, told: Readonly<Record<string, Told>> | undefined): void {
  for (const [device, { count, byObject = 0, firstNs, lastNs }] of Object.entries(told ?? {})) {
    const before = seen.get(device);
    seen.set(device, {
      count: count + (before?.count ?? 0),
      byObject: byObject + (before?.byObject ?? 0),
      firstNs: before?.firstNs ?? BigInt(firstNs),
      lastNs: BigInt(lastNs),
    });
  }
}

/** Math.max is for numbers only. */
export function later(a: bigint, b: bigint): bigint {
  if (a > b) return a;
  return b;
}

async function nexthopsBy(namespace: string, device: string): Promise<ReadonlySet<string>> {
  const text = await mustRun("ip", ["-n", namespace, "-j", "nexthop", "show"]);
  const objects = JSON.parse(text) as readonly { readonly id: number; readonly dev?: string }[];
  return new Set(objects.filter(({ dev }) => dev === device).map(({ id }) => String(id)));
}
