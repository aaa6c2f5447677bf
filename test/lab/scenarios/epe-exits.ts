import type { EpeExplanation } from "@vsix/controller/epe/view.ts";
import { crashNode, lossyCable, restoreNode } from "../faults.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { lostAndBack } from "./epe-loss.ts";
import {
  bgpChoice,
  bothWays,
  enableAndMove,
  portOf,
  setStage,
  statusWhere,
  waitLeaves,
} from "./epe-stage.ts";

/** At 1,000 a second: until the neighbours' BFD or links have noticed, and BGP has moved. */
const LOST_AT_MOST = 2000;

function edgeLost(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  return lostAndBack(context, {
    of: ({ via }) => via.name,
    lose: ({ via }) => crashNode(lab, via.name),
    heal: ({ via }) => restoreNode(lab, via.name),
    lostAtMost: LOST_AT_MOST,
    awayForMs: 2000,
    backWithinMs: 120_000,
  });
}

const LOSS_PERCENT = 10;

async function lossy(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const stage = await setStage(context);
  const before = await bothWays(context, stage);
  const { bgp, better, movedMs } = await enableAndMove(context, stage);
  const moved = await context.account(before);
  const port = portOf(stage, better);
  context.step(`${better} loses ${LOSS_PERCENT} %`);
  const loss = await lossyCable(lab, port, LOSS_PERCENT);
  // What is on its way there is lost until it is led back: counted, and no fault of who leads it.
  const during = await bothWays(context, stage);
  const backMs = await waitLeaves(context, stage, bgp);
  const lost = await Promise.all(during.map((flow) => flow.stop()));
  context.step(`back by ${bgp}`);
  const after = await bothWays(context, stage);
  await context.sleep(3000);
  const quiet = await context.account(after);
  await loss.heal();
  return {
    flows: [...moved, ...lost, ...quiet],
    timesMs: { "enabled to moved": movedMs, "lossy to back": backMs },
    other: { bgp, better },
  };
}

async function narrow(context: ScenarioContext): Promise<Figures> {
  const stage = await setStage(context);
  const flows = await bothWays(context, stage);
  const { bgp, other } = await bgpChoice(context, stage);
  context.step("vsixctl epe enable");
  await context.ctlJson("epe", "enable");
  const measured = await statusWhere(
    context,
    ({ measuring }) => measuring.every(({ cycles }) => cycles >= 15),
    90_000,
  );
  context.check(measured !== undefined, "nothing was measured");
  await context.sleep(5000);
  const { edge } = stage;
  const { decisions } = (await context.ctlJson(
    "epe",
    "explain",
    stage.destination.loopback,
  )) as EpeExplanation;
  const heads = decisions.filter(({ decision }) =>
    context.lab.fabric.links.some(
      ({ ends }) =>
        ends.some(({ node }) => node === edge.name) && ends.some(({ node }) => node === decision.node),
    ),
  );
  const verdicts = heads.map(({ decision }) => decision.peers.find(({ peer }) => peer === other)?.code);
  context.check(
    heads.length > 0 && verdicts.every((code) => code === "full-size"),
    `${other} is refused for something else: ${JSON.stringify(verdicts)}`,
  );
  context.check((await stage.leavesBy(1000)) === bgp, "packets were led where full ones do not arrive");
  return {
    flows: await context.account(flows),
    other: { bgp, refused: other, words: heads.flatMap(({ words }) => words) },
  };
}

export const EPE_EXIT_SCENARIOS: readonly Scenario[] = [
  {
    name: "epe-external-edge-lost",
    summary:
      "the External Edge that traffic was led to is lost: the other one, and back after it has returned",
    long: true,
    fabric: "test/lab/fixtures/two-exits.yaml",
    run: edgeLost,
  },
  {
    name: "epe-lossy",
    summary: `the peer that traffic was led to loses ${LOSS_PERCENT} %: it goes back to BGP's choice, and loses no more`,
    long: true,
    fabric: "test/lab/fixtures/two-exits.yaml",
    run: lossy,
  },
  {
    name: "epe-narrow",
    summary:
      "a quicker peer lies behind a plane link of 1500 octets: nothing is led there, and explain says why",
    long: true,
    fabric: "test/lab/fixtures/narrow-exits.yaml",
    run: narrow,
  },
];
