import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { DEFAULT_FLOWS } from "@vsix/shared/paths/schema.ts";
import { startTraceNetwork } from "../kernel/trace-network.ts";
import { DEVICE, type PeerMeasured, PROBES, TARGET_ADDRESSES } from "./trace-setting.ts";

/** USER_HZ: a tick of /proc/PID/stat in milliseconds. */
const TICK_MS = 10;

/**
 * The peer of the `trace-cycle` bench, in a namespace of its own: mtr(8) once for each target, all at once, as many probes
 * of a hop as the agent sends over all its flows. Prints PeerMeasured, one for each round: `node trace-peer.ts ROUNDS`.
 *
 * mtr leaves its mtr-packet behind without waiting for it, so its CPU would be nobody's: each runs in a PID namespace of its own
 * (unshare(1)), whose end collects it. The same with true(1) tells what the unshare costs, and is taken off.
 */
async function main(rounds: number): Promise<readonly PeerMeasured[]> {
  const network = startTraceNetwork();
  for (const address of TARGET_ADDRESSES)
    network.ip("t", "addr", "add", `${address}/64`, "dev", "t-r2", "nodad");
  const probes = String(DEFAULT_FLOWS * PROBES);
  const mtr = (address: string, count: string): readonly string[] => [
    ...["mtr", "-6", "-n", "--report"],
    ...["-c", count, "-i", "0.1", "-G", "1", address],
  ];
  // Neighbour discovery.
  await collect(TARGET_ADDRESSES.map((address) => mtr(address, "1")));
  const measured: PeerMeasured[] = [];
  for (let round = 0; round < rounds; round++) {
    const empty = await collect(TARGET_ADDRESSES.map(() => ["true"]));
    const done = await collect(TARGET_ADDRESSES.map((address) => mtr(address, probes)));
    measured.push({ ...done, cpuMs: Math.max(0, done.cpuMs - empty.cpuMs) });
  }
  return measured;
}

/** Runs these all at once; the CPU of all their processes together. */
async function collect(commands: readonly (readonly string[])[]): Promise<PeerMeasured> {
  const before = { cpuMs: childrenCpuMs(), packets: sentPackets(), at: performance.now() };
  await Promise.all(
    commands.map(async (command) => {
      const child = spawn("unshare", ["--pid", "--fork", ...command], { stdio: "ignore" });
      const [code] = (await once(child, "close")) as [number | null];
      if (code !== 0) throw new Error(`${command.join(" ")}: exit ${code}`);
    }),
  );
  return {
    cpuMs: childrenCpuMs() - before.cpuMs,
    wallMs: performance.now() - before.at,
    sentPackets: sentPackets() - before.packets,
  };
}

/** Of everything that was waited for: fields 16 and 17, cutime and cstime (proc_pid_stat(5)). */
function childrenCpuMs(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

function sentPackets(): number {
  return Number(readFileSync(`/sys/class/net/${DEVICE}/statistics/tx_packets`, "utf8"));
}

process.stdout.write(`${JSON.stringify(await main(Number(process.argv[2])))}\n`);
