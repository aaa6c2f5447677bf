import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { ctlJson } from "../lab/ctl.ts";
import { type Lab, removeLab } from "../lab/lab.ts";
import { anUpstream, ownEdge, planesOf } from "../lab/scenarios/pick.ts";
import { startFlows, stopFlows } from "../lab/traffic.ts";
import { upLab } from "../lab/up.ts";
import { announceTable, OUTSIDE } from "../lab/upstream-table.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import { cpuTimes } from "./cpu.ts";
import { median, percentile, spread } from "./statistics.ts";
import { writeFabric } from "./steer-fabric.ts";
import { type MoveTimes, timeOneMove } from "./steer-moves.ts";
import { watchNode } from "./watched-node.ts";

const MOVES = 50;
const RATE_PER_S = 1000;
/** How many of a program's milliseconds a move are worth a line. */
const CPU_WORTH_MS = 5;

/** 50 moves of an Edge that hears `routes` routes, under traffic both ways; times from what the kernels say. */
function steerCase(name: string, routes: 1 | 10_000): BenchCase {
  const run = async ({ progress, signal, count: moves = MOVES }: BenchContext): Promise<BenchResult> => {
    const directory = await mkdtemp(join(tmpdir(), "vsix-bench-"));
    const labName = `b${process.pid}${name.replaceAll("-", "")}`;
    try {
      const file = await writeFabric(directory, "edge-1", routes);
      const lab = await upLab(file, { name: labName, progress, signal });
      const { fabric } = lab;
      const [edge, upstream] = [ownEdge(fabric), anUpstream(fabric)];
      const external = externalEdgeOf(fabric, upstream.name);
      const stream = (source: string, destination: string) => ({ source, destination });
      await using atEdge = await watchNode(lab, edge.name, stream(edge.loopback, upstream.loopback));
      await using atExternal = await watchNode(lab, external, stream(upstream.loopback, edge.loopback));
      if (routes > 1) {
        progress.step(`${name}: ${upstream.name} announces ${routes} prefixes more`);
        await announceTable(lab, upstream.name, routes, edge.name, signal);
      }
      await sleep(2000, undefined, { signal });
      const startUp = await timeStartUp(lab);
      const { home, away } = planesOf(fabric, edge);
      const flows = await startFlows(lab, edge.name, upstream.name, RATE_PER_S);
      const cpuBefore = await cpuTimes(lab);
      const done: MoveTimes[] = [];
      try {
        for (let move = 0; move < moves; move++) {
          const [plane, old] = move % 2 === 0 ? [away, home] : [home, away];
          const portsOf = (node: string) => ({
            to: portTo(fabric, node, plane),
            from: portTo(fabric, node, old),
          });
          progress.update(`${name}: move ${move + 1} of ${moves}, to ${plane}`);
          const times = await timeOneMove({
            lab,
            edge: edge.name,
            plane,
            watched: { edge: atEdge, externalEdge: atExternal },
            ports: { edge: portsOf(edge.name), externalEdge: portsOf(external) },
            moving: routes > 1 ? [OUTSIDE] : ["default"],
            signal,
          });
          done.push(times);
        }
      } finally {
        progress.step(`${name}: ${done.length} moves done`);
      }
      const cpu = perMove(cpuBefore, await cpuTimes(lab), moves);
      const counted = await stopFlows(flows);
      return {
        figures: [
          ...timesOf(
            "command to last moved route",
            done.map((t) => t.last),
            "p99 ≤ 250 ms",
          ),
          ...timesOf(
            "command to last packet of the Edge by the old plane",
            done.map((t) => t.edgePacket),
            "p99 ≤ 250 ms",
          ),
          ...timesOf(
            "command to last packet of the External Edge by the old plane",
            done.map((t) => t.externalPacket),
            "p99 ≤ 250 ms",
          ),
          ...timesOf(
            "command to first route of the Edge",
            done.map((t) => t.edgeFirst),
          ),
          ...timesOf(
            "command to last route of the Edge",
            done.map((t) => t.edgeLast),
          ),
          ...timesOf(
            "command to last route of the External Edge",
            done.map((t) => t.externalLast),
          ),
          ...timesOf(
            "command until it has seen the move",
            done.map((t) => t.command),
          ),
          {
            name: "moves that the command did not see in its time",
            unit: "moves",
            value: done.filter((t) => !t.observed).length,
          },
          { name: "of which vsixctl starting, p50", unit: "ms", value: startUp },
          ...counted.flatMap(({ label, sent, lost }): Figure[] => [
            { name: `${label}: sent`, unit: "packets", value: sent },
            { name: `${label}: lost`, unit: "packets", value: lost, aim: "0" },
          ]),
          ...cpu,
        ],
        setting: {
          fabric: "examples/quick.yaml",
          moves,
          "packets/s each way": RATE_PER_S,
          "routes of the Edge seen moving, p50": median(done.map((t) => t.routes)),
          "of which by a nexthop object, p50": median(done.map((t) => t.byObject)),
        },
        notes: [
          "Times of routes are of notifications of routes and nexthop objects, read in the Edge's and the External Edge's",
          "namespaces: a route moves when it leaves by another device. Those of packets are the kernel's, of the streams.",
          ...(atEdge.overrun || atExternal.overrun ? ["Notifications were lost: a count is too low."] : []),
        ],
      };
    } finally {
      await removeLab(labName);
      await rm(directory, { recursive: true });
    }
  };
  return { name, summary: `an Edge with ${routes} route${routes > 1 ? "s" : ""} moves between planes`, run };
}

function timesOf(name: string, samples: readonly number[], aim?: string): Figure[] {
  const shared = { unit: "ms", samples: samples.length, ...spread(samples) } as const;
  return [
    { name: `${name}, p50`, value: median(samples), ...shared },
    {
      name: `${name}, p99`,
      value: percentile(samples, 99),
      ...shared,
      ...(aim === undefined ? {} : { aim }),
    },
  ];
}

/** Median of five commands that only ask: node, the file's imports, one request. */
async function timeStartUp(lab: Lab): Promise<number> {
  const samples: number[] = [];
  for (let i = 0; i < 5; i++) {
    const started = performance.now();
    await ctlJson(lab, ["edge", "list"]);
    samples.push(performance.now() - started);
  }
  return median(samples);
}

function perMove(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  moves: number,
): Figure[] {
  return [...after]
    .map(
      ([key, ms]): Figure => ({
        name: `CPU a move, ${key}`,
        unit: "ms",
        value: (ms - (before.get(key) ?? 0)) / moves,
      }),
    )
    .filter(({ value }) => value >= CPU_WORTH_MS)
    .toSorted((a, b) => b.value - a.value);
}

function externalEdgeOf(fabric: Fabric, upstream: string): string {
  const link = fabric.links.find((l) => l.kind === "upstream" && l.ends.some((end) => end.node === upstream));
  return need(link?.ends.find((end) => end.node !== upstream)?.node, `External Edge of ${upstream}`);
}

/** A node's interface to its first router of a plane. */
function portTo(fabric: Fabric, node: string, plane: string): string {
  const routers = new Set(fabric.nodes.filter((n) => n.plane === plane).map((n) => n.name));
  const link = fabric.links.find(
    (l) => l.ends.some((end) => end.node === node) && l.ends.some((end) => routers.has(end.node)),
  );
  return need(link?.ends.find((end) => end.node === node)?.interface, `port of ${node} to ${plane}`);
}

function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`this fabric has no ${what}`);
  return value;
}

export const STEER_CASES: readonly BenchCase[] = [steerCase("steer-1", 1), steerCase("steer-10000", 10_000)];
