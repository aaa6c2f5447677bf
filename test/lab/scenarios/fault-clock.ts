import { runCtl } from "../ctl.ts";
import { startProgram, startWithClock, stopProgram } from "../faults.ts";
import type { ProgramName } from "../programs.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { checkPlanes } from "./moves.ts";
import { anUpstream, controllerNodeName, ownEdge, planesOf } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

/** A server's certificate lives for 397 days: by the last of these clocks it has expired. */
const EDGE_CLOCKS = [
  { clock: "-1y", reaches: true },
  { clock: "+1y", reaches: true },
  { clock: "+2y", reaches: false },
] as const;
const CONTROLLER_CLOCKS = ["-1y", "+1y"] as const;
/** Longer than a lease (15 s): whoever is online by then has connected with its clock wrong. */
const WRONG_FOR_MS = 18_000;

async function wrongClocks(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const edge = ownEdge(lab.fabric);
  const { home, away } = planesOf(lab.fabric, edge);
  const noc = controllerNodeName(lab.fabric);
  const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
  await context.sleep(500);
  let plane = home;
  const steerOver = async (when: string): Promise<void> => {
    plane = plane === home ? away : home;
    await context.ctl("edge", "steer", edge.name, "--plane", plane);
    await checkPlanes(context, edge.name, plane, when);
  };
  const online = async (node: string): Promise<boolean> => {
    const { nodes } = (await context.ctlJson("node", "list")) as {
      readonly nodes: readonly { readonly name: string; readonly online: boolean }[];
    };
    return nodes.find(({ name }) => name === node)?.online === true;
  };
  const seen: Record<string, unknown> = {};
  const restart = async (node: string, program: ProgramName, clock: string): Promise<void> => {
    context.step(`the clock of ${program} on ${node} is wrong by ${clock}`);
    await stopProgram(lab, node, program);
    await startWithClock(lab, node, program, clock);
    await context.sleep(WRONG_FOR_MS);
  };
  const mend = async (node: string, program: ProgramName, clock: string): Promise<void> => {
    await stopProgram(lab, node, program);
    await startProgram(lab, node, program);
    await context.sleep(2000);
    await context.converge(60_000);
    await steerOver(`${program} on ${node}: after ${clock}`);
  };

  for (const { clock, reaches } of EDGE_CLOCKS) {
    await restart(edge.name, "agent", clock);
    await checkPlanes(context, edge.name, plane, `the Edge's clock is wrong by ${clock}`);
    const is = await online(edge.name);
    seen[`${edge.name} ${clock}: online`] = is;
    // In the past it has to find its controller to learn better. Far ahead is not told from right: the server has expired.
    context.check(
      is === reaches,
      `${edge.name} with its clock at ${clock} is ${is ? "online, though by its clock the server's certificate has expired" : "not online"}`,
    );
    if (is) await steerOver(`with the Edge's clock at ${clock}`);
    await mend(edge.name, "agent", clock);
  }
  for (const clock of CONTROLLER_CLOCKS) {
    await restart(noc, "controller", clock);
    const steer = await runCtl(lab, ["edge", "steer", edge.name, "--plane", plane, "--wait", "2"]);
    seen[`controller ${clock}: steering to where it is, exit`] = steer.code;
    await checkPlanes(context, edge.name, plane, `the controller's clock is wrong by ${clock}`);
    await mend(noc, "controller", clock);
  }
  await checkPlansEmpty(context);
  return { flows: await context.account(flows), other: seen };
}

export const FAULT_CLOCK_SCENARIOS: readonly Scenario[] = [
  {
    name: "fault-clock",
    summary:
      "an Edge's wall clock and then the controller's are wrong by a year or two; nothing is lost, all heals",
    fabric: "examples/quick.yaml",
    run: wrongClocks,
  },
];
