import { readFile } from "node:fs/promises";
import { type Lab, namespaceOf } from "../lab/lab.ts";
import { mustRun } from "../lab/run.ts";

/** USER_HZ, fixed at 100 on Linux: a tick of /proc/PID/stat in milliseconds. */
const TICK_MS = 10;
const NAMES = [
  ["gobgpd", "gobgpd"],
  ["agent/main.js", "agent"],
  ["controller/main.js", "controller"],
  ["bird", "bird"],
] as const;

/** Milliseconds of CPU that each node's programs have used so far, by `NODE PROGRAM`. */
export async function cpuTimes(lab: Lab): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>();
  for (const { name } of lab.fabric.nodes) {
    const pids = (await mustRun("ip", ["netns", "pids", namespaceOf(lab, name)])).split("\n");
    for (const pid of pids.filter((text) => text !== "")) {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      const program = NAMES.find(([mark]) => command.includes(mark))?.[1];
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
      if (program === undefined || stat === undefined) continue;
      // After the command's name in brackets: state is field 3, utime 14, stime 15 (proc_pid_stat(5)).
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const key = `${name} ${program}`;
      times.set(key, (times.get(key) ?? 0) + (Number(fields[11]) + Number(fields[12])) * TICK_MS);
    }
  }
  return times;
}
