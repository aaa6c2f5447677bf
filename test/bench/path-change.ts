import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PathsAnswer } from "@vsix/controller/http/routes-watch.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import type { PathNotice } from "@vsix/shared/notify/notice.ts";
import { waitConverged } from "../lab/converge.ts";
import { ctl, ctlJson, runCtl } from "../lab/ctl.ts";
import { HookReceiver } from "../lab/hook-receiver.ts";
import { type Lab, removeLab } from "../lab/lab.ts";
import { REPOSITORY } from "../lab/names.ts";
import { controllerNode } from "../lab/programs.ts";
import type { Progress } from "../lab/progress.ts";
import { anUpstream, ownEdge, planesOf } from "../lab/scenarios/pick.ts";
import { json, PORT, SECRET, tellReceivers } from "../lab/scenarios/receivers.ts";
import { startFlow } from "../lab/traffic.ts";
import { upLab } from "../lab/up.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import { median, spread } from "./statistics.ts";
import { type WatchedNode, watchNode } from "./watched-node.ts";

const FABRIC = "examples/quick.yaml";
const CHANGES = 18;
/** A fourth within minutes would be told as flapping: the watch begins anew after three. */
const CHANGES_A_WATCH = 3;
const RATE_PER_S = 200;
/** As it is where a file says nothing: `defaults.intervalS` of expected paths. */
const CYCLE_MS = 10_000;
/** Exit status of vsixctl when everything is published but was not observed in its time. */
const NOT_SEEN = 4;
/** For what must come within two cycles. */
const PATIENCE_MS = 60_000;

/** One change of path; milliseconds of the wall clock, of one machine. */
interface Change {
  /** The first route of the watched kernel that left by another device. */
  readonly routeAt: number;
  /** The last packet that still left it by the old one. */
  readonly packetAt: number;
  /** The notice at the receiver. */
  readonly toldAt: number;
}

/** A path, and whose kernel changes it when an Edge is steered. */
interface Cast {
  readonly what: string;
  readonly source: FabricNode;
  readonly target: FabricNode;
  readonly allowed: string;
  readonly steered: FabricNode;
  readonly watchedNode: string;
  /** The port of the watched node by which the path goes while the Edge is on this plane. */
  readonly portOn: (plane: string) => string;
}

