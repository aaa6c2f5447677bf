import { fileURLToPath } from "node:url";
import { DEFAULT_FLOWS } from "@vsix/shared/paths/schema.ts";
import { inNamespace, mustRun } from "../lab/run.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import { ip } from "./fib-check.ts";
import { median, percentile, spread } from "./statistics.ts";
import {
  type AgentMeasured,
  INTERVAL_MS,
  type JudgeMeasured,
  type PeerMeasured,
  PROBES,
  SOURCES,
  TARGETS,
} from "./trace-setting.ts";

const CYCLES = 6;
const PEER_ROUNDS = 3;
const JUDGE_ROUNDS = 20;
/** Of one program, beside its cycles. */
const PATIENCE_MS = 60_000;

/** What 50 nodes x 20 targets cost: one node's cycle on real kernel paths, beside mtr; the controller's with what it tells. */
async function run({ progress, signal, count: cycles = CYCLES }: BenchContext): Promise<BenchResult> {
  const run = async (program: string, count: number, patienceMs: number, input = ""): Promise<unknown> => {
    const name = `vb-trace-${process.pid}`;
    await ip(["netns", "add", name]);
    try {
      await ip(["-n", name, "link", "set", "lo", "up"]);
      const path = fileURLToPath(new URL(program, import.meta.url));
      const [file = "ip", ...args] = inNamespace(name, [
        process.execPath,
        "--expose-gc",
        path,
        String(count),
      ]);
      return JSON.parse(await mustRun(file, args, { signal, input, timeoutMs: patienceMs }));
    } finally {
      await ip(["netns", "del", name]);
    }
  };
  progress.step(
    `trace-cycle: ${TARGETS} targets from one agent, ${cycles} cycles of ${INTERVAL_MS / 1000} s`,
  );
  const agent = (await run("trace-agent.ts", cycles, PATIENCE_MS + cycles * INTERVAL_MS)) as AgentMeasured;
  progress.step(`trace-cycle: the same by mtr, ${PEER_ROUNDS} rounds`);
  const peer = (await run("trace-peer.ts", PEER_ROUNDS, PATIENCE_MS)) as readonly PeerMeasured[];
  progress.step(`trace-cycle: ${SOURCES * TARGETS} traces at the controller, ${JUDGE_ROUNDS} rounds`);
  const judged = (await run(
    "trace-judge.ts",
    JUDGE_ROUNDS,
    PATIENCE_MS,
    JSON.stringify(agent.traces),
  )) as JudgeMeasured;
  if (judged.notices !== SOURCES * TARGETS)
    throw new Error(`${judged.notices} notices of ${SOURCES * TARGETS} paths that changed`);
  return {
    figures: [...agentFigures(agent, peer), ...judgeFigures(judged)],
    setting: {
      nodes: SOURCES,
      targets: TARGETS,
      "flows a target": DEFAULT_FLOWS,
      "probes a hop and flow": PROBES,
      hops: 4,
      "interval, s": INTERVAL_MS / 1000,
      cycles,
      peer: (await mustRun("mtr", ["--version"])).trim(),
    },
    notes: [
      "Agent: its own tracer over real kernels, one namespace a router; two equal ways in the middle. CPU is the whole",
      "process's with what the kernel does for it: here that is the forwarding of all routers too, and for mtr as well.",
      "mtr: one process a target, all at once, as many probes a hop, one flow; starting it is in its CPU, as it is for who runs it.",
      `Controller: parsing, judging and watching the traces of one agent as if from ${SOURCES}, in one process without a broker.`,
    ],
  };
}

function agentFigures(
  { cycles, traceMs, burstMs, traces }: AgentMeasured,
  peer: readonly PeerMeasured[],
): Figure[] {
  const of = (name: string, unit: Figure["unit"], samples: readonly number[]): Figure => ({
    name,
    unit,
    value: median(samples),
    samples: samples.length,
    ...spread(samples),
  });
  const name = "mtr";
  const kb = (bytes: number): number => bytes / 1000;
  return [
    {
      ...of(
        "agent: CPU a cycle",
        "ms",
        cycles.map(({ cpuMs }) => cpuMs),
      ),
      peer: { name, value: median(peer.map(({ cpuMs }) => cpuMs)) },
    },
    {
      ...of(
        "agent: packets sent a cycle",
        "packets",
        cycles.map(({ sentPackets }) => sentPackets),
      ),
      peer: { name, value: median(peer.map(({ sentPackets }) => sentPackets)) },
    },
    of(
      "agent: sent on the wire a cycle",
      "kB",
      cycles.map(({ sentBytes }) => kb(sentBytes)),
    ),
    of(
      "agent: heard from the wire a cycle",
      "kB",
      cycles.map(({ receivedBytes }) => kb(receivedBytes)),
    ),
    of("agent: one trace, p50", "ms", traceMs),
    { ...of("agent: one trace, p99", "ms", traceMs), value: percentile(traceMs, 99) },
    {
      ...of("agent: all targets at once, until the last is done", "ms", burstMs),
      peer: { name, value: median(peer.map(({ wallMs }) => wallMs)) },
    },
    of(
      "agent: told to the controller a cycle",
      "kB",
      cycles.map(({ toldBytes }) => kb(toldBytes)),
    ),
    of(
      "one trace as JSON",
      "kB",
      traces.map((text) => kb(text.length)),
    ),
  ];
}

function judgeFigures({ readMs, expectedBytes, firstMs, ...judged }: JudgeMeasured): Figure[] {
  const { parseMs, wellMs, changedMs, heldMb } = judged;
  const of = (name: string, samples: readonly number[]): Figure => ({
    name: `controller: ${name}`,
    unit: "ms",
    value: median(samples),
    samples: samples.length,
    ...spread(samples),
  });
  return [
    of("CPU a cycle, all as expected", wellMs),
    of("of which reading JSON", parseMs),
    of("CPU a cycle, every path changed", changedMs),
    of("CPU of the very first cycle", [firstMs]),
    of("reading the file of expected paths", [readMs]),
    { name: "controller: that file", unit: "kB", value: expectedBytes / 1000 },
    { name: "controller: heap that 1,000 watched paths hold", unit: "MB", value: heldMb },
  ];
}

export const traceCycleCase: BenchCase = {
  name: "trace-cycle",
  summary: "tracing 20 targets from each of 50 nodes every 10 s, beside mtr",
  run,
};
