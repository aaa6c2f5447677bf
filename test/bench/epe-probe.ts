import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EgressMeasure } from "@vsix/shared/contract/part-egress.ts";
import type { Egress, EgressCell } from "@vsix/shared/contract/up-egress.ts";
import {
  type EgressNetwork,
  LOOPBACK,
  SEGMENT,
  startEgressNetwork,
  startProber,
  TARGETS,
} from "../kernel/egress-network.ts";
import { mustRun } from "../lab/run.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import { median, percentile } from "./statistics.ts";

const DESTINATIONS = 1_000;
const PROBES = 5;
const CYCLE_MS = 30_000;
const CYCLES = 2;
const PATIENCE_MS = 180_000;
/** Round trips beside ping: of so many each. */
const PAIRED_CYCLES = 8;
const PAIRED_PROBES = 32;
const PAIRED_CYCLE_MS = 4_000;
const PINGS = 600;
const PING_INTERVAL_S = 0.05;
/** From 10 ms on ping(8) tells no more than tenths. */
const SLOW_US = 4_000;

/** Four peers; the last is one of the others' routers under another name. */
const PEERS: EgressMeasure["peers"] = [
  { name: "x/f", segments: [SEGMENT.f] },
  { name: "x/g", segments: [SEGMENT.g] },
  { name: "x/m", segments: [SEGMENT.p, SEGMENT.m] },
  { name: "x/f.2", segments: [SEGMENT.f] },
];
const addressOf = (i: number): string => `${TARGETS}1:${(i + 1).toString(16)}`;
const measure = (of: Partial<EgressMeasure>): EgressMeasure => ({
  cycleMs: CYCLE_MS,
  probes: PROBES,
  timeoutMs: 1_000,
  size: 104,
  fullSize: 1_300,
  maxPacketsPerS: 2_000,
  maxPacketsPerDestinationPerS: 1,
  peers: PEERS,
  destinations: Array.from({ length: DESTINATIONS }, (_, i) => ({
    address: addressOf(i),
    protocol: "icmp6",
  })),
  ...of,
});

interface Measured {
  readonly cells: readonly EgressCell[];
  /** From the beginning of the first to the end of the last cycle counted, of the prober's whole process. */
  readonly cpuMs: number;
  readonly figures: { readonly doubtful: number; readonly refused: number };
}

/** Lets an agent's prober measure; the first cycle only warms it up. */
async function probe(network: EgressNetwork, part: EgressMeasure, cycles: number): Promise<Measured> {
  await using program = startProber(network, "s", part);
  const cells: EgressCell[] = [];
  const cpuMs: number[] = [];
  for await (const line of program.lines()) {
    const said = JSON.parse(line) as Egress | (Measured["figures"] & { readonly cpuMs: number });
    if ("rows" in said) {
      if (said.cycle > 1) cells.push(...said.rows.flatMap((row) => row.cells));
      if (said.shard + 1 === said.shards) program.say("figures");
      continue;
    }
    cpuMs.push(said.cpuMs);
    if (cpuMs.length > cycles) return { cells, cpuMs: (cpuMs.at(-1) ?? 0) - (cpuMs[0] ?? 0), figures: said };
  }
  throw new Error("the prober ended");
}

