import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { edgesOf } from "@vsix/shared/fabric/query.ts";
import { ApiClient } from "../../controller/src/cli/client.ts";
import type { ClaimReply } from "../../controller/src/http/routes-identity.ts";
import type { RolloutView } from "../../controller/src/status/rollout-model.ts";
import { Bench, freePort } from "../controller/harness.ts";
import type { Progress } from "../lab/progress.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import { HOME, largeFabric, OTHER } from "./large-fabric.ts";
import { cpuMs, memoryMb, ownCpuMs } from "./process-figures.ts";
import { SimulatedFleet } from "./simulated-fleet.ts";
import { median, percentile, spread } from "./statistics.ts";

const EDGES = 1000;
const ROUNDS = 5;
/** For anything that is waited for. */
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 20;

interface Round {
  /** From pressing abort to each node's having taken its manifest. */
  readonly takenMs: readonly number[];
  /** Until vsixctl has ended: the controller has answered. */
  readonly answeredMs: number;
  /** Until the controller knows that everybody was seen back. */
  readonly seenMs: number;
  readonly controllerCpuMs: number;
  readonly fakesCpuMs: number;
}

/** 1,000 Edges were moved by a rollout; how long it takes to lead all of them back once somebody presses abort. */
async function run({ progress, signal, count: rounds = ROUNDS }: BenchContext): Promise<BenchResult> {
  const yaml = largeFabric(EDGES);
  const parsed = parseFabric(yaml, "large.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults.slice(0, 3)));
  const { fabric } = parsed;
  await using bench = await tlsBench();
  await bench.start();
  progress.step(`rollout-abort: ${EDGES} Edges, ${rounds} rounds`);
  const file = join(bench.directory, "large.yaml");
  await writeFile(file, yaml);
  const applied = await bench.vsixctl("apply", file);
  if (applied.code !== 0) throw new Error(`apply: ${applied.stdout}${applied.stderr}`);
  const api = new ApiClient({ socket: bench.socket }, "bench");
  const claim = async (node: string): Promise<string> =>
    (await api.post<ClaimReply>(`/v1/nodes/${node}/enrol`, { ttlS: 600 })).token;
  const began = performance.now();
  await using fleet = await SimulatedFleet.start({ fabric, claim, progress, signal });
  await until("every node holds its document", signal, () => fleet.holding === fleet.size);
  const setUpMs = performance.now() - began;
  const measured: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    progress.step(`rollout-abort: round ${round + 1} of ${rounds}`);
    measured.push(await abortOnce({ bench, fleet, fabric, progress, signal }));
  }
  const { refusals } = fleet;
  if (refusals.length > 0) throw new Error(`refused: ${refusals.slice(0, 3).join("; ")}`);
  return {
    figures: figuresOf(measured, await memoryMb(bench.pid)),
    setting: {
      Edges: EDGES,
      "simulated nodes": fleet.size,
      rounds,
      "enrolled and connected in, s": Math.round(setUpMs / 1000),
    },
    notes: [
      "Nodes are FAKES: the agent's own control side (identity, mutual TLS, signatures, generations, document on a disk in memory)",
      "and no router behind it. All of them live in one process on this machine, so their work is in these times; a real node has",
      "its own. Taken: verified, compiled once and kept. The time begins before the vsixctl process starts.",
    ],
  };
}

