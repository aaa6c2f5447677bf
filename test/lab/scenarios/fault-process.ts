import { randomInt } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import { runCtl } from "../ctl.ts";
import { killProgram, programsOf, waitRestarted } from "../faults.ts";
import { LabError } from "../lab-error.ts";
import { logFile, type ProgramName } from "../programs.ts";
import type { Figures, Scenario } from "../scenario.ts";
import { DEFAULT_RATE_PER_S, type ScenarioContext } from "../scenario-context.ts";
import { checkPlanes } from "./moves.ts";
import { anUpstream, ownEdge, planesOf } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

/** The Edge and the plane router that its traffic passes. */
function edgeAndRouter({ lab: { fabric } }: ScenarioContext): readonly [FabricNode, FabricNode] {
  const edge = ownEdge(fabric);
  const { home } = planesOf(fabric, edge);
  const router = fabric.nodes.find(
    (n) => n.role === "plane" && n.plane === home && n.site === edge.site && n.software === "vsix",
  );
  if (router === undefined) throw new LabError("lab/scenario", "this fabric has no plane router at the Edge");
  return [edge, router];
}

async function signalProgram(
  { lab }: ScenarioContext,
  node: string,
  program: ProgramName,
  signal: "SIGSTOP" | "SIGCONT",
): Promise<void> {
  const pid = (await programsOf(lab, node)).find((one) => one.program === program)?.pid;
  if (typeof pid !== "number") throw new LabError("lab/supervisor", `${program} does not run on ${node}`);
  process.kill(pid, signal);
}

/** Longer than the hold time: neighbours have given up by then. */
const HUNG_PAST_HOLD_MS = 4_000;

/**
 * A neighbour that knocks while a gobgpd that hung is still in IDLE (5 s from where it notices that its sessions are over) is turned away
 * and takes that for the restart's end: GoBGP drops stale routes at any step back to IDLE (`nextStateIdle`, pkg/server/server.go), long
 * before the restart time that it was told. Routes are back with the session, after 5 s in IDLE and up to 10 until somebody knocks.
 */
const TURNED_AWAY = "Closed an accepted connection";
const BACK_WITHIN_S = 15;

async function turnedAwayBy({ lab }: ScenarioContext, nodes: readonly FabricNode[]): Promise<number> {
  const logs = await Promise.all(
    nodes.map(({ name }) => readFile(logFile(lab.name, name, "gobgpd"), "utf8")),
  );
  return logs.reduce((sum, log) => sum + log.split(TURNED_AWAY).length - 1, 0);
}

async function hung(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const [edge, router] = edgeAndRouter(context);
  const { home } = planesOf(lab.fabric, edge);
  const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
  await context.sleep(500);
  const timesMs: Record<string, number> = {};
  const hanging = [router, edge];
  const before = await turnedAwayBy(context, hanging);
  for (const { name } of hanging) {
    context.step(`gobgpd on ${name} hangs for longer than the hold time`);
    await signalProgram(context, name, "gobgpd", "SIGSTOP");
    try {
      await context.sleep(lab.fabric.policy.holdS * 1000 + HUNG_PAST_HOLD_MS);
    } finally {
      await signalProgram(context, name, "gobgpd", "SIGCONT");
    }
    context.step(`gobgpd on ${name} goes on`);
    await context.sleep(2000);
    timesMs[`converged ${name}`] = await context.converge(60_000);
  }
  await checkPlanes(context, edge.name, home, "afterwards");
  await checkPlansEmpty(context);
  const turnedAway = (await turnedAwayBy(context, hanging)) - before;
  if (turnedAway > 0)
    context.note(`GoBGP turned neighbours away ${turnedAway} times, and they dropped what they kept`);
  const lostAtMost = turnedAway > 0 ? BACK_WITHIN_S * DEFAULT_RATE_PER_S : 0;
  return { flows: await context.account(flows, lostAtMost), timesMs, other: { turnedAway } };
}

/** A kill falls at a random moment of this long after the command began: compiling, netlink, reading back, reporting. */
const APPLY_MS = 150;

/** Exit status of vsixctl when what it did was not observed in time. */
const NOT_SEEN = 4;

/** Steers to and fro; during each apply every agent that it concerns is killed, each at a random moment of its own. */
async function killedWhileApplying(context: ScenarioContext, rounds: number): Promise<Figures> {
  const { lab } = context;
  const edge = ownEdge(lab.fabric);
  const { home, away } = planesOf(lab.fabric, edge);
  const victims = lab.fabric.nodes
    .filter((n) => n.software === "vsix" && !n.controller)
    .map(({ name }) => name);
  const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
  await context.sleep(500);
  const atMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const plane = round % 2 === 0 ? away : home;
    context.step(
      `round ${round + 1} of ${rounds}: ${edge.name} to ${plane}, ${victims.length} agents killed meanwhile`,
    );
    const starts = new Map<string, number>();
    for (const name of victims) starts.set(name, await startsOf(context, name));
    const kills = victims.map(async (name) => {
      const ms = randomInt(APPLY_MS);
      atMs.push(ms);
      await context.sleep(ms);
      await killProgram(lab, name, "agent");
    });
    // Nobody waits to see it: an agent that is killed says nothing for a second.
    const steer = runCtl(lab, ["edge", "steer", edge.name, "--plane", plane, "--wait", "0"]);
    const [{ code, stderr }] = await Promise.all([steer, ...kills]);
    context.check(code === 0 || code === NOT_SEEN, `steering to ${plane}: exit ${code}: ${stderr.trim()}`);
    for (const name of victims) await waitRestarted(lab, name, "agent", starts.get(name) ?? 0);
    await context.converge(60_000);
    await checkPlanes(context, edge.name, plane, `after round ${round + 1}`);
  }
  await checkPlansEmpty(context);
  return { flows: await context.account(flows), other: { kills: atMs.length, killedAtMs: atMs } };
}

async function startsOf({ lab }: ScenarioContext, node: string): Promise<number> {
  return (await programsOf(lab, node)).find(({ program }) => program === "agent")?.starts ?? 0;
}

export const FAULT_PROCESS_SCENARIOS: readonly Scenario[] = [
  {
    name: "fault-gobgpd-hung",
    summary:
      "gobgpd stops answering for longer than the hold time and goes on; forwarding never stops, unless GoBGP turns a neighbour away",
    fabric: "examples/quick.yaml",
    run: hung,
  },
  {
    name: "fault-agent-killed",
    summary:
      "every agent is killed at a random moment of an apply, 12 kills; all is adopted and nothing is lost",
    fabric: "examples/quick.yaml",
    run: (context) => killedWhileApplying(context, 3),
  },
  {
    name: "fault-agent-killed-200",
    summary: "the same with 200 kills",
    fabric: "examples/quick.yaml",
    long: true,
    run: (context) => killedWhileApplying(context, 50),
  },
];
