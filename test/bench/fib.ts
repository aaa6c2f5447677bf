import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inNamespace, mustRun } from "../lab/run.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import { runBatches, writeBatches } from "./fib-batch.ts";
import { ip } from "./fib-check.ts";
import { FIB_STEPS, type FibStep, type FibTimes, NEXTHOPS, ROUTES } from "./fib-setting.ts";
import { median, spread } from "./statistics.ts";

const ROUNDS = 6;
const SIDES = ["agent", "ip"] as const;
type Side = (typeof SIDES)[number];

const TITLE: Readonly<Record<FibStep, string>> = {
  add: "add all",
  replan: "read all back, plan nothing",
  replace: "replace all with the other next hop",
  move: "move all by one nexthop object",
  delete: "delete all",
};

/** Routes through the agent's executor, and the same through `ip -batch`, in turn, each in a fresh namespace. */
async function run({ progress, signal, count: rounds = ROUNDS }: BenchContext): Promise<BenchResult> {
  const directory = await mkdtemp(join(tmpdir(), "vsix-bench-"));
  const times: Record<Side, FibTimes[]> = { agent: [], ip: [] };
  try {
    progress.step(`fib: ${ROUTES} routes, ${rounds} rounds`);
    const batches = await writeBatches(directory);
    for (let round = 0; round < rounds; round++) {
      for (const side of round % 2 === 0 ? SIDES : SIDES.toReversed()) {
        signal.throwIfAborted();
        progress.step(`fib: round ${round + 1} of ${rounds}, ${side}`);
        times[side].push(
          await inFreshNamespace(`vb-fib-${process.pid}-${side}`, (namespace) =>
            side === "agent" ? runAgent(namespace, signal) : runBatches(namespace, batches),
          ),
        );
      }
    }
  } finally {
    await rm(directory, { recursive: true });
  }
  return {
    figures: FIB_STEPS.map((step) => figureOf(step, times)),
    setting: {
      routes: ROUTES,
      rounds,
      peer: (await ip(["-Version"])).trim(),
      nexthop_compat_mode: 0,
    },
    notes: [
      "Each round has a fresh namespace and a fresh process for each side, sides in alternating order; medians.",
      "The peer's time is its process's, from files written before; the agent's begins with desired objects.",
    ],
  };
}

function figureOf(step: FibStep, times: Readonly<Record<Side, readonly FibTimes[]>>): Figure {
  const of = (side: Side): readonly number[] => times[side].map((each) => each[step]);
  const samples = of("agent");
  const aimed = step === "add" || step === "replace" || step === "delete";
  return {
    name: TITLE[step],
    unit: "ms",
    value: median(samples),
    samples: samples.length,
    ...spread(samples),
    peer: { name: "ip -batch", value: median(of("ip")) },
    ...(aimed ? { aim: "3× faster" } : {}),
  };
}

/** Two devices with a neighbour behind each; the namespace goes whatever happens. */
async function inFreshNamespace<T>(name: string, body: (name: string) => Promise<T>): Promise<T> {
  await ip(["netns", "add", name]);
  try {
    await mustRun("ip", inNamespace(name, ["sysctl", "-qw", "net.ipv4.nexthop_compat_mode=0"]).slice(1));
    for (const { device } of NEXTHOPS) {
      await ip(["-n", name, "link", "add", device, "type", "veth", "peer", "name", `${device}-peer`]);
      for (const end of [device, `${device}-peer`])
        await ip(["-n", name, "link", "set", end, "addrgenmode", "none", "up"]);
    }
    return await body(name);
  } finally {
    await ip(["netns", "del", name]);
  }
}

async function runAgent(namespace: string, signal: AbortSignal): Promise<FibTimes> {
  const program = fileURLToPath(new URL("fib-agent.ts", import.meta.url));
  const [file = "ip", ...args] = inNamespace(namespace, [process.execPath, program]);
  return JSON.parse(await mustRun(file, args, { signal })) as FibTimes;
}

export const fibCase: BenchCase = {
  name: "fib",
  summary: "IPv6 routes through the agent's executor, beside ip -batch",
  run,
};
