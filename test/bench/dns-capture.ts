import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { agentWarmUp } from "../lab/programs.ts";
import { mustRun } from "../lab/run.ts";
import { tool } from "../lab/tools.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import {
  type CaptureProgram,
  type CaptureRun,
  figuresOf,
  otherProgram,
  ours,
  PEERS,
  runCapture,
} from "./capture-program.ts";

/** What a home asks, for as long as start-up's pages need to be let go of (io/resident-pages.ts) and more. */
const HOME_PER_S = 20;
const HOME_S = 45;
/** The rate at which CPU per packet says something that noise does not spoil: V8 compiles in the first seconds. */
const QUIET_PER_S = 50_000;
const FIRST_S = 5;
const QUIET_S = 15;
/** Decoders of other kinds lose packets at the rate above; they are measured where they do not. */
const SLOW_PER_S = 10_000;
const PEER_S = 5;
const STEPS = [200_000, 400_000] as const;
const STEP_S = 4;
const LONG_S = 10;

interface Sent {
  readonly sent: number;
  readonly perS: number;
}

/** A program and what was sent past it, one flood after the other. */
interface Run extends CaptureRun {
  readonly sent: readonly Sent[];
}

type Once = (program: CaptureProgram, perS: number, seconds: readonly number[]) => Promise<Run>;

/** Our capture with everything (decoded, paired, in columns, compressed, written) beside programs that do less. */
export const dnsCaptureCase: BenchCase = {
  name: "dns-capture",
  summary:
    "DNS capture: CPU a packet and memory at a home's rate, at 50,000 packets/s and at the highest, beside dnscap and tshark",
  run: async (context: BenchContext): Promise<BenchResult> => {
    const namespace = `vb-dns-${process.pid}`;
    const folder = await mkdtemp(join(tmpdir(), "vsix-bench-"));
    try {
      await mustRun("ip", ["netns", "add", namespace]);
      await mustRun("ip", ["-n", namespace, "link", "add", "from", "type", "veth", "peer", "name", "to"]);
      for (const device of ["from", "to"])
        await mustRun("ip", ["-n", namespace, "link", "set", device, "up"]);
      const [command = "", ...args] = agentWarmUp();
      await mustRun(command, args);
      return await measure(context, await floods(context, namespace, folder));
    } finally {
      await mustRun("ip", ["netns", "del", namespace]).catch(() => undefined);
      await rm(folder, { recursive: true });
    }
  },
};

async function floods({ progress, signal }: BenchContext, namespace: string, folder: string): Promise<Once> {
  const flood = await tool("dns-flood");
  let runs = 0;
  return async (program, perS, seconds) => {
    signal.throwIfAborted();
    progress.step(`${program.name}: ${perS} packets/s`);
    const sent: Sent[] = [];
    const one = (s: number) => async (): Promise<void> => {
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
        String(s),
      ];
      sent.push(JSON.parse(await mustRun("ip", words, { signal, timeoutMs: 120_000 })) as Sent);
    };
    const file = join(folder, `run-${runs++}`);
    return { ...(await runCapture(program, namespace, "to", file, seconds.map(one))), sent };
  };
}

async function measure({ peers = [] }: BenchContext, once: Once): Promise<BenchResult> {
  const figures: Figure[] = [];
  const notes: string[] = [];

  const home = await once(ours("home"), HOME_PER_S, [HOME_S]);
  figures.push(
    {
      name: `resident at ${HOME_PER_S}/s, after ${HOME_S} s`,
      unit: "MB",
      value: home.residentMb,
      aim: "< 60",
    },
    { name: `CPU at ${HOME_PER_S}/s of a core`, unit: "%", value: home.cpuUs[0] / (HOME_S * 1e4) },
    { name: "lost at that rate", unit: "packets", value: lost(home), aim: "0" },
  );
  notes.push(`at ${HOME_PER_S}/s: ${home.highestMb.toFixed(0)} MB at most, at start-up`);

  const quiet = await once(ours("router"), QUIET_PER_S, [FIRST_S, QUIET_S]);
  const pairs = figuresOf(quiet.said)["pairs"] ?? Number.NaN;
  const [first, later] = quiet.sent;
  figures.push(
    {
      name: `CPU a packet at ${QUIET_PER_S}/s`,
      unit: "µs",
      value: (quiet.cpuUs[1] ?? Number.NaN) / (later?.sent ?? 0),
      aim: "≤ 1.5",
    },
    { name: `the same in the first ${FIRST_S} s`, unit: "µs", value: quiet.cpuUs[0] / (first?.sent ?? 0) },
    { name: "lost at that rate", unit: "packets", value: lost(quiet), aim: "0" },
    { name: "a stored pair", unit: "octets", value: quiet.octets / pairs, aim: "≤ 40" },
    { name: `resident at ${QUIET_PER_S}/s, at most`, unit: "MB", value: quiet.highestMb, aim: "< 150" },
  );

  let best: Run | undefined;
  for (const perS of STEPS) {
    const run = await once(ours("router"), perS, [perS === STEPS.at(-1) ? LONG_S : STEP_S]);
    notes.push(`vsix-agent dns capture: ${told(run)}`);
    if (lost(run) !== 0) break;
    best = run;
  }
  if (best !== undefined) {
    const rate = Math.round(best.sent[0]?.perS ?? 0);
    figures.push(
      { name: "highest rate without loss", unit: "packets/s", value: rate, aim: "400,000" },
      { name: "CPU a packet at that rate", unit: "µs", value: cpu(best), aim: "≤ 1.5" },
      { name: "resident at that rate, at most", unit: "MB", value: best.highestMb, aim: "< 150" },
    );
  }

  for (const program of [...PEERS, ...peers.map(otherProgram)]) {
    const decodes = program.name === "dnscap -g" || program.name === "tshark";
    for (const perS of decodes ? [SLOW_PER_S] : [QUIET_PER_S, STEPS.at(-1) ?? QUIET_PER_S]) {
      const peer = await once(program, perS, [PEER_S]).catch((error: unknown) => String(error));
      if (typeof peer === "string") {
        notes.push(`${program.name}: not measured: ${peer}`);
        break;
      }
      figures.push({ name: `${program.name}: CPU a packet at ${perS}/s`, unit: "µs", value: cpu(peer) });
      notes.push(`${program.name}: ${told(peer)}`);
    }
  }
  return { figures, notes, setting: { interfaces: 1, pairs } };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
const sentIn = ({ sent }: Run): number => sum(sent.map((one) => one.sent));
const lost = (run: Run): number => sentIn(run) - (run.packets ?? Number.NaN);
const cpu = (run: Run): number => sum(run.cpuUs) / sentIn(run);

function told(run: Run): string {
  const missing = run.packets === undefined ? "packets not known" : `${lost(run)} lost`;
  const rates = run.sent.map(({ sent, perS }) => `${perS} packets/s for ${(sent / perS).toFixed(1)} s`);
  return `${rates.join(", ")}: ${missing}, ${cpu(run).toFixed(2)} µs a packet, ${run.highestMb.toFixed(0)} MB`;
}
