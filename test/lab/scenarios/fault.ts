import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import {
  healCable,
  killProgram,
  programsOf,
  pullCable,
  startProgram,
  stopProgram,
  waitRestarted,
} from "../faults.ts";
import type { ProgramName } from "../programs.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { checkPlanes } from "./moves.ts";
import { anUpstream, controllerNodeName, ownEdge, planesOf } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

/** A program ends on each of these nodes in turn while traffic runs; it comes back, and nothing was lost. */
async function restarted(
  context: ScenarioContext,
  program: ProgramName,
  nodes: readonly string[],
  afterwards?: (edge: FabricNode) => Promise<void>,
  how: "killed" | "stopped" = "killed",
  lostAtMost = 0,
): Promise<Figures> {
  const { lab } = context;
  const edge = ownEdge(lab.fabric);
  const upstream = anUpstream(lab.fabric);
  const flows = await context.flows(edge.name, upstream.name);
  await context.sleep(500);
  const timesMs: Record<string, number> = {};
  for (const node of nodes) {
    const starts = (await programsOf(lab, node)).find((p) => p.program === program)?.starts ?? 0;
    context.step(`${program} on ${node} is ${how}`);
    if (how === "killed") await killProgram(lab, node, program);
    else {
      await stopProgram(lab, node, program);
      await startProgram(lab, node, program);
    }
    await waitRestarted(lab, node, program, starts);
    await context.sleep(2000);
    timesMs[`converged ${node}`] = await context.converge(60_000);
  }
  await afterwards?.(edge);
  await checkPlansEmpty(context);
  return { flows: await context.account(flows, lostAtMost), timesMs };
}

/** Every node of ours that the traffic of the Edge can pass, the Edge first. */
function onThePath(context: ScenarioContext): readonly string[] {
  const { fabric } = context.lab;
  const edge = ownEdge(fabric);
  const { home } = planesOf(fabric, edge);
  const routers = fabric.nodes.filter(
    (n) => (n.role === "plane" && n.plane === home && n.site === edge.site) || n.role === "external-edge",
  );
  return [edge.name, ...routers.map((n) => n.name)];
}

const agentRestart: Scenario = {
  name: "fault-agent-restart",
  summary: "the agents along a path are killed one after another; they adopt what they find, nothing is lost",
  fabric: "examples/quick.yaml",
  run: (context) => restarted(context, "agent", onThePath(context)),
};

const gobgpdRestart: Scenario = {
  name: "fault-gobgpd-restart",
  summary: "gobgpd is killed on each router along a path; routes stay until the sessions are back",
  fabric: "examples/quick.yaml",
  run: (context) => restarted(context, "gobgpd", onThePath(context)),
};

/** Its neighbours are told that it goes for good, and in so small a network nobody else is there: ten seconds a router. */
const STOPPED_LOSES_AT_MOST = 45_000;

const gobgpdStopped: Scenario = {
  name: "fault-gobgpd-stopped",
  summary:
    "gobgpd is told to end on each router along a path and started again; what that costs, and all heals",
  fabric: "examples/quick.yaml",
  long: true,
  run: (context) =>
    restarted(context, "gobgpd", onThePath(context), undefined, "stopped", STOPPED_LOSES_AT_MOST),
};

const controllerRestart: Scenario = {
  name: "fault-controller-restart",
  summary: "the controller is killed under traffic; the network does not notice, and steering works again",
  fabric: "examples/quick.yaml",
  run: (context) =>
    restarted(context, "controller", [controllerNodeName(context.lab.fabric)], async (edge) => {
      const { away } = planesOf(context.lab.fabric, edge);
      context.step(`${edge.name} to ${away}`);
      await context.ctlJson("edge", "steer", edge.name, "--plane", away);
      await checkPlanes(context, edge.name, away, "steered by the restarted controller");
    }),
};

const FLAPS = 10;
const HALF_PERIOD_MS = 100;
const AT_ONCE = 4;

const linkFlap: Scenario = {
  name: "fault-link-flap",
  summary: "every cable of the fabric is pulled and plugged ten times; then the kernel is what the plan says",
  fabric: "examples/quick.yaml",
  run: async (context) => {
    const { lab } = context;
    const waiting = lab.fabric.links.map((link) => link.ends[0]);
    const flapSome = async (): Promise<void> => {
      for (let end = waiting.shift(); end !== undefined; end = waiting.shift())
        for (let i = 0; i < FLAPS; i++) {
          await pullCable(lab, end);
          await context.sleep(HALF_PERIOD_MS);
          await healCable(lab, end);
          await context.sleep(HALF_PERIOD_MS);
        }
    };
    context.step(`${lab.fabric.links.length} cables, ${FLAPS} times each`);
    await Promise.all(Array.from({ length: AT_ONCE }, flapSome));
    context.step("waiting until it has settled");
    await context.sleep(2000);
    const convergedMs = await context.converge();
    await checkPlansEmpty(context);
    const edge = ownEdge(lab.fabric);
    const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
    await context.sleep(2000);
    return { flows: await context.account(flows), timesMs: { converged: convergedMs } };
  },
};

export const FAULT_SCENARIOS: readonly Scenario[] = [
  agentRestart,
  gobgpdRestart,
  gobgpdStopped,
  controllerRestart,
  linkFlap,
];
