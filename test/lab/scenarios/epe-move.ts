import type { EpeEventView } from "@vsix/controller/epe/view.ts";
import type { EpeModeResult } from "@vsix/controller/operations/epe.ts";
import { delayCable, healDelay } from "../delay-fault.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { announcing, reconfigureBird } from "./bird.ts";
import {
  bgpChoice,
  bothWays,
  type EpeStage,
  enableAndMove,
  setStage,
  statusWhere,
  waitLeaves,
} from "./epe-stage.ts";
import { checkPlansEmpty } from "./plans.ts";

async function history(context: ScenarioContext): Promise<readonly EpeEventView[]> {
  const { rows } = (await context.ctlJson("epe", "history", "--limit", "1000")) as {
    readonly rows: EpeEventView[];
  };
  return rows;
}

/** Time from the command to the last packet by another peer than BGP's, by the counters of the cables. */
async function pressButton(
  context: ScenarioContext,
  stage: EpeStage,
  bgp: string,
): Promise<{ readonly ms: number; readonly result: EpeModeResult }> {
  const startMs = performance.now();
  let endMs = startMs;
  let pressed = false;
  await stage.left();
  const pressing = context.ctlJson("epe", "off", "--note", "scenario").finally(() => {
    pressed = true;
  });
  while (!pressed || performance.now() - endMs < 500) {
    await context.sleep(10);
    const elsewhere = [...(await stage.left())].some(([name, packets]) => name !== bgp && packets > 0);
    if (elsewhere) endMs = performance.now();
    if (performance.now() - startMs > 20_000) break;
  }
  return { ms: Math.round(endMs - startMs), result: (await pressing) as EpeModeResult };
}

/** How often the big red button is pressed: the aim is about its average. */
const PRESSES = 3;

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
  const meanMs = Math.round(presses.reduce((sum, ms) => sum + ms, 0) / presses.length);
  return {
    flows: await context.account(flows),
    timesMs: { "enabled to moved": movedMs, "off, mean": meanMs, "off, worst": Math.max(...presses) },
    other: { bgp, better: peer, "off, each": presses },
  };
}

/** The report's case: BGP goes over five ASes where another peer has three, for a transit tells a more specific route. */
async function longPath(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const stage = await setStage(context);
  const flows = await bothWays(context, stage);
  const { bgp } = await bgpChoice(context, stage);
  const liar = stage.peers.find(({ name }) => name === bgp);
  const [prefix = ""] = stage.destination.prefixes;
  const specific = prefix.replace(/\/\d+$/, "/48");
  context.step(`${bgp} tells ${specific} over five ASes`);
  const hops = [stage.destination.asn, 64_599, 64_598, 64_597];
  const prepend = hops.map((asn) => `bgp_path.prepend(${asn});`).join(" ");
  await reconfigureBird(
    lab,
    liar?.upstream.name ?? "",
    announcing([specific], [liar?.via.name ?? ""], prepend),
  );
  await context.ctlJson("epe", "observe");
  const named = async (): Promise<string | undefined> => {
    for (const { body } of await history(context))
      if (body.kind === "bad-path" && body.what.kind === "longer-as-path" && body.what.peer === bgp)
        return body.what.evidence;
    return undefined;
  };
  let evidence: string | undefined;
  for (let attempt = 0; attempt < 120 && evidence === undefined; attempt++) {
    await context.sleep(500);
    evidence = await named();
  }
  context.check(evidence !== undefined, "nobody was told that the AS path is longer than need be");
  const { better: peer, movedMs } = await enableAndMove(context, stage);
  await context.sleep(2000);
  context.check((await stage.leavesBy(1000)) === peer, `packets do not leave by ${peer}`);
  return {
    flows: await context.account(flows),
    timesMs: { "enabled to moved": movedMs },
    other: { bgp, better: peer, told: evidence ?? "nothing" },
  };
}

/** Longer than the difference between the peers, each way. */
const SLOWER_MS = 60;

async function slower(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const stage = await setStage(context);
  const flows = await bothWays(context, stage);
  const { bgp, better: peer, movedMs } = await enableAndMove(context, stage);
  const port = stage.peers.find(({ name }) => name === peer)?.port;
  if (port === undefined) throw new Error(`no port of ${peer}`);
  context.step(`${peer} becomes ${SLOWER_MS} ms slower`);
  await delayCable(lab, port, { delayMs: SLOWER_MS });
  const backMs = await waitLeaves(context, stage, bgp);
  context.step(`back by ${bgp}; the delay is gone`);
  await healDelay(lab, port);
  const [newest] = (await history(context)).filter(({ body }) => body.kind === "revert");
  context.check(newest !== undefined, "history says nothing of it");
  return {
    flows: await context.account(flows),
    timesMs: { "enabled to moved": movedMs, "slower to back": backMs },
    other: { bgp, better: peer, said: newest?.body },
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
  {
    name: "epe-long-path",
    summary:
      "BGP goes over five ASes where another peer has three: told with its evidence, and led the better way",
    long: true,
    fabric: "examples/epe.yaml",
    run: longPath,
  },
  {
    name: "epe-slower",
    summary: "the peer that traffic was led to becomes slow: it goes back to BGP's choice, nothing is lost",
    long: true,
    fabric: "examples/epe.yaml",
    run: slower,
  },
];
