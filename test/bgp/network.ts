import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Namespaces of our own with gobgpd and bird inside; disposing kills and deletes them. */
export class Network implements AsyncDisposable {
  readonly #prefix: string;
  readonly #dir: string;
  readonly #namespaces: string[] = [];
  readonly #children = new Map<string, ChildProcess>();

  private constructor(prefix: string, dir: string) {
    this.#prefix = prefix;
    this.#dir = dir;
  }

  /** Why the tests cannot run here; undefined when they can. */
  static missing(): string | undefined {
    if (process.getuid?.() !== 0) return "needs root";
    if (!existsSync("/usr/bin/gobgpd")) return "needs gobgpd";
    return existsSync("/usr/sbin/bird") ? undefined : "needs bird";
  }

  static async create(topic: string, nodes: readonly string[]): Promise<Network> {
    const network = new Network(`vt-bgp-${topic}-${process.pid}-`, await mkdtemp(join(tmpdir(), "vt-bgp-")));
    try {
      for (const node of nodes) await network.#addNamespace(node);
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
    return network;
  }

  namespace(node: string): string {
    return this.#prefix + node;
  }

  socketPath(node: string): string {
    return join(this.#dir, `${node}.sock`);
  }

  logPath(node: string): string {
    return join(this.#dir, `${node}.log`);
  }

  async #addNamespace(node: string): Promise<void> {
    const name = this.namespace(node);
    await run("ip", ["netns", "add", name]);
    this.#namespaces.push(name);
    await run("ip", ["-n", name, "link", "set", "lo", "up"]);
  }

  /** A veth; `a` gets ADDRESS::1 of the /64 `net`, `b` ::2. Interfaces are called `to-PEER`. */
  async link(a: string, b: string, net: string): Promise<void> {
    const [na, nb] = [this.namespace(a), this.namespace(b)];
    await run("ip", [
      "link",
      "add",
      `to-${b}`,
      "netns",
      na,
      "type",
      "veth",
      "peer",
      "name",
      `to-${a}`,
      "netns",
      nb,
    ]);
    for (const [ns, dev, address] of [
      [na, `to-${b}`, `${net}::1/64`],
      [nb, `to-${a}`, `${net}::2/64`],
    ] as const) {
      await run("ip", ["-n", ns, "addr", "add", address, "dev", dev, "nodad"]);
      await run("ip", ["-n", ns, "link", "set", dev, "up"]);
    }
  }

  /** Runs a program inside; resolves with its output. */
  async exec(node: string, command: string, args: readonly string[]): Promise<string> {
    const { stdout } = await run("ip", ["netns", "exec", this.namespace(node), command, ...args]);
    return stdout;
  }

  /** Starts a program inside and keeps it until `kill` (of node and role) or dispose. Its stderr goes to the node's log. */
  async start(node: string, command: string, args: readonly string[], role = ""): Promise<ChildProcess> {
    const log = await open(this.logPath(node), "a");
    const child = spawn("ip", ["netns", "exec", this.namespace(node), command, ...args], {
      stdio: ["ignore", "pipe", log.fd],
    });
    await log.close();
    this.#children.set(node + role, child);
    return child;
  }

  async startGobgpd(node: string): Promise<void> {
    await rm(this.socketPath(node), { force: true });
    const child = await this.start(node, "gobgpd", [
      "--api-hosts",
      `unix://${this.socketPath(node)}`,
      "--pprof-disable",
      "-p",
      "-l",
      "info",
    ]);
    child.stdout?.resume();
    await until(`gobgpd of ${node}`, () => listens(this.socketPath(node)));
  }

  async startBird(node: string, config: string): Promise<void> {
    const path = join(this.#dir, `${node}.conf`);
    await writeFile(path, config);
    const child = await this.start(node, "bird", ["-f", "-c", path, "-s", this.socketPath(node)]);
    child.stdout?.resume();
    await until(`bird of ${node}`, () => listens(this.socketPath(node)));
  }

  async birdc(node: string, ...command: string[]): Promise<string> {
    return (await run("birdc", ["-s", this.socketPath(node), ...command])).stdout;
  }

  async reconfigureBird(node: string, config: string): Promise<void> {
    await writeFile(join(this.#dir, `${node}.conf`), config);
    await this.birdc(node, "configure");
  }

  /** Kills the program started last in this node, as a crash would. */
  async kill(node: string): Promise<void> {
    const child = this.#children.get(node);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children.keys()].map((node) => this.kill(node)));
    for (const name of this.#namespaces) await run("ip", ["netns", "del", name]).catch(() => undefined);
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** A socket is in its directory a moment before anybody listens on it. */
async function listens(path: string): Promise<boolean> {
  const socket = connect(path);
  const there = await Promise.race([
    once(socket, "connect").then(() => true),
    once(socket, "error").then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return there;
}

/** Waits until `check` is true or gives a value; throws with what it waited for after `limitMs`. */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined | false>,
  limitMs = 40_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms for ${what}`);
    await sleep(50);
  }
}
