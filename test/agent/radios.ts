import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ip } from "../kernel/in-namespace.ts";
import { until } from "./agent-process.ts";

/** Simulated radios (mac80211_hwsim), and Debian's programs for them, which scripts/setup has unpacked and not installed. */

const UNPACKED = join(import.meta.dirname, "../../.cache/unpacked");
const FIRMWARE_PATH = "/sys/module/firmware_class/parameters/path";

function program(name: string): string {
  const found = ["usr/sbin", "sbin"].map((folder) => join(UNPACKED, folder, name)).find(existsSync);
  if (found === undefined) throw new Error(`scripts/setup has unpacked no ${name}`);
  return found;
}

/** Whether scripts/setup has brought hostapd. */
export const hasPrograms = (): boolean => existsSync(join(UNPACKED, "usr/sbin/hostapd"));

function environment(): NodeJS.ProcessEnv {
  const libraries = ["usr/lib", "lib"].flatMap((folder) => {
    const below = join(UNPACKED, folder);
    const found = existsSync(below) ? readdirSync(below) : [];
    return found.filter((name) => name.endsWith("-linux-gnu")).map((name) => join(below, name));
  });
  return { ...process.env, LD_LIBRARY_PATH: libraries.join(":") };
}

/** A program of the network namespace in which radios begin their life; `more`: of other namespaces there. */
function atFirst(command: readonly string[], ...more: readonly string[]): string {
  const args = ["--target", "1", "--net", ...more, ...command];
  const { status, stdout, stderr } = spawnSync("nsenter", args, { encoding: "utf8", env: environment() });
  if (status !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
  return stdout;
}

/** Names of the simulated radios that nobody has taken; none where the kernel has no mac80211_hwsim. */
export function radios(): readonly string[] {
  if (!existsSync("/sys/class/mac80211_hwsim")) return [];
  const look = "for one in /sys/class/mac80211_hwsim/*/ieee80211/*; do echo $one; done";
  return [...atFirst(["sh", "-c", look], "--mount").matchAll(/(phy\d+)$/gm)].map((match) => match[1] ?? "");
}

/** Moves a radio into a namespace; its device has this name there. */
export function takeRadio(radio: string, namespace: string, device: string): void {
  // By number: its name would be looked for in what /sys shows of this namespace.
  atFirst([program("iw"), radio.replace("phy", "phy#"), "set", "netns", "name", namespace]);
  const listed = ip(["-n", namespace, "-o", "link", "show"]);
  const name = /\b(wlan\d+)[:@]/.exec(listed)?.[1];
  if (name === undefined) throw new Error(`${radio} has brought no device to ${namespace}: ${listed}`);
  if (name !== device) ip(["-n", namespace, "link", "set", name, "name", device]);
}

/** Has the kernel read what each country allows (wireless-regdb), of which it has nothing at first. */
export function readRegulations(): void {
  const folder = mkdtempSync(join(tmpdir(), "vt-regulatory-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["regulatory.db", "regulatory.db.p7s"])
    copyFileSync(join(UNPACKED, "lib/firmware", `${name}-debian`), join(folder, name));
  writeFileSync(FIRMWARE_PATH, folder);
  atFirst([program("iw"), "reg", "reload"]);
}

/** A program for a radio, in a namespace, and everything it has said. */
export class RadioProgram implements AsyncDisposable {
  readonly #child: ChildProcess;
  #said = "";

  constructor(name: "hostapd" | "wpa_supplicant", namespace: string, args: readonly string[]) {
    const command = ["netns", "exec", namespace, program(name), ...args];
    this.#child = spawn("ip", command, { stdio: ["ignore", "pipe", "pipe"], env: environment() });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (chunk) => {
        this.#said += String(chunk);
      });
  }

  get said(): string {
    return this.#said;
  }

  /** Waits until it says this; throws with what it did say. */
  async says(pattern: RegExp, limitMs?: number): Promise<void> {
    const said = (): boolean => {
      if (pattern.test(this.#said)) return true;
      if (this.#child.exitCode !== null) throw new Error(`it ended: ${this.#said}`);
      return false;
    };
    await until(`it says ${pattern}`, said, limitMs).catch((cause: unknown) => {
      throw new Error(`${String(cause)}: ${this.#said.slice(-3000)}`, { cause });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}