interface Setting {
  readonly bench: Bench;
  readonly fleet: SimulatedFleet;
  readonly fabric: Fabric;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

async function abortOnce({ bench, fleet, fabric, progress, signal }: Setting): Promise<Round> {
  const api = new ApiClient({ socket: bench.socket }, "bench");
  const edges = edgesOf(fabric);
  const settings = { intervalMs: 60_000, rehearsalMs: 1000, moveMs: 120_000, deadlineMs: 3_600_000 };
  const { id } = await api.post<RolloutView>("/v1/rollouts", { to: OTHER, steps: "1,100%", ...settings });
  const show = async (): Promise<RolloutView> => api.get<RolloutView>(`/v1/rollouts/${id}`);
  // Baseline, there, back and the canary's step: nobody waits for the judge, whom this is not about.
  for (let left = 4; left > 0; left--) {
    progress.update(`rollout ${id}: ${left} stages before everybody moves`);
    await until("the stage is seen", signal, async () => (await show()).seen);
    await api.post(`/v1/rollouts/${id}/promote`, {});
  }
  progress.update(`rollout ${id}: everybody moves`);
  await until("everybody is seen on the new plane", signal, async () => {
    const { seen, stage, step, why } = await show();
    if (stage !== "step") throw new Error(`the rollout is ${stage}: ${why}`);
    return seen && step === 2 && fleet.on(OTHER) === edges.length;
  });
  fleet.forget();
  const names = [
    ...edges.map(({ name }) => name),
    ...fabric.nodes.filter(({ role }) => role === "plane").map(({ name }) => name),
  ];
  const before = { controller: await cpuMs(bench.pid), fakes: ownCpuMs(), at: performance.now() };
  const ran = await bench.vsixctl("rollout", "abort", String(id));
  const answeredMs = performance.now() - before.at;
  let taken: readonly number[] | undefined;
  await until("every node has taken its manifest", signal, () => {
    taken = fleet.takenBy(names);
    return taken !== undefined;
  });
  await until("everybody is seen back", signal, async () => (await show()).stage === "aborted");
  const seenMs = performance.now() - before.at;
  if (ran.code !== 0) throw new Error(`abort: ${ran.stdout}${ran.stderr}`);
  if (fleet.on(HOME) !== edges.length) throw new Error(`only ${fleet.on(HOME)} Edges are back`);
  return {
    takenMs: (taken ?? []).map((atMs) => atMs - before.at),
    answeredMs,
    seenMs,
    controllerCpuMs: (await cpuMs(bench.pid)) - before.controller,
    fakesCpuMs: ownCpuMs() - before.fakes,
  };
}

function figuresOf(rounds: readonly Round[], rssMb: number): Figure[] {
  const of = (name: string, samples: readonly number[]): Figure => ({
    name,
    unit: "ms",
    value: median(samples),
    samples: samples.length,
    ...spread(samples),
  });
  const all = rounds.flatMap(({ takenMs }) => takenMs);
  return [
    of("abort to a node's manifest taken, p50", all),
    { ...of("abort to a node's manifest taken, p99", all), value: percentile(all, 99) },
    of(
      "abort to the first node's",
      rounds.map(({ takenMs }) => Math.min(...takenMs)),
    ),
    of(
      "abort to the last node's",
      rounds.map(({ takenMs }) => Math.max(...takenMs)),
    ),
    of(
      "abort until the controller knows that everybody is back",
      rounds.map(({ seenMs }) => seenMs),
    ),
    of(
      "abort until vsixctl has its answer and ends",
      rounds.map(({ answeredMs }) => answeredMs),
    ),
    of(
      "CPU of the controller, an abort",
      rounds.map(({ controllerCpuMs }) => controllerCpuMs),
    ),
    of(
      "CPU of all fakes together, an abort",
      rounds.map(({ fakesCpuMs }) => fakesCpuMs),
    ),
    { name: "RSS of the controller, at the end", unit: "MB", value: rssMb },
  ];
}

async function tlsBench(): Promise<Bench> {
  const [mqtt, enrol] = [await freePort(), await freePort()];
  return Bench.make(undefined, {
    mqtt: { listen: { host: "127.0.0.1", port: mqtt }, tls: true },
    enrol: { host: "127.0.0.1", port: enrol },
    tls: { names: ["127.0.0.1"] },
    leaseMs: 60_000,
  });
}

async function until(
  what: string,
  signal: AbortSignal,
  check: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

export const rolloutAbortCase: BenchCase = {
  name: "rollout-abort",
  summary: "1,000 Edges (simulated nodes) were moved by a rollout, and are led back at once",
  run,
};
