import { readdir, readFile, stat, statfs } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Machine, MachineFilesystem } from "@vsix/shared/contract/up-machine.ts";
import { parseLoadavg, parseMeminfo, parseTemperature, parseUptime } from "../../core/machine/parse.ts";

export type MachineFigures = Pick<
  Machine,
  "uptimeS" | "processors" | "load" | "memory" | "filesystems" | "temperature"
>;

/**
 * How this machine is, from /proc, /sys and statfs(2): a millisecond, and no program is started. What may not be read here is absent.
 * @param stateDir absolute; told of where it lies on another file system than `/`.
 */
export async function readFigures(stateDir: string): Promise<MachineFigures> {
  const [uptime, load, meminfo, temperature, filesystems] = await Promise.all([
    textOf("/proc/uptime"),
    textOf("/proc/loadavg"),
    textOf("/proc/meminfo"),
    hottest("/sys/class/thermal"),
    filesystemsOf(stateDir),
  ]);
  return {
    processors: availableParallelism(),
    filesystems,
    ...known("uptimeS", parseUptime(uptime)),
    ...known("load", parseLoadavg(load)),
    ...known("memory", parseMeminfo(meminfo)),
    ...known("temperature", temperature),
  };
}

function known<Name extends string, T>(name: Name, value: T | undefined): { readonly [K in Name]?: T } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [K in Name]?: T });
}

/** Empty where it cannot be read. */
export async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

async function hottest(folder: string): Promise<number | undefined> {
  const zones = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith("thermal_zone"));
  const texts = await Promise.all(zones.slice(0, 64).map((zone) => textOf(join(folder, zone, "temp"))));
  const all = texts.map(parseTemperature).filter((one) => one !== undefined);
  return all.length === 0 ? undefined : Math.max(...all);
}

async function filesystemsOf(stateDir: string): Promise<MachineFilesystem[]> {
  const device = async (path: string): Promise<number | undefined> =>
    (await stat(path).catch(() => undefined))?.dev;
  const isAnother = (await device("/")) !== (await device(stateDir));
  const found = await Promise.all((isAnother ? ["/", stateDir] : ["/"]).map(filesystemOf));
  return found.filter((one) => one !== undefined);
}

async function filesystemOf(path: string): Promise<MachineFilesystem | undefined> {
  if (!/^\/[ -~]{0,254}$/.test(path)) return undefined;
  const said = await statfs(path).catch(() => undefined);
  if (said === undefined) return undefined;
  const { bsize, blocks, bfree, bavail, files, ffree } = said;
  const inodes = files > 0 ? { inodes: count(files), inodesFree: count(ffree) } : {};
  return {
    path,
    usedOctets: count((blocks - bfree) * bsize),
    availableOctets: count(bavail * bsize),
    ...inodes,
  };
}

/** What a file system of some other machine may well claim is more than a number holds exactly. */
function count(number: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(number)));
}
