import { randomInt } from "node:crypto";
import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import { runCtl } from "../ctl.ts";
import { killProgram, programsOf, waitRestarted } from "../faults.ts";
import { LabError } from "../lab-error.ts";
import type { ProgramName } from "../programs.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
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

async function hung(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const [edge, router] = edgeAndRouter(context);
  const { home } = planesOf(lab.fabric, edge);
  const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
  await context.sleep(500);
  const timesMs: Record<string, number> = {};
  for (const { name } of [router, edge]) {
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
  return { flows: await context.account(flows), timesMs };
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
    summary: "gobgpd stops answering for longer than the hold time and goes on; forwarding never stops",
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
