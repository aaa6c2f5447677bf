import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { DEFAULT_FLOWS } from "@vsix/shared/paths/schema.ts";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import { traceTask } from "../../agent/src/core/trace/task.ts";
import { TraceSensor } from "../../agent/src/sensors/trace.ts";
import { Tracer } from "../../agent/src/sensors/tracer.ts";
import { SOURCE, startTraceNetwork } from "../kernel/trace-network.ts";
import {
  type AgentCycle,
  type AgentMeasured,
  BURSTS,
  DEVICE,
  INTERVAL_MS,
  PROBES,
  TARGET_ADDRESSES,
  TARGETS,
} from "./trace-setting.ts";

/**
 * The agent's side of the `trace-cycle` bench, in a namespace of its own: `ip netns exec NS node trace-agent.ts CYCLES`.
 * The agent's own tracer and sensor, real raw sockets, four hops of real kernels with two equal ways in the middle.
 * Prints AgentMeasured.
 */
async function main(cycles: number): Promise<AgentMeasured> {
  const network = startTraceNetwork();
  for (const address of TARGET_ADDRESSES)
    network.ip("t", "addr", "add", `${address}/64`, "dev", "t-r2", "nodad");
  await using tracer = Tracer.open({
    source: "node-1",
    nowUs: () => performance.now() * 1000,
    wallMs: Date.now,
    random: Math.random,
  });
  const orders = TARGET_ADDRESSES.map((targetAddress, i) => ({
    target: `target-${i + 1}`,
    targetAddress,
    sourceAddress: SOURCE,
    protocol: "icmp6" as const,
    flows: DEFAULT_FLOWS,
    probes: PROBES,
  }));
  const all = (): Promise<Trace[]> => Promise.all(orders.map((order) => tracer.trace(traceTask(order))));
  // Neighbour discovery and a warm process: an agent runs for months.
  await all();
  const burstMs: number[] = [];
  for (let i = 0; i < BURSTS; i++) {
    const started = performance.now();
    await all();
    burstMs.push(performance.now() - started);
  }
  const traces: Trace[] = [];
  const measured: AgentCycle[] = [];
  const faults: unknown[] = [];
  {
    await using _sensor = new TraceSensor({
      tracer,
      orders: orders.map((order) => ({ ...order, intervalMs: INTERVAL_MS })),
      source: "node-1",
      onTrace: (trace) => traces.push(trace),
      onFault: (_order, error) => faults.push(error),
      nowMs: () => performance.now(),
      wallMs: Date.now,
    });
    for (let i = 0; i < cycles; i++) {
      const before = standing();
      const had = traces.length;
      await sleep(INTERVAL_MS);
      const after = standing();
      const told = traces.slice(had).map((trace) => JSON.stringify(trace));
      measured.push({
        cpuMs: after.cpuMs - before.cpuMs,
        sentPackets: after.sentPackets - before.sentPackets,
        sentBytes: after.sentBytes - before.sentBytes,
        receivedBytes: after.receivedBytes - before.receivedBytes,
        toldBytes: told.reduce((sum, text) => sum + text.length, 0),
      });
    }
  }
  if (faults.length > 0) throw faults[0];
  const missed = traces.filter(({ flows }) => flows.some(({ end }) => end.kind !== "reached"));
  if (missed.length > 0) throw new Error(`${missed.length} of ${traces.length} traces did not reach`);
  return {
    cycles: measured,
    traceMs: traces.map(({ startedAt, endedAt }) => endedAt - startedAt),
    burstMs,
    traces: traces.slice(-TARGETS).map((trace) => JSON.stringify(trace)),
  };
}

interface Standing {
  readonly cpuMs: number;
  readonly sentPackets: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

function standing(): Standing {
  const { user, system } = process.cpuUsage();
  const counter = (name: string): number =>
    Number(readFileSync(`/sys/class/net/${DEVICE}/statistics/${name}`, "utf8"));
  return {
    cpuMs: (user + system) / 1000,
    sentPackets: counter("tx_packets"),
    sentBytes: counter("tx_bytes"),
    receivedBytes: counter("rx_bytes"),
  };
}

process.stdout.write(`${JSON.stringify(await main(Number(process.argv[2])))}\n`);
