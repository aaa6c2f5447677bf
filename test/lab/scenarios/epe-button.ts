import type { EpeModeResult } from "@vsix/controller/operations/epe.ts";
import { startProgram, stopProgram } from "../faults.ts";
import { namespaceOf } from "../lab.ts";
import { agentCommand } from "../programs.ts";
import { inNamespace, mustRun } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { bothWays, type EpeStage, enableAndMove, setStage, statusWhere, waitLeaves } from "./epe-stage.ts";
import { controllerNodeName } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

/** Milliseconds from the press to the last packet by another peer than BGP's, by the counters of the cables. */
async function untilGone<T>(
  context: ScenarioContext,
  stage: EpeStage,
  bgp: string,
  press: () => Promise<T>,
): Promise<{ readonly ms: number; readonly result: T }> {
  await stage.left();
  const startMs = performance.now();
  let endMs = startMs;
  let pressed = false;
  const pressing = press().finally(() => {
    pressed = true;
  });
  while (!pressed || performance.now() - endMs < 500) {
    await context.sleep(20);
    const elsewhere = [...(await stage.left())].some(([name, packets]) => name !== bgp && packets > 0);
    if (elsewhere) endMs = performance.now();
    if (performance.now() - startMs > 20_000) break;
  }
  return { ms: Math.round(endMs - startMs), result: await pressing };
}

export async function pressButton(
  context: ScenarioContext,
  stage: EpeStage,
  bgp: string,
): Promise<{ readonly ms: number; readonly result: EpeModeResult }> {
  return untilGone(context, stage, bgp, async () => {
    return (await context.ctlJson("epe", "off", "--note", "scenario")) as EpeModeResult;
  });
}

export function meanMs(presses: readonly number[]): number {
  return Math.round(presses.reduce((sum, ms) => sum + ms, 0) / presses.length);
}

const PRESSES = 5;
/** The aim, of the mean. */
const AT_MOST_MS = 4000;

/** What one router answered, and when; `alone`: its agent did not, and the command did it by hand. */
interface Pressed {
  readonly node: string;
  readonly ms: number;
  readonly alone: boolean;
}

/** `vsix-agent epe WORD` on every plane router, as somebody would who reaches them all at once. */
async function onRouters({ lab }: ScenarioContext, word: "off" | "on"): Promise<readonly Pressed[]> {
  const routers = lab.fabric.nodes.filter(({ role }) => role === "plane");
  const startMs = performance.now();
  return Promise.all(
    routers.map(async ({ name: node }) => {
      const command = [...agentCommand(lab.name, node, "epe"), "--json", word];
      const [file = "ip", ...args] = inNamespace(namespaceOf(lab, node), command);
      const said = JSON.parse(await mustRun(file, args)) as { readonly agent?: boolean };
      return { node, ms: Math.round(performance.now() - startMs), alone: said.agent === false };
    }),
  );
}

async function off(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const noc = controllerNodeName(lab.fabric);
  const stage = await setStage(context);
  const flows = await bothWays(context, stage);
  const { bgp, better, movedMs } = await enableAndMove(context, stage);
  const gone = async (): Promise<void> => {
    const by = await stage.leavesBy(500);
    context.check(by === bgp, `afterwards packets leave by ${by ?? "several peers"}`);
  };
  const presses: number[] = [];
  for (let press = 1; press <= PRESSES; press++) {
    context.step(`vsixctl epe off, ${press} of ${PRESSES}`);
    const { ms, result } = await pressButton(context, stage, bgp);
    presses.push(ms);
    context.check(result.removed > 0, "nothing was in force");
    await gone();
    await context.ctlJson("epe", "enable");
    await waitLeaves(context, stage, better);
  }
  context.step("the controller is gone");
  await stopProgram(lab, noc, "controller");
  await context.sleep(5000);
  const alone: number[] = [];
  const routers: unknown[] = [];
  for (let press = 1; press <= PRESSES; press++) {
    context.step(`vsix-agent epe off, ${press} of ${PRESSES}`);
    const { ms, result } = await untilGone(context, stage, bgp, () => onRouters(context, "off"));
    alone.push(ms);
    routers.push(
      Object.fromEntries(result.map((one) => [one.node, one.alone ? `${one.ms} by hand` : one.ms])),
    );
    await gone();
    await onRouters(context, "on");
    await waitLeaves(context, stage, better);
  }
  await startProgram(lab, noc, "controller");
  await context.converge(60_000);
  await statusWhere(context, ({ decidedAgoMs }) => decidedAgoMs !== null);
  for (const [who, each] of [
    ["vsixctl", presses],
    ["vsix-agent", alone],
  ] as const)
    context.check(meanMs(each) < AT_MOST_MS, `${who} epe off took ${meanMs(each)} ms in the mean`);
  await checkPlansEmpty(context);
  return {
    flows: await context.account(flows),
    timesMs: {
      "enabled to moved": movedMs,
      "vsixctl epe off, mean": meanMs(presses),
      "vsixctl epe off, worst": Math.max(...presses),
      "vsix-agent epe off, mean": meanMs(alone),
      "vsix-agent epe off, worst": Math.max(...alone),
    },
    other: { bgp, better, "vsixctl epe off, each": presses, "vsix-agent epe off, each": alone, routers },
  };
}

export const EPE_BUTTON_SCENARIOS: readonly Scenario[] = [
  {
    name: "epe-off",
    summary: `the big red button, ${PRESSES} times with the controller and ${PRESSES} times without it: under 4 s in the mean, nothing is lost`,
    long: true,
    fabric: "examples/epe.yaml",
    run: off,
  },
];
