import { healCable, pullCable, startProgram, stopProgram } from "../faults.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { lostAndBack } from "./epe-loss.ts";
import { bothWays, enableAndMove, portOf, setStage, statusWhere, waitLeaves } from "./epe-stage.ts";
import { controllerNodeName } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

/** Packets of one direction that the loss of a peer may cost at 1,000 a second: a second of them. */
const LOST_AT_MOST = 1000;

function peerDown(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  return lostAndBack(context, {
    of: ({ name }) => name,
    lose: ({ port }) => pullCable(lab, port),
    heal: ({ port }) => healCable(lab, port),
    lostAtMost: LOST_AT_MOST,
    awayForMs: 0,
    backWithinMs: 90_000,
  });
}

/** With the controller dead for longer than cycles and leases. */
const DEAD_MS = 20_000;

async function controllerKilled(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const noc = controllerNodeName(lab.fabric);
  const stage = await setStage(context);
  const flows = await bothWays(context, stage);
  const { bgp, better, movedMs } = await enableAndMove(context, stage);
  context.step("the controller is gone");
  await stopProgram(lab, noc, "controller");
  await context.sleep(DEAD_MS);
  context.check(
    (await stage.leavesBy(1000)) === better,
    "without the controller packets leave by another peer",
  );
  const quiet = await context.account(flows);
  const port = portOf(stage, better);
  const during = await bothWays(context, stage);
  await context.sleep(500);
  context.step(`${better} is lost, with nobody to ask`);
  await pullCable(lab, port);
  const awayMs = await waitLeaves(context, stage, bgp);
  await healCable(lab, port);
  const backMs = await waitLeaves(context, stage, better);
  context.step("the controller is back");
  await startProgram(lab, noc, "controller");
  await context.converge(60_000);
  const status = await statusWhere(
    context,
    ({ mode, overrides, decidedAgoMs }) => mode === "enforce" && overrides > 0 && decidedAgoMs !== null,
  );
  context.check(status !== undefined, "the controller does not go on with what it had");
  context.check((await stage.leavesBy(1000)) === better, "after its return packets leave by another peer");
  const failed = await context.account(during, LOST_AT_MOST);
  await checkPlansEmpty(context);
  return {
    flows: [...quiet, ...failed],
    timesMs: {
      "enabled to moved": movedMs,
      "lost to the other peer": awayMs,
      "returned to used again": backMs,
    },
    other: { bgp, better, deadMs: DEAD_MS },
  };
}

export const EPE_FAULT_SCENARIOS: readonly Scenario[] = [
  {
    name: "epe-peer-down",
    summary: "the egress peer that traffic was led to is lost: the other one at once, and back after a hold",
    fabric: "examples/epe.yaml",
    run: peerDown,
  },
  {
    name: "epe-controller-killed",
    summary:
      "the controller is gone: overrides stay, a lost peer is left all the same; it comes back and goes on",
    long: true,
    fabric: "examples/epe.yaml",
    run: controllerKilled,
  },
];
