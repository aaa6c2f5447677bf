import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { waitConverged } from "../lab/converge.ts";
import { healCable, silenceCable } from "../lab/faults.ts";
import { removeLab } from "../lab/lab.ts";
import { REPOSITORY } from "../lab/names.ts";
import { anUpstream, ownEdge, planesOf } from "../lab/scenarios/pick.ts";
import { startFlows, stopFlows } from "../lab/traffic.ts";
import { upLab } from "../lab/up.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import { median, percentile, spread } from "./statistics.ts";

const FABRIC = "examples/quick.yaml";
const ROUNDS = 20;
const RATE_PER_S = 1000;
const REPAIRED_WITHIN_MS = 4000;
/** The Edge goes back to the link that is whole again, and what the kernels cached is past. */
const BETWEEN_MS = 3000;

/** Packets lost while a link that carries them drops everything, until they go by another: at 1000/s, milliseconds. */
async function run({ progress, signal, count: rounds = ROUNDS }: BenchContext): Promise<BenchResult> {
  const name = `b${process.pid}silentlink`;
  try {
    const lab = await upLab(join(REPOSITORY, FABRIC), { name, progress, signal });
    const { fabric } = lab;
    const [edge, upstream] = [ownEdge(fabric), anUpstream(fabric)];
    const { home } = planesOf(fabric, edge);
    const routers = new Set(fabric.nodes.filter((node) => node.plane === home).map((node) => node.name));
    // On the way of the Edge's traffic: its own link to its plane, and the plane's to the External Edge, in turn.
    const links = fabric.links.filter(
      ({ ends, kind }) =>
        ends.some(({ node }) => routers.has(node)) &&
        (kind === "plane-external" || ends.some(({ node }) => node === edge.name)),
    );
    const lost = new Map<string, number[]>();
    for (let round = 0; round < rounds; round++) {
      const link = links[round % links.length];
      if (link === undefined) throw new Error(`${edge.name} has no link to ${home}`);
      progress.update(`silent-link: ${round + 1} of ${rounds}, ${link.name}`);
      const flows = await startFlows(lab, edge.name, upstream.name, RATE_PER_S);
      await sleep(500 + Math.random() * 200, undefined, { signal });
      await silenceCable(lab, link.ends[0]);
      await sleep(REPAIRED_WITHIN_MS, undefined, { signal });
      for (const flow of await stopFlows(flows)) {
        const key = `${flow.label}, ${link.name}`;
        lost.set(key, [...(lost.get(key) ?? []), flow.lost]);
      }
      await healCable(lab, link.ends[0]);
      await sleep(BETWEEN_MS, undefined, { signal });
      await waitConverged(lab, { progress, signal });
      await sleep(BETWEEN_MS, undefined, { signal });
    }
    return {
      figures: [...lost].flatMap(([key, samples]) => figuresOf(key, samples)),
      setting: {
        fabric: FABRIC,
        rounds,
        "packets/s each way": RATE_PER_S,
        "BFD interval, ms": fabric.policy.bfd.intervalMs,
        "BFD multiplier": fabric.policy.bfd.multiplier,
      },
      notes: ["Packets that never came, from silence to repaired forwarding: 1,000 are a second."],
    };
  } finally {
    await removeLab(name);
  }
}

function figuresOf(key: string, samples: readonly number[]): Figure[] {
  const shared = { unit: "packets", samples: samples.length, ...spread(samples) } as const;
  return [
    { name: `${key}: lost, p50`, value: median(samples), ...shared },
    { name: `${key}: lost, p99`, value: percentile(samples, 99), ...shared, aim: "under 1000" },
  ];
}

export const silentLinkCase: BenchCase = {
  name: "silent-link",
  summary: "a link in the way of traffic falls silent; packets lost until it goes another way",
  run,
};