/** The same number of echoes by fping, at the same rate, by one way out. CPU in milliseconds. */
async function fping(
  network: EgressNetwork,
  signal: AbortSignal,
): Promise<{ readonly cpuMs: number; readonly sent: number }> {
  const folder = await mkdtemp(join(tmpdir(), "vsix-bench-"));
  try {
    const file = join(folder, "targets");
    await writeFile(file, `${Array.from({ length: DESTINATIONS }, (_, i) => addressOf(i)).join("\n")}\n`);
    const rounds = PEERS.length * (PROBES + 1);
    const intervalMs = CYCLE_MS / (rounds * DESTINATIONS);
    const options = `-6 -q -c ${rounds} -p ${CYCLE_MS / rounds} -i ${Math.max(1, intervalMs)} -b 56`;
    const script = `TIMEFORMAT='cpu %3U %3S'; { time fping ${options} -f ${file} >/dev/null 2>${join(folder, "out")}; } 2>&1; cat ${join(folder, "out")}`;
    const output = await mustRun("ip", [...network.inside("s"), "bash", "-c", script], {
      signal,
      timeoutMs: PATIENCE_MS,
    });
    const [, user = "0", system = "0"] = /cpu ([\d.]+) ([\d.]+)/.exec(output) ?? [];
    const sent = [...output.matchAll(/xmt\/rcv\/%loss = (\d+)\//g)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
    if (sent === 0) throw new Error(`fping said nothing: ${output.slice(0, 300)}`);
    return { cpuMs: (Number(user) + Number(system)) * 1000, sent };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** ping(8) by the same SID, for its kernel route is the only thing that leads there. Milliseconds. */
async function ping(
  network: EgressNetwork,
  address: string,
  sid: string,
  signal: AbortSignal,
): Promise<number[]> {
  network.ip(
    "s",
    "-6",
    "route",
    "add",
    address,
    "encap",
    "seg6",
    "mode",
    "encap.red",
    "segs",
    sid,
    "dev",
    "s-p",
  );
  const args = ["-6", "-n", "-c", String(PINGS), "-i", String(PING_INTERVAL_S), "-I", LOOPBACK.s, address];
  const output = await mustRun("ip", [...network.inside("s"), "ping", ...args], {
    signal,
    timeoutMs: PATIENCE_MS,
  });
  return [...output.matchAll(/time=([\d.]+) ms/g)].map(([, ms]) => Number(ms));
}

async function run({ progress, signal, count: cycles = CYCLES }: BenchContext): Promise<BenchResult> {
  await using network = await startEgressNetwork(SLOW_US);
  progress.step(
    `epe-probe: ${DESTINATIONS} x ${PEERS.length} x ${PROBES}, ${cycles} cycles of ${CYCLE_MS / 1000} s after one`,
  );
  const { cells, cpuMs, figures } = await probe(network, measure({}), cycles);
  progress.step("epe-probe: as many echoes by fping");
  const peer = await fping(network, signal);
  progress.step("epe-probe: round trips beside ping");
  const ways = [
    { name: "four routers", peer: 0, address: addressOf(DESTINATIONS), sid: SEGMENT.f },
    { name: "4 ms away", peer: 1, address: addressOf(DESTINATIONS + 1), sid: SEGMENT.g },
  ];
  const part = measure({
    cycleMs: PAIRED_CYCLE_MS,
    probes: PAIRED_PROBES,
    maxPacketsPerDestinationPerS: 100,
    destinations: ways.map(({ address, peer: position }) => ({
      address,
      protocol: "icmp6",
      peers: [position],
    })),
  });
  const [ours, ...pings] = await Promise.all([
    probe(network, part, PAIRED_CYCLES),
    ...ways.map(({ address, sid }) => ping(network, address, sid, signal)),
  ]);
  const total = (of: (cell: EgressCell) => number): number => cells.reduce((sum, cell) => sum + of(cell), 0);
  const probes = total(({ sent }) => sent) + cells.filter(({ full }) => full !== undefined).length;
  const errors = ways.flatMap(({ name, peer: position }, i): Figure[] => {
    const rtts = ours.cells
      .filter((cell) => cell.peer === position)
      .flatMap(({ rttsUs }) => rttsUs.filter((rtt) => rtt >= 0));
    const theirs = (pings[i] ?? []).map((ms) => ms * 1000);
    const figure = (percent: number): Figure => ({
      name: `round trip, ${name}: p${percent}`,
      unit: "µs",
      value: percentile(rtts, percent),
      samples: rtts.length,
      peer: { name: "ping", value: percentile(theirs, percent) },
    });
    const error = {
      name: `round trip, ${name}: error of the median`,
      unit: "µs",
      aim: "50 at most",
    } as const;
    return [
      figure(50),
      figure(90),
      { ...error, value: Math.abs(median(rtts) - median(theirs)), samples: theirs.length },
    ];
  });
  return {
    figures: [
      { name: "probes sent a cycle", unit: "packets", value: probes / cycles },
      { name: "not answered, in all", unit: "packets", value: total(({ lost }) => lost), aim: "0" },
      {
        name: "not sent, in all",
        unit: "packets",
        value: total(({ unsent }) => unsent) + figures.refused,
        aim: "0",
      },
      {
        name: "readings after which answers may be missing",
        unit: "packets",
        value: figures.doubtful,
        aim: "0",
      },
      {
        name: "CPU of 1,000 probes, kernel's included",
        unit: "ms",
        value: (cpuMs / probes) * 1000,
        peer: { name: "fping", value: (peer.cpuMs / peer.sent) * 1000 },
      },
      { name: "CPU, of one core", unit: "%", value: (cpuMs / (cycles * CYCLE_MS)) * 100 },
      ...errors,
    ],
    setting: {
      destinations: DESTINATIONS,
      peers: PEERS.length,
      probes: PROBES,
      "cycle, s": CYCLE_MS / 1000,
      cycles,
      "full size, octets": 1_300,
      peer: (await mustRun("fping", ["--version"])).split("\n")[0] ?? "",
    },
    notes: [
      "The agent's own prober in a process of its own, telling each cycle as JSON; four routers of this kernel on the way, which loses",
      "nothing: whatever is missing the prober lost. Packets are forwarded in the sender's time, so that is in its CPU, and in fping's.",
      `Probes a second of CPU: ${Math.round(probes / (cpuMs / 1000))}, fping ${Math.round(peer.sent / (peer.cpuMs / 1000))} (${peer.sent} echoes, by one way out instead of four).`,
      "ping: by the same SID and at the same time, from an encap route of its own in the prober's namespace.",
    ],
  };
}

export const epeProbeCase: BenchCase = {
  name: "epe-probe",
  summary: "measuring 1,000 destinations by 4 egress peers in 30 s, beside fping and ping",
  run,
};
