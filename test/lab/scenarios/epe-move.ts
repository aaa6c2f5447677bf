import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { meanMs, pressButton } from "./epe-button.ts";
import { bgpChoice, bothWays, enableAndMove, setStage, statusWhere, waitLeaves } from "./epe-stage.ts";
import { checkPlansEmpty } from "./plans.ts";

/** How often the big red button is pressed; `epe-off` presses more often. */
const PRESSES = 2;

async function better(context: ScenarioContext): Promise<Figures> {
  const stage = await setStage(context);
  const flows = await bothWays(context, stage);
  const { bgp } = await bgpChoice(context, stage);
  context.step("vsixctl epe observe");
  await context.ctlJson("epe", "observe");
  const observed = await statusWhere(context, ({ wanted }) => wanted > 0, 90_000);
  context.check(observed !== undefined, "observing, nothing was found to be better");
  context.check((await stage.leavesBy(1000)) === bgp, "observing moved packets");
  const { better: peer, movedMs } = await enableAndMove(context, stage);
  const kept = await statusWhere(context, ({ accounts }) => accounts.kept > 0, 60_000);
  context.check(kept !== undefined, "the move was not judged again, or not kept");
  const presses: number[] = [];
  for (let press = 1; press <= PRESSES; press++) {
    context.step(`vsixctl epe off, ${press} of ${PRESSES}`);
    const { ms, result } = await pressButton(context, stage, bgp);
    presses.push(ms);
    context.check(result.removed > 0, "nothing was in force");
    context.check(
      result.nodes.every((node) => node.ms !== null),
      "a router did not say that it has it",
    );
    context.check((await stage.leavesBy(1000)) === bgp, "packets do not leave as BGP says");
    if (press === PRESSES) break;
    await context.ctlJson("epe", "enable");
    await waitLeaves(context, stage, peer);
  }
  await checkPlansEmpty(context);
  return {
    flows: await context.account(flows),
    timesMs: {
      "enabled to moved": movedMs,
      "off, mean": meanMs(presses),
      "off, worst": Math.max(...presses),
    },
    other: { bgp, better: peer, "off, each": presses },
  };
}

export const EPE_MOVE_SCENARIOS: readonly Scenario[] = [
  {
    name: "epe-better-peer",
    summary:
      "an Edge's traffic is led to the egress peer that measures better, judged again and kept; the big red button takes it back",
    fabric: "examples/epe.yaml",
    run: better,
  },
];
