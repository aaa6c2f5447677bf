import type { EpeModeResult } from "@vsix/controller/operations/epe.ts";
import { stopProgram } from "../faults.ts";
import { namespaceOf } from "../lab.ts";
import { agentCommand } from "../programs.ts";
import { inNamespace, mustRun } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import type { Flow } from "../traffic.ts";
import { bothWays, type EpeStage, enableAndMove, setStage, waitLeaves } from "./epe-stage.ts";
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

interface Prepared {
  readonly stage: EpeStage;
  readonly flows: readonly Flow[];
  readonly bgp: string;
  readonly better: string;
  readonly movedMs: number;
}

async function prepare(context: ScenarioContext): Promise<Prepared> {
  const stage = await setStage(context);
  const flows = await bothWays(context, stage);
  return { stage, flows, ...(await enableAndMove(context, stage)) };
}

/** Presses it again and again: milliseconds of each. `press` presses, `release` has traffic led elsewhere again. */
async function pressOften(
  context: ScenarioContext,
  { stage, bgp, better }: Prepared,
  name: string,
  press: () => Promise<number>,
  release: () => Promise<unknown>,
): Promise<readonly number[]> {
  const each: number[] = [];
  for (let at = 1; at <= PRESSES; at++) {
    context.step(`${name}, ${at} of ${PRESSES}`);
    each.push(await press());
    const by = await stage.leavesBy(500);
    context.check(by === bgp, `afterwards packets leave by ${by ?? "several peers"}`);
    if (at === PRESSES) break;
    await release();
    await waitLeaves(context, stage, better);
  }
  context.check(meanMs(each) < AT_MOST_MS, `${name} took ${meanMs(each)} ms in the mean`);
  return each;
}

function figuresOf(
  { bgp, better, movedMs }: Prepared,
  flows: Figures["flows"],
  each: readonly number[],
  more: object = {},
): Figures {
  return {
    flows,
    timesMs: {
      "enabled to moved": movedMs,
      "off, mean": meanMs(each),
      "off, worst": Math.max(...each),
    },
    other: { bgp, better, "off, each": each, ...more },
  };
}

async function off(context: ScenarioContext): Promise<Figures> {
  const prepared = await prepare(context);
  const press = async (): Promise<number> => {
    const { ms, result } = await pressButton(context, prepared.stage, prepared.bgp);
    context.check(result.removed > 0, "nothing was in force");
    return ms;
  };
  const release = () => context.ctlJson("epe", "enable");
  const each = await pressOften(context, prepared, "vsixctl epe off", press, release);
  await checkPlansEmpty(context);
  return figuresOf(prepared, await context.account(prepared.flows), each);
}

async function offAlone(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const noc = controllerNodeName(lab.fabric);
  const prepared = await prepare(context);
  context.step("the controller is gone");
  await stopProgram(lab, noc, "controller");
  const routers: unknown[] = [];
  const press = async (): Promise<number> => {
    const pressed = await untilGone(context, prepared.stage, prepared.bgp, () => onRouters(context, "off"));
    const took = pressed.result.map(({ node, ms, alone }) => [node, alone ? `${ms} by hand` : ms] as const);
    routers.push(Object.fromEntries(took));
    return pressed.ms;
  };
  const release = () => onRouters(context, "on");
  const each = await pressOften(context, prepared, "vsix-agent epe off", press, release);
  const flows = await context.account(prepared.flows);
  await checkPlansEmpty(context);
  return figuresOf(prepared, flows, each, { "each router": routers });
}

export const EPE_BUTTON_SCENARIOS: readonly Scenario[] = [
  {
    name: "epe-off",
    summary: `vsixctl epe off, ${PRESSES} times: under ${AT_MOST_MS / 1000} s in the mean until the last steered packet, nothing is lost`,
    long: true,
    fabric: "examples/epe.yaml",
    run: off,
  },
  {
    name: "epe-off-alone",
    summary: `the controller is gone; vsix-agent epe off on the routers, ${PRESSES} times: the same`,
    long: true,
    fabric: "examples/epe.yaml",
    run: offAlone,
  },
];
