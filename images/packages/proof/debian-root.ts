import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../tools.ts";

/** What a router has before ours comes; a local resolver file, as every Debian has. */
const PACKAGES = [
  ...["systemd", "systemd-sysv", "dbus", "iproute2", "nftables", "procps", "gobgpd", "init-system-helpers"],
  ...["bash-completion"],
];
const SUITE = "bookworm";

/** A Debian of its own, booted with its systemd in systemd-nspawn: own network, processes, users' files. Needs root. */
export class DebianRoot implements AsyncDisposable {
  readonly path: string;
  #container: ChildProcess;
  #leader: number;

  private constructor(path: string, container: ChildProcess, leader: number) {
    this.path = path;
    this.#container = container;
    this.#leader = leader;
  }

  /** Made from where apt of this machine gets its packages, once; unpacked from `.cache` from then on. */
  static async boot(repository: string): Promise<DebianRoot> {
    const archive = baseArchive(repository);
    const path = mkdtempSync(join(tmpdir(), "vsix-root-"));
    run("tar", ["-xf", archive, "-C", path]);
    writeFileSync(join(path, "etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n");
    const root = new DebianRoot(path, ...(await start(path)));
    try {
      await root.#booted();
    } catch (error) {
      await root[Symbol.asyncDispose]();
      throw error;
    }
    return root;
  }

  /** Everything that runs in it dies at once, and it boots again. What was written stays: it is no power cut to a disk. */
  async killAndBoot(): Promise<void> {
    const ended = new Promise((resolve) => this.#container.once("close", resolve));
    process.kill(this.#leader, "SIGKILL");
    await ended;
    [this.#container, this.#leader] = await start(this.path);
    await this.#booted();
  }

  /** Starts a program of this machine in one of its network namespaces (ip-netns(8)). */
  from(namespace: string, ...command: readonly string[]): ChildProcess {
    const where = `--net=/proc/${this.#leader}/root/run/netns/${namespace}`;
    return spawn("nsenter", [where, ...command], { stdio: ["ignore", "pipe", "inherit"] });
  }

  async #booted(): Promise<void> {
    // Its first process is there before it can be asked.
    await this.until(
      "it has booted",
      () => this.do("systemctl", "is-system-running", "--wait") === "running\n",
    );
    this.do("ip", "link", "set", "lo", "up");
  }

  /** Runs a program in it and gives what it printed. Throws with its words. */
  do(...command: readonly string[]): string {
    return run("nsenter", this.#inside(command));
  }

  /** The same; its exit status instead. */
  statusOf(...command: readonly string[]): number | null {
    return spawnSync("nsenter", this.#inside(command), { stdio: "ignore", timeout: 120_000 }).status;
  }

  /** Asks until it is so; a program that fails meanwhile is asked again. */
  async until(what: string, is: () => boolean, timeoutMs = 120_000): Promise<void> {
    let last: unknown;
    const look = (): boolean => {
      try {
        return is();
      } catch (error) {
        last = error;
        return false;
      }
    };
    for (const startMs = performance.now(); !look(); await sleep(200))
      if (performance.now() - startMs > timeoutMs)
        throw new Error(`not within ${timeoutMs} ms: ${what}`, { cause: last });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#container.once("close", resolve));
    this.#container.kill("SIGTERM");
    await ended;
    rmSync(this.path, { recursive: true, force: true });
  }

  #inside(command: readonly string[]): readonly string[] {
    const environment = [
      "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
      "HOME=/root",
      "LC_ALL=C.UTF-8",
      "DEBIAN_FRONTEND=noninteractive",
    ];
    return [
      "-t",
      String(this.#leader),
      "-m",
      "-u",
      "-i",
      "-n",
      "-p",
      "-C",
      "env",
      "-i",
      ...environment,
      ...command,
    ];
  }
}

async function start(path: string): Promise<[ChildProcess, number]> {
  const how = ["--boot", "--keep-unit", "--register=no", "--private-network", "--capability=all"];
  const container = spawn("systemd-nspawn", ["-D", path, ...how, "--console=pipe"], { stdio: "ignore" });
  return [container, await leaderOf(container)];
}

function baseArchive(repository: string): string {
  const folder = join(repository, ".cache/packages");
  const archive = join(folder, `root-${SUITE}-${PACKAGES.length}.tar`);
  if (existsSync(archive)) return archive;
  mkdirSync(folder, { recursive: true });
  const lists = ["/etc/apt/sources.list", ...globSync("/etc/apt/sources.list.d/debian*")].filter((file) =>
    existsSync(file),
  );
  const include = `--include=${PACKAGES.join(",")}`;
  // mmdebstrap goes by the ending.
  const partial = `${archive}.${process.pid}.tar`;
  run("mmdebstrap", ["--quiet", "--variant=minbase", include, SUITE, partial, ...lists]);
  renameSync(partial, archive);
  return archive;
}

/** nspawn's child is the container's first process. */
async function leaderOf(container: ChildProcess): Promise<number> {
  for (let i = 0; i < 300; i++) {
    const file = `/proc/${container.pid}/task/${container.pid}/children`;
    const pid = existsSync(file) ? Number(readFileSync(file, "utf8").trim().split(" ")[0]) : 0;
    const comm =
      pid > 0 && existsSync(`/proc/${pid}/comm`) ? readFileSync(`/proc/${pid}/comm`, "utf8").trim() : "";
    if (comm === "systemd") return pid;
    if (container.exitCode !== null) throw new Error(`systemd-nspawn ended with ${container.exitCode}`);
    await sleep(100);
  }
  throw new Error("systemd-nspawn started no systemd");
}
