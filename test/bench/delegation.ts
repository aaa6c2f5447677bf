import { join } from "node:path";
import { mustRun } from "../lab/run.ts";
import type { BenchCase } from "./bench-case.ts";

const RUNNER = join(import.meta.dirname, "delegation-runner.ts");
const TUNNELS = 5_000;
const LIMIT_S = 170;

interface Answer {
  readonly times: Readonly<Record<string, number>>;
  readonly answersPerS: number;
  readonly residentMB: number;
  readonly shares: number;
}

/** What telling five thousand tunnels their prefixes costs: Kea behind the agent's relay. */
export const delegationCase: BenchCase = {
  name: "delegation",
  summary: `DHCPv6 for ${TUNNELS} tunnels: Kea started, one user more, one revoked, nothing to do, answers`,
  async run({ progress, signal, count = TUNNELS }) {
    progress.step(`${count} tunnels`);
    const output = await mustRun("unshare", ["-n", process.execPath, RUNNER, String(count)], {
      timeoutMs: LIMIT_S * 1000,
      signal,
    });
    const line = /^BENCH (.*)$/m.exec(output)?.[1];
    if (line === undefined) throw new Error(`no figures: ${output.slice(-500)}`);
    const { times, answersPerS, residentMB, shares } = JSON.parse(line) as Answer;
    return {
      figures: [
        ...Object.entries(times).map(([name, value]) => ({ name, unit: "ms" as const, value })),
        { name: "SOLICITs answered, 16 at a time", unit: "packets/s", value: answersPerS },
        { name: "resident, all of Kea", unit: "MB", value: residentMB },
      ],
      setting: { tunnels: count, servers: shares },
      notes: [
        "One user more: written, checked by another kea-dhcp6 -t, read anew. Routes and packets do not wait for it; only while it reads anew the Kea that has him, one of several, answers nobody.",
      ],
    };
  },
};
