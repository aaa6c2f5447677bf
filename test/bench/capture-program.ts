import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "../lab/lab-error.ts";
import { vsixAgent } from "../lab/programs.ts";

/** A program that captures DNS of one interface into a file, and how to tell what it got. */
export interface CaptureProgram {
  readonly name: string;
  /** Words of the command, without a shell. */
  readonly command: (device: string, file: string) => readonly string[];
  /** Packets that it has, of what it wrote and said; undefined where that cannot be told. */
  readonly packets: (file: string, said: string) => number | undefined;
}

export interface CaptureRun {
  /** Of each part of the run; what the end of the program costs is in the last. */
  readonly cpuUs: readonly [number, ...number[]];
  readonly packets: number | undefined;
  /** At the end, and at most since the program began; MB are 1000 kB as /proc has them. */
  readonly residentMb: number;
  readonly highestMb: number;
  readonly octets: number;
  readonly said: string;
}

/** What `dns capture --json` says at its end. */
export function figuresOf(said: string): Readonly<Record<string, number>> {
  const line = said.trim().split("\n").at(-1) ?? "";
  try {
    return (JSON.parse(line) as { readonly figures: Record<string, number> }).figures;
  } catch {
    return {};
  }
}

/** Everything: decoded, paired, in columns, compressed and written. As it is installed: compiled before. */
export const ours = (rate: "home" | "router"): CaptureProgram => ({
  name: "vsix-agent dns capture",
  command: (device, file) =>
    vsixAgent("dns", "capture", "--interface", device, "--write", file, "--rate", rate, "--json", "--quiet"),
  packets: (_, said) => figuresOf(said)["packets"],
});

export const PEERS: readonly CaptureProgram[] = [
  {
    name: "dnscap -w",
    command: (device, file) => ["dnscap", "-N", "-i", device, "-w", file],
    packets: (file) => pcapPackets(latest(file)),
  },
  {
    name: "dnscap -g",
    command: (device) => ["dnscap", "-N", "-i", device, "-g"],
    packets: (_, said) => said.split("\n").filter((line) => line.startsWith("[")).length,
  },
  {
    name: "tshark",
    command: (device) => [
      ...["tshark", "-i", device, "-f", "port 53", "-n", "-l", "-T", "fields"],
      ...["frame.time_epoch", "ipv6.src", "dns.qry.name", "dns.flags.rcode", "dns.aaaa"].flatMap((field) => [
        "-e",
        field,
      ]),
    ],
    packets: (_, said) => said.split("\n").filter((line) => /^\d+\.\d+\t/.test(line)).length,
  },
];

/** `NAME=COMMAND`: its words, {device} and {file} put in. What it got is not known. */
export function otherProgram(text: string): CaptureProgram {
  const [name = "", ...rest] = text.split("=");
  const words = rest
    .join("=")
    .split(" ")
    .filter((word) => word !== "");
  return {
    name,
    command: (device, file) => words.map((word) => word.replace("{device}", device).replace("{file}", file)),
    packets: () => undefined,
  };
}

/** Runs a program on processor 1 in a namespace while each of `parts` sends; CPU counts from when it was ready. */
export async function runCapture(
  { command, packets }: CaptureProgram,
  namespace: string,
  device: string,
  file: string,
  parts: readonly (() => Promise<void>)[],
): Promise<CaptureRun> {
  const words = ["netns", "exec", namespace, "taskset", "-c", "1", ...command(device, file)];
  const child = spawn("ip", words, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  // Some write what they decode to standard error.
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  // exec(2) all the way: the process is the program itself.
  const pid = child.pid ?? 0;
  await sleep(3000);
  if (child.exitCode !== null)
    throw new LabError("lab/command-failed", `${words.slice(6).join(" ")}: ${said.slice(-500)}`);
  const cpu: number[] = [];
  let before = cpuUs(pid);
  for (const part of parts) {
    await part();
    await sleep(1500);
    if (child.exitCode !== null)
      throw new LabError("lab/command-failed", `${words[6]} ended: ${said.slice(-500)}`);
    const now = cpuUs(pid);
    cpu.push(now - before);
    before = now;
  }
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mb = (field: string): number =>
    Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1000;
  const waitedFor = childrenUs();
  await end(child);
  // What it had is written at its end: that belongs to the work.
  const ending = childrenUs() - waitedFor - before;
  const last = cpu.pop() ?? 0;
  const [first = last + ending, ...more] = [...cpu, last + ending];
  return {
    cpuUs: [first, ...more],
    packets: packets(file, said),
    residentMb: mb("VmRSS"),
    highestMb: mb("VmHWM"),
    octets: statSync(file, { throwIfNoEntry: false })?.size ?? 0,
    said,
  };
}

async function end(child: ChildProcess): Promise<void> {
  const closed = once(child, "close");
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await closed;
  clearTimeout(timer);
}

/** Of a process with all its threads: proc_pid_stat(5), ticks of 10 ms. */
function cpuUs(pid: number): number {
  const [user = 0, system = 0] = statOf(pid);
  return (user + system) * 10_000;
}

/** Of all children of this process that have ended. */
function childrenUs(): number {
  const [, , user = 0, system = 0] = statOf("self");
  return (user + system) * 10_000;
}

/** Ticks: utime, stime, cutime, cstime. */
function statOf(pid: number | "self"): number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).map(Number);
}

/** dnscap adds the time to the name that it was given. */
function latest(file: string): string {
  const folder = join(file, "..");
  const name = file.slice(folder.length + 1);
  const found = readdirSync(folder)
    .filter((one) => one.startsWith(name))
    .sort();
  return join(folder, found.at(-1) ?? name);
}

function pcapPackets(file: string): number {
  const octets = readFileSync(file);
  let packets = 0;
  for (let at = 24; at + 16 <= octets.length; packets++) at += 16 + octets.readUInt32LE(at + 8);
  return packets;
}
