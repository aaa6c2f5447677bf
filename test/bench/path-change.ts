import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { PathsAnswer } from "@vsix/controller/http/routes-watch.ts";
import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import type { PathNotice } from "@vsix/shared/notify/notice.ts";
import { waitConverged } from "../lab/converge.ts";
import { ctl, ctlJson, runCtl } from "../lab/ctl.ts";
import { HookReceiver } from "../lab/hook-receiver.ts";
import { type Lab, removeLab } from "../lab/lab.ts";
import { REPOSITORY } from "../lab/names.ts";
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
  /** The first route of the Edge that left by the other plane. */
  readonly routeAt: number;
  /** The last packet that still did by the old one. */
  readonly packetAt: number;
  /** The notice at the receiver. */
  readonly toldAt: number;
}

interface Setting {
  readonly lab: Lab;
  readonly edge: FabricNode;
  readonly target: FabricNode;
  readonly hook: HookReceiver;
  readonly watched: WatchedNode;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** An Edge's path leaves its plane and comes back; how long it takes until a receiver of notices hears of it. */
async function run({ progress, signal, count: changes = CHANGES }: BenchContext): Promise<BenchResult> {
  const name = `b${process.pid}pathchange`;
  try {
    const lab = await upLab(join(REPOSITORY, FABRIC), { name, progress, signal });
    await using hook = await HookReceiver.start(lab, PORT);
    const converge = (): Promise<number> => waitConverged(lab, { progress, signal });
    await tellReceivers({ lab, step: (text) => progress.step(text), converge }, [json("noc")]);
    const [edge, target] = [ownEdge(lab.fabric), anUpstream(lab.fabric)];
    const stream = { source: edge.loopback, destination: target.loopback };
    await using watched = await watchNode(lab, edge.name, stream);
    await using _flow = await startFlow({ lab, from: edge.name, to: target.name, ratePerS: RATE_PER_S });
    const done = await changeOften({ lab, edge, target, hook, watched, progress, signal }, changes);
    const figures = [
      ...figuresOf(
        "kernel's route to notice at the receiver",
        done.map(({ routeAt, toldAt }) => toldAt - routeAt),
        "under two cycles, 20000",
      ),
      ...figuresOf(
        "last packet by the old plane to notice at the receiver",
        done.map(({ packetAt, toldAt }) => toldAt - packetAt),
      ),
    ];
    return {
      figures,
      setting: {
        fabric: FABRIC,
        changes,
        "cycle, s": CYCLE_MS / 1000,
        "packets/s": RATE_PER_S,
      },
      notes: [
        "The Edge is steered at a random moment of the cycle. Its kernel's notification of the first route that leaves by the",
        "other plane, and the kernel's time of the last packet of a stream by the old one, are taken in its namespace; the",
        "notice when the receiver, a process beside the controller, has read the whole request. Two looks of three must agree.",
        "A source whose own routes change looks at once; a change further away would wait for its next trace, up to a cycle.",
      ],
    };
  } finally {
    await removeLab(name);
  }
}

async function changeOften(setting: Setting, changes: number): Promise<readonly Change[]> {
  const { lab, edge, progress, signal } = setting;
  const { home, away } = planesOf(lab.fabric, edge);
  const done: Change[] = [];
  while (done.length < changes) {
    const at = done.length % CHANGES_A_WATCH;
    if (at === 0) await beginAnew(setting, home);
    const [to, from] = at % 2 === 0 ? [away, home] : [home, away];
    progress.update(`path-change: ${done.length + 1} of ${changes}, to ${to}`);
    // At any moment of the cycle.
    await sleep(Math.random() * CYCLE_MS, undefined, { signal });
    done.push(await changeOnce(setting, to, from));
  }
  progress.step(`path-change: ${done.length} changes done`);
  return done;
}

/** The watch forgets what it knew, and has seen since that all is as expected. */
async function beginAnew({ lab, edge, target, hook, signal }: Setting, plane: string): Promise<void> {
  const file = join(lab.stateDir, "expected.yaml");
  const paths = async (): Promise<PathsAnswer["paths"]> =>
    ((await ctlJson(lab, ["path", "list"], { signal })) as PathsAnswer).paths;
  if ((await paths()).length > 0) await ctl(lab, ["path", "clear"], { signal });
  await steer(lab, edge.name, plane, signal);
  const path = [
    `  - source: ${edge.name}`,
    `    target: { name: ${target.name}, address: "${target.loopback}" }`,
    `    allowed: [[plane: ${plane}, ...]]`,
  ];
  await writeFile(file, ["version: 1", "paths:", ...path].join("\n"));
  await ctl(lab, ["path", "apply", file], { signal });
  const isWell = async (): Promise<boolean> =>
    (await paths()).some((one) => one.source === edge.name && one.current?.kind === "as-expected");
  for (const end = performance.now() + PATIENCE_MS; !(await isWell()); ) {
    if (performance.now() > end) throw new Error(`${edge.name} to ${target.name} is not seen as expected`);
    await sleep(200, undefined, { signal });
  }
  hook.requests.splice(0);
}

async function changeOnce(
  { lab, edge, target, hook, watched, signal }: Setting,
  to: string,
  from: string,
): Promise<Change> {
  const told = (): readonly PathNotice[] =>
    hook.taken("/noc", SECRET).filter((notice) => notice.kind === "path");
  const had = told().length;
  watched.reset();
  await steer(lab, edge.name, to, signal);
  await hook.until(() => told().length > had, PATIENCE_MS, signal);
  const notice = told()[had];
  const request = hook.requests.find(({ body }) => notice !== undefined && body.includes(notice.id));
  if (request === undefined) throw new Error(`nobody was told of ${edge.name} to ${target.name}`);
  const portOn = (plane: string): string =>
    adjacenciesOf(lab.fabric, edge.name).find(({ peer }) => peer.plane === plane)?.self.interface ?? "";
  const [port, old] = [portOn(to), portOn(from)];
  const [route, packet, after] = [watched.movedTo(port), watched.packetsBy(old), watched.packetsBy(port)];
  if (route === undefined || packet === undefined || after === undefined || after.lastNs < packet.lastNs)
    throw new Error(`the kernel of ${edge.name} was not seen to change from ${old} to ${port}`);
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
