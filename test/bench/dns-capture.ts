import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mustRun } from "../lab/run.ts";
import { tool } from "../lab/tools.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import {
  type CaptureProgram,
  type CaptureRun,
  figuresOf,
  OURS,
  otherProgram,
  PEERS,
  runCapture,
} from "./capture-program.ts";

/** The rate at which CPU per packet says something that noise does not spoil. */
const QUIET_PER_S = 50_000;
const QUIET_S = 5;
/** Decoders of other kinds lose packets at the rate above; they are measured where they do not. */
const SLOW_PER_S = 10_000;
const STEPS = [100_000, 200_000, 300_000, 400_000] as const;
const STEP_S = 4;
const LONG_S = 10;

interface Sent {
  readonly sent: number;
  readonly perS: number;
}

/** Our capture with everything (decoded, paired, in columns, compressed, written) beside programs that do less. */
export const dnsCaptureCase: BenchCase = {
  name: "dns-capture",
  summary:
    "DNS capture: CPU a packet, the highest rate without loss and octets a pair, beside dnscap and tshark",
  run: async (context: BenchContext): Promise<BenchResult> => {
    const namespace = `vb-dns-${process.pid}`;
    const folder = await mkdtemp(join(tmpdir(), "vsix-bench-"));
    try {
      await mustRun("ip", ["netns", "add", namespace]);
      await mustRun("ip", ["-n", namespace, "link", "add", "from", "type", "veth", "peer", "name", "to"]);
      for (const device of ["from", "to"])
        await mustRun("ip", ["-n", namespace, "link", "set", device, "up"]);
      return await measure(context, namespace, folder);
    } finally {
      await mustRun("ip", ["netns", "del", namespace]).catch(() => undefined);
      await rm(folder, { recursive: true });
    }
  },
};

async function measure(
  { progress, signal, peers = [] }: BenchContext,
  namespace: string,
  folder: string,
): Promise<BenchResult> {
  const flood = await tool("dns-flood");
  let runs = 0;
  /** One program while so many packets pass. */
  const once = async (program: CaptureProgram, perS: number, seconds: number) => {
    signal.throwIfAborted();
    progress.step(`${program.name}: ${perS} packets/s`);
    let sent: Sent = { sent: 0, perS: 0 };
    const file = join(folder, `run-${runs++}`);
    const result = await runCapture(program, namespace, "to", file, async () => {
      const words = [
        "netns",
        "exec",
        namespace,
        "taskset",
        "-c",
        "0",
        flood,
        "from",
        String(perS),
        String(seconds),
      ];
      sent = JSON.parse(await mustRun("ip", words, { signal })) as Sent;
    });
    return { ...result, sent };
  };
  const figures: Figure[] = [];
  const notes: string[] = [];
  const ours = await once(OURS, QUIET_PER_S, QUIET_S);
  const lost = (run: CaptureRun & { readonly sent: Sent }): number =>
    run.sent.sent - (run.packets ?? Number.NaN);
  const cpu = (run: CaptureRun & { readonly sent: Sent }): number => run.cpuUs / run.sent.sent;
  figures.push({ name: `CPU a packet at ${QUIET_PER_S}/s`, unit: "µs", value: cpu(ours), aim: "≤ 1.5 µs" });
  figures.push({ name: "lost at that rate", unit: "packets", value: lost(ours), aim: "0" });
  const pairs = figuresOf(ours.said)["pairs"] ?? Number.NaN;
  figures.push({ name: "a stored pair", unit: "octets", value: ours.octets / pairs, aim: "≤ 40" });
  for (const program of [...PEERS, ...peers.map(otherProgram)]) {
    const decodes = program.name === "dnscap -g" || program.name === "tshark";
    const perS = decodes ? SLOW_PER_S : QUIET_PER_S;
    const peer = await once(program, perS, QUIET_S).catch((error: unknown) => String(error));
    if (typeof peer === "string") {
      notes.push(`${program.name}: not measured: ${peer}`);
      continue;
    }
    figures.push({ name: `${program.name}: CPU a packet at ${perS}/s`, unit: "µs", value: cpu(peer) });
    const missing = peer.packets === undefined ? "packets not known" : `${lost(peer)} lost`;
    notes.push(`${program.name}: ${missing}, ${peer.residentMb.toFixed(0)} MB`);
  }
  let best = 0;
  let resident = ours.residentMb;
  for (const perS of STEPS) {
    const run = await once(OURS, perS, perS === STEPS.at(-1) ? LONG_S : STEP_S);
    resident = Math.max(resident, run.residentMb);
    const reached = Math.round(run.sent.perS);
    notes.push(
      `${reached} packets/s for ${(run.sent.sent / run.sent.perS).toFixed(1)} s: ${lost(run)} lost, ${cpu(run).toFixed(2)} µs a packet`,
    );
    if (lost(run) !== 0) break;
    best = reached;
  }
  figures.push({ name: "highest rate without loss", unit: "packets/s", value: best, aim: "400,000" });
  figures.push({ name: "resident at most", unit: "MB", value: resident, aim: "< 150" });
  return { figures, notes, setting: { seconds: QUIET_S, interfaces: 1, pairs } };
}