interface Setting {
  readonly lab: Lab;
  readonly cast: Cast;
  readonly hook: HookReceiver;
  readonly watched: WatchedNode;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * The Edge's own path to an upstream, whose traces it hurries when its routes change; and another Edge's path to it, where
 * only the plane's router changes and nobody tells the one who traces.
 */
function castsOf(fabric: Fabric): readonly Cast[] {
  const [edge, upstream, other] = [ownEdge(fabric), anUpstream(fabric), controllerNode(fabric)];
  const { home } = planesOf(fabric, edge);
  const router = adjacenciesOf(fabric, edge.name).find(({ peer }) => peer.plane === home)?.peer;
  if (router === undefined) throw new Error(`${edge.name} has no link to ${home}`);
  const portTo = (node: string, fits: (peer: FabricNode) => boolean): string =>
    adjacenciesOf(fabric, node).find(({ peer }) => fits(peer))?.self.interface ?? "";
  return [
    {
      what: "changed by its source",
      source: edge,
      target: upstream,
      allowed: `[plane: ${home}, ...]`,
      steered: edge,
      watchedNode: edge.name,
      portOn: (plane) => portTo(edge.name, (peer) => peer.plane === plane),
    },
    {
      what: "changed by a router on the way",
      source: other,
      target: edge,
      allowed: `[${router.name}]`,
      steered: edge,
      watchedNode: router.name,
      portOn: (plane) =>
        portTo(router.name, (peer) =>
          plane === home ? peer.name === edge.name : peer.role === "external-edge",
        ),
    },
  ];
}

/** An Edge's path leaves its plane and comes back; how long it takes until a receiver of notices hears of it. */
async function run({ progress, signal, count: changes = CHANGES }: BenchContext): Promise<BenchResult> {
  const name = `b${process.pid}pathchange`;
  try {
    const lab = await upLab(join(REPOSITORY, FABRIC), { name, progress, signal });
    await using hook = await HookReceiver.start(lab, PORT);
    const converge = (): Promise<number> => waitConverged(lab, { progress, signal });
    await tellReceivers({ lab, step: (text) => progress.step(text), converge }, [json("noc")]);
    const figures: Figure[] = [];
    for (const cast of castsOf(lab.fabric)) {
      const { source, target, watchedNode } = cast;
      const stream = { source: source.loopback, destination: target.loopback };
      await using watched = await watchNode(lab, watchedNode, stream);
      await using _flow = await startFlow({ lab, from: source.name, to: target.name, ratePerS: RATE_PER_S });
      const done = await changeOften({ lab, cast, hook, watched, progress, signal }, changes);
      figures.push(
        ...figuresOf(
          `${cast.what}: kernel's route to notice`,
          done.map(({ routeAt, toldAt }) => toldAt - routeAt),
          "under two cycles, 20000",
        ),
        ...figuresOf(
          `${cast.what}: last packet by the old way to notice`,
          done.map(({ packetAt, toldAt }) => toldAt - packetAt),
        ),
      );
    }
    return {
      figures,
      setting: {
        fabric: FABRIC,
        "changes of each": changes,
        "cycle, s": CYCLE_MS / 1000,
        "packets/s": RATE_PER_S,
      },
      notes: [
        "An Edge is steered at a random moment of the cycle. The kernel's notification of the first route that leaves by another",
        "device, and the kernel's time of the last packet of a stream by the old one, are taken in the namespace of the router",
        "whose routes change; the notice when the receiver, a process beside the controller, has read the whole request. Two",
        "looks of three must agree. A source whose own routes change looks at once; else its next trace in turn shows it.",
      ],
    };
  } finally {
    await removeLab(name);
  }
}

async function changeOften(setting: Setting, changes: number): Promise<readonly Change[]> {
  const { lab, cast, progress, signal } = setting;
  const { home, away } = planesOf(lab.fabric, cast.steered);
  const done: Change[] = [];
  while (done.length < changes) {
    const at = done.length % CHANGES_A_WATCH;
    if (at === 0) await beginAnew(setting, home);
    const [to, from] = at % 2 === 0 ? [away, home] : [home, away];
    progress.update(`path-change, ${cast.what}: ${done.length + 1} of ${changes}`);
    // At any moment of the cycle.
    await sleep(Math.random() * CYCLE_MS, undefined, { signal });
    done.push(await changeOnce(setting, to, from));
  }
  progress.step(`path-change, ${cast.what}: ${done.length} changes done`);
  return done;
}

/** The watch forgets what it knew, and has seen since that all is as expected. */
async function beginAnew({ lab, cast, hook, signal }: Setting, plane: string): Promise<void> {
  const { source, target, allowed, steered } = cast;
  const file = join(lab.stateDir, "expected.yaml");
  const paths = async (): Promise<PathsAnswer["paths"]> =>
    ((await ctlJson(lab, ["path", "list"], { signal })) as PathsAnswer).paths;
  if ((await paths()).length > 0) await ctl(lab, ["path", "clear"], { signal });
  await steer(lab, steered.name, plane, signal);
  const path = [
    `  - source: ${source.name}`,
    `    target: { name: ${target.name}, address: "${target.loopback}" }`,
    `    allowed: [${allowed}]`,
  ];
  await writeFile(file, ["version: 1", "paths:", ...path].join("\n"));
  await ctl(lab, ["path", "apply", file], { signal });
  const isWell = async (): Promise<boolean> =>
    (await paths()).some((one) => one.source === source.name && one.current?.kind === "as-expected");
  for (const end = performance.now() + PATIENCE_MS; !(await isWell()); ) {
    if (performance.now() > end) throw new Error(`${source.name} to ${target.name} is not seen as expected`);
    await sleep(200, undefined, { signal });
  }
  hook.requests.splice(0);
}

async function changeOnce(
  { lab, cast, hook, watched, signal }: Setting,
  to: string,
  from: string,
): Promise<Change> {
  const told = (): readonly PathNotice[] =>
    hook.taken("/noc", SECRET).filter((notice) => notice.kind === "path");
  const had = told().length;
  watched.reset();
  await steer(lab, cast.steered.name, to, signal);
  await hook.until(() => told().length > had, PATIENCE_MS, signal);
  const notice = told()[had];
  const request = hook.requests.find(({ body }) => notice !== undefined && body.includes(notice.id));
  if (request === undefined) throw new Error(`nobody was told of ${cast.source.name} to ${cast.target.name}`);
  const [port, old] = [cast.portOn(to), cast.portOn(from)];
  const [route, packet, after] = [watched.movedTo(port), watched.packetsBy(old), watched.packetsBy(port)];
  if (route === undefined || packet === undefined || after === undefined || after.lastNs < packet.lastNs)
    throw new Error(`the kernel of ${cast.watchedNode} was not seen to change from ${old} to ${port}`);
  return { routeAt: wallMs(route.firstNs), packetAt: wallMs(packet.lastNs), toldAt: request.at };
}

/** Whether it is seen there is not asked: the receiver's notice says so. */
async function steer(lab: Lab, edge: string, plane: string, signal: AbortSignal): Promise<void> {
  const { code, stderr } = await runCtl(lab, ["edge", "steer", edge, "--plane", plane, "--wait", "0"], {
    signal,
  });
  if (code !== 0 && code !== NOT_SEEN) throw new Error(`steer: exit ${code}: ${stderr.trim().slice(-500)}`);
}

/** A moment of CLOCK_MONOTONIC by the wall clock. */
function wallMs(ns: bigint): number {
  return Date.now() - Number(process.hrtime.bigint() - ns) / 1e6;
}

function figuresOf(name: string, samples: readonly number[], aim?: string): Figure[] {
  const shared = { unit: "ms", samples: samples.length, ...spread(samples) } as const;
  return [
    { name: `${name}, p50`, value: median(samples), ...shared },
    { name: `${name}, worst`, value: shared.max, ...shared, ...(aim === undefined ? {} : { aim }) },
  ];
}

export const pathChangeCase: BenchCase = {
  name: "path-change",
  summary: "an Edge's path leaves its plane and comes back; time until a receiver of notices has been told",
  run,
};
