import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Notice } from "@vsix/shared/notify/notice.ts";
import { insideNamespace } from "../kernel/in-namespace.ts";
import { A, B, startTraceNetwork } from "../kernel/trace-network.ts";
import { PORT, SECRET, WatchFolder } from "../kernel/watch-process.ts";
import { HookReceiver } from "../lab/hook-receiver.ts";

/**
 * The image of the path watch as a container engine would use it: another program (umoci) checks and unpacks it, and its
 * process runs with its own root, its own user and one capability. About 40 s, most of it the build.
 */

const WORK = "VSIX_IMAGE_WORK";
const USER = 65532;

/** Debian's packages come from outside, where the namespace of the tests has no way to. */
function build(): void {
  const work = mkdtempSync(join(tmpdir(), "vsix-image-test-"));
  process.env[WORK] = work;
  process.once("exit", () => rmSync(work, { recursive: true, force: true }));
  const images = join(import.meta.dirname, "../../images/build");
  const run = spawnSync(images, ["watch", "--output", join(work, "image.tar")], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`images/build: ${run.stderr}`);
}

if (process.env[WORK] === undefined && process.getuid?.() === 0) build();
const work = process.env[WORK] ?? "";

if (await insideNamespace("image", import.meta.url)) {
  const network = startTraceNetwork();
  const root = join(work, "bundle/rootfs");
  const tool = (command: string, ...args: readonly string[]): string => {
    const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
    assert.equal(status, 0, `${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
    return stdout;
  };
  const image = ["--image", `${join(work, "layout")}:vsix-watch:0.1.0`];

  test("umoci, which is not ours, reads the image and finds every digest right", () => {
    tool("mkdir", join(work, "layout"));
    tool("tar", "-xf", join(work, "image.tar"), "-C", join(work, "layout"));
    assert.equal(tool("umoci", "ls", "--layout", join(work, "layout")), "vsix-watch:0.1.0\n");
    const { history } = JSON.parse(tool("umoci", "stat", ...image, "--json")) as {
      readonly history: readonly { readonly layer: { readonly size: number } }[];
    };
    const sizes = history.map(({ layer }) => layer.size);
    assert.equal(sizes.length, 2);
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 60e6, `layers of ${sizes.join(", ")} octets`);
    tool("umoci", "unpack", ...image, join(work, "bundle"));
  });

  test("there is no shell, no package manager, nothing setuid, and nothing of the machine that built it", () => {
    for (const path of ["bin/sh", "usr/bin/apt", "usr/bin/dpkg", "etc/apt", "var/lib/apt", "var/cache/apt"])
      assert.ok(!existsSync(join(root, path)), path);
    assert.equal(tool("find", root, "-perm", "/6000", "-not", "-type", "d"), "");
    assert.match(tool("getcap", "-r", root), /^\S*\/usr\/bin\/vsix-launch cap_net_raw=p\n$/);
    assert.deepEqual(globSync("opt/vsix/**/*.test.ts", { cwd: root }), []);
    assert.ok(existsSync(join(root, "usr/share/doc/libc6/copyright")));
  });

  const children = new Set<ChildProcess>();
  // Whatever went wrong. Its process first: who takes another user is told no more that its parent is gone (prctl(2)).
  afterEach(() => {
    for (const child of children) {
      const inner = innerPid(child);
      if (inner > 0) process.kill(inner, "SIGKILL");
      child.kill("SIGKILL");
    }
  });

  /** As the image's configuration has it, in its own root and process namespace, beside our network ("host"). */
  function container(capability: "+net_raw" | "-net_raw", ...args: readonly string[]): ChildProcess {
    const { process: configured } = JSON.parse(readFileSync(join(work, "bundle/config.json"), "utf8")) as {
      readonly process: {
        readonly args: readonly string[];
        readonly env: readonly string[];
        readonly user: { readonly uid: number; readonly gid: number };
      };
    };
    const entry = configured.args.slice(0, configured.args.indexOf("watch") + 1);
    const { uid, gid } = configured.user;
    const bounds = `-all,+sys_chroot,+setuid,+setgid,${capability}`;
    const child = spawn(
      "unshare",
      [
        ...["--mount", "--pid", "--fork", "--kill-child", `--mount-proc=${join(root, "proc")}`, "--"],
        ...["setpriv", `--bounding-set=${bounds}`, "--inh-caps=-all", "--"],
        ...["chroot", `--userspec=${uid}:${gid}`, root, ...entry, ...args],
      ],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: {
          ...Object.fromEntries(configured.env.map((line) => line.split(/=(.*)/s).slice(0, 2))),
          PATH: "/usr/sbin:/usr/bin:/sbin:/bin", // for what comes before it
        },
      },
    );
    children.add(child);
    child.once("close", () => children.delete(child));
    return child;
  }

  interface Output {
    status: number | null;
    stdout: string;
    stderr: string;
  }

  /** What it says, as it says it, and all of it once it has ended. */
  function output(child: ChildProcess): { readonly said: Output; readonly ended: Promise<Output> } {
    const said: Output = { status: null, stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        said[name] += text;
      });
    const ended = new Promise<Output>((resolve) =>
      child.once("close", (status) => resolve(Object.assign(said, { status }))),
    );
    return { said, ended };
  }

  /** Its process as we see it: what unshare made. */
  function innerPid({ pid }: ChildProcess): number {
    const children = `/proc/${pid}/task/${pid}/children`;
    return existsSync(children) ? Number(readFileSync(children, "utf8").trim()) : 0;
  }

  test("as its own user with CAP_NET_RAW alone it traces, notifies, remembers and ends in order", async ({
    signal,
  }) => {
    network.ip("r1", "-6", "route", "replace", "default", "via", A);
    using folder = new WatchFolder();
    const mounted = (source: string): string => {
      const name = source.slice(source.lastIndexOf("/") + 1);
      const path = join(root, "etc/vsix-watch", name);
      copyFileSync(source, path);
      chmodSync(path, 0o400);
      chownSync(path, USER, USER);
      return `/etc/vsix-watch/${name}`;
    };
    const [expected, notify] = [mounted(folder.expected(["r1", "a", "r2"])), mounted(folder.notify())];
    mounted(join(folder.path, "hook.secret"));
    await using receiver = await HookReceiver.startHere(PORT);
    const told = (): readonly Notice[] => receiver.taken("/hook", SECRET);
    const state = ["--state", "/var/lib/vsix-watch"];
    const args = ["--source", "home", "--expected", expected, "--notify", notify, ...state];

    const tested = await output(container("-net_raw", "--test", "--notify", notify, "--source", "home"))
      .ended;
    assert.deepEqual(tested, { status: 0, stdout: "hook: arrived\n", stderr: "" });

    const child = container("+net_raw", ...args);
    const { said, ended } = output(child);
    const memory = join(root, "var/lib/vsix-watch/watch.json");
    const isFine = (): boolean => said.stdout.includes("home to far, blue: as expected");
    assert.ok(await receiver.until(isFine, 30_000, signal), said.stdout + said.stderr);
    const pid = innerPid(child);
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    assert.match(status, new RegExp(`^Uid:\\t${USER}\\t${USER}\\t${USER}\\t${USER}$`, "m"));
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapAmb"])
      assert.match(status, new RegExp(`^${set}:\\t0000000000002000$`, "m"), "CAP_NET_RAW is bit 13");
    network.ip("r1", "-6", "route", "replace", "default", "via", B);
    assert.ok(await receiver.until(() => told().some(({ kind }) => kind === "path"), 30_000, signal));
    await sleep(2_000);
    const paths = told().filter((notice) => notice.kind === "path");
    assert.deepEqual(
      paths.map(({ event: { type, before, after } }) => [type, before?.planes, after.planes]),
      [["changed", ["blue"], ["green"]]],
    );
    process.kill(pid, "SIGTERM");
    const { status: exit, stdout, stderr } = await ended;
    assert.deepEqual([exit, stderr], [0, ""]);
    assert.match(stdout, / alarm {6}home to far, blue -> green: /);
    assert.match(stdout, / ended by SIGTERM\n$/);
    assert.equal(statSync(memory).uid, USER);
  });

  test("without the capability it says what is missing", async () => {
    const { status, stderr } = await output(
      container("-net_raw", "--source", "home", "--expected", "/etc/vsix-watch/expected.yaml"),
    ).ended;
    assert.deepEqual([status, stderr], [1, "vsix-agent: raw sockets need root or CAP_NET_RAW\n"]);
  });
}
