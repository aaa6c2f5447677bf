import { open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FIRST_RECONCILE } from "@vsix/agent/agent.ts";
import { waitConverged } from "../lab/converge.ts";
import { programsOf, startProgram, stopProgram } from "../lab/faults.ts";
import { type Lab, removeLab } from "../lab/lab.ts";
import { REPOSITORY } from "../lab/names.ts";
import { nodeDirectory } from "../lab/programs.ts";
import { upLab } from "../lab/up.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import { cpuTimes } from "./cpu.ts";
import { median, percentile, spread } from "./statistics.ts";

const FABRIC = "examples/quick.yaml";
const STARTS = 10;
const QUIET_MS = 10_000;
const IDLE_MS = 30_000;
const POLL_MS = 2;
const START_TIMEOUT_MS = 30_000;

/** What an agent with nothing to do costs, and how soon a restarted one has the kernel as it should be. */
async function run({ progress, signal, count: starts = STARTS }: BenchContext): Promise<BenchResult> {
  const name = `b${process.pid}agentsmall`;
  try {
    const lab = await upLab(join(REPOSITORY, FABRIC), { name, progress, signal });
    const nodes = lab.fabric.nodes.filter((node) => node.software === "vsix");
    await sleep(QUIET_MS, undefined, { signal });
    progress.update(`agent-small: idle for ${IDLE_MS / 1000} s`);
    const before = await cpuTimes(lab);
    await sleep(IDLE_MS, undefined, { signal });
    const after = await cpuTimes(lab);
    const figures: Figure[] = [];
    for (const { name: node, role } of nodes) {
      const key = `${node} agent`;
      const percent = (((after.get(key) ?? 0) - (before.get(key) ?? 0)) / IDLE_MS) * 100;
      figures.push({
        name: `${node} (${role}): idle CPU of a core`,
        unit: "%",
        value: percent,
        aim: "under 0.5",
      });
    }
    for (const { name: node, role } of nodes) {
      const { rss, anonymous, pss } = await memoryMb(lab, node);
      figures.push(
        { name: `${node} (${role}): RSS`, unit: "MB", value: rss, aim: "under 80" },
        { name: `${node} (${role}): of which its own, RssAnon`, unit: "MB", value: anonymous },
        {
          name: `${node} (${role}): PSS, shared pages divided among the agents here`,
          unit: "MB",
          value: pss,
        },
      );
    }
    const router = nodes.find(({ role }) => role === "plane")?.name ?? "";
    const took: number[] = [];
    for (let i = 0; i < starts; i++) {
      progress.update(`agent-small: start ${i + 1} of ${starts}`);
      took.push(await startOnce(lab, router, signal));
      await waitConverged(lab, { progress, signal });
    }
    const shared = { unit: "ms", samples: took.length, ...spread(took) } as const;
    figures.push(
      { name: `${router}: start to first reconcile, p50`, value: median(took), ...shared },
      {
        name: `${router}: start to first reconcile, p99`,
        value: percentile(took, 99),
        ...shared,
        aim: "under 1500",
      },
    );
    return {
      figures,
      setting: { fabric: FABRIC, "idle, s": IDLE_MS / 1000, starts },
      notes: [
        "Started by agent/bin/vsix-agent from its TypeScript source, compiled before (NODE_COMPILE_CACHE).",
        "A start ends with the agent's log line that its first reconcile is done, read by our own clock.",
      ],
    };
  } finally {
    await removeLab(name);
  }
}

interface Memory {
  readonly rss: number;
  readonly anonymous: number;
  readonly pss: number;
}

/** By proc_pid_smaps(5); MB are 1000 kB as /proc has them. */
async function memoryMb(lab: Lab, node: string): Promise<Memory> {
  const pid = (await programsOf(lab, node)).find(({ program }) => program === "agent")?.pid;
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const mb = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1] ?? Number.NaN) / 1000;
  return { rss: mb("Rss"), anonymous: mb("Anonymous"), pss: mb("Pss") };
}

/** Milliseconds from asking for the process to its first reconcile. */
async function startOnce(lab: Lab, node: string, signal: AbortSignal): Promise<number> {
  await stopProgram(lab, node, "agent");
  const file = join(nodeDirectory(lab.name, node), "agent.log");
  const { size } = await stat(file);
  const started = performance.now();
  await startProgram(lab, node, "agent");
  await using log = await open(file, "r");
  while (performance.now() - started < START_TIMEOUT_MS) {
    const { size: now } = await log.stat();
    const fresh = Buffer.alloc(Math.max(0, now - size));
    await log.read(fresh, 0, fresh.length, size);
    if (fresh.includes(FIRST_RECONCILE)) return performance.now() - started;
    await sleep(POLL_MS, undefined, { signal });
  }
  throw new Error(`the agent on ${node} did not reconcile in ${START_TIMEOUT_MS / 1000} s`);
}

export const agentSmallCase: BenchCase = {
  name: "agent-small",
  summary: "what an idle agent costs in CPU and memory, and how soon a restarted one is done",
  run,
};
