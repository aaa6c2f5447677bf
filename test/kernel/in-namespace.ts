import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const MARK = "VSIX_TEST_NAMESPACE";

/**
 * Runs the calling test file again inside a network namespace of its own: false outside (where the tests are not to be
 * declared), true inside. Output and reporting go straight through; the namespace goes when the tests have ended.
 *
 *     if (await insideNamespace("route", import.meta.url)) test("…", …);
 */
export async function insideNamespace(topic: string, url: string): Promise<boolean> {
  if (process.env[MARK] !== undefined) return true;
  if (process.getuid?.() !== 0) {
    test(`kernel: ${topic}`, { skip: "needs root to make a network namespace" }, () => undefined);
    return false;
  }
  const name = `vt-${topic}-${process.pid}`;
  const remove = (): void => void spawnSync("ip", ["netns", "del", name], { stdio: "ignore" });
  sweep(topic);
  ip(["netns", "add", name]);
  process.once("exit", remove);
  ip(["-n", name, "link", "set", "lo", "up"]);
  const script = [fileURLToPath(url), ...process.argv.slice(2)];
  const command = ["netns", "exec", name, process.execPath, ...process.execArgv, ...script];
  const child = spawn("ip", command, { stdio: "inherit", env: { ...process.env, [MARK]: name } });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => child.kill(signal));
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once("error", reject).once("close", resolve);
  process.exitCode = (await promise) ?? 1;
  return false;
}

/** Removes namespaces of this topic whose process was killed before it could. */
function sweep(topic: string): void {
  for (const line of ip(["netns", "list"]).split("\n")) {
    const [name = ""] = line.split(" ");
    const pid = name.startsWith(`vt-${topic}-`) ? name.slice(`vt-${topic}-`.length) : "";
    if (/^\d+$/.test(pid) && !existsSync(`/proc/${pid}`))
      spawnSync("ip", ["netns", "del", name], { stdio: "ignore" });
  }
}

/** Runs ip(8) in this process's namespace; throws with what it said. */
export function ip(args: readonly string[], input = ""): string {
  const run = spawnSync("ip", args, { encoding: "utf8", maxBuffer: 1 << 28, input });
  if (run.error !== undefined) throw run.error;
  if (run.status !== 0) throw new Error(`ip ${args.join(" ")}: ${run.stderr.trim()}`);
  return run.stdout;
}

/** The same, with -j. */
export function ipJson(args: readonly string[]): Record<string, unknown>[] {
  const text = ip(["-j", ...args]).trim();
  return text === "" ? [] : (JSON.parse(text) as Record<string, unknown>[]);
}

/** Two devices joined by a cable, both in this namespace, up and without duplicate address detection. */
export function veth(a: string, b: string): void {
  ip(["link", "add", a, "type", "veth", "peer", "name", b]);
  for (const name of [a, b]) ip(["link", "set", name, "addrgenmode", "none", "up"]);
}

/** Inodes of the packet sockets that are bound to an interface of this namespace, packet(7): what has a ring there. */
export function packetSockets(name: string): readonly string[] {
  const index = interfaceIndex(name);
  return readFileSync("/proc/self/net/packet", "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, , , , bound, , , , inode]) =>
      Number(bound) === index && inode !== undefined ? [inode] : [],
    );
}

/** -1: there is none of that name. */
function interfaceIndex(name: string): number {
  try {
    return Number(readFileSync(`/sys/class/net/${name}/ifindex`, "utf8"));
  } catch {
    return -1;
  }
}
