import { type Delay, delayCable, healDelay } from "../delay-fault.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { applyChanged, bothWays, enableAndMove, history, portOf, setStage, waitLeaves } from "./epe-stage.ts";

/** The peer that traffic was led to becomes worse by a step; it goes back, and nothing is lost. */
async function step(context: ScenarioContext, words: string, delay: Delay): Promise<Figures> {
  const { lab } = context;
  const stage = await setStage(context);
  const flows = await bothWays(context, stage);
  const { bgp, better, movedMs } = await enableAndMove(context, stage);
  const port = portOf(stage, better);
  context.step(`${better} ${words}`);
  await delayCable(lab, port, delay);
  const backMs = await waitLeaves(context, stage, bgp);
  context.step(`back by ${bgp}; it is over`);
  await healDelay(lab, port);
  const [newest] = (await history(context)).filter(({ body }) => body.kind === "revert");
  context.check(newest !== undefined, "history says nothing of it");
  if (newest?.body.kind === "revert") {
    const { from, to } = newest.body;
    context.check(from === better && to === bgp, `history says from ${from} to ${to}`);
  }
  return {
    flows: await context.account(flows),
    timesMs: { "enabled to moved": movedMs, "worse to back": backMs },
    other: { bgp, better, said: newest?.body },
  };
}

/** Longer than the difference between the peers, each way. */
const SLOWER_MS = 60;

/**
 * Round trips become longer by half of it, which is less than what the peer is ahead by, and vary by a third: with a jitter
 * weighed twice that is worse, by round trips alone it would not be.
 */
const GATHER_MS = 27;

async function jitter(context: ScenarioContext): Promise<Figures> {
  context.step("an operator to whom jitter matters");
  await applyChanged(context, "examples/epe.yaml", (text) =>
    text.replace("  destinations:\n", "  objective: { weights: { jitter: 2 } }\n  destinations:\n"),
  );
  const figures = await step(context, `jitters by ${GATHER_MS} ms`, { delayMs: 0, gatherMs: GATHER_MS });
  const said = JSON.stringify(figures.other?.["said"]);
  context.check(said.includes("gain-gone") || said.includes("taken-back"), `the reason is another: ${said}`);
  return figures;
}

export const EPE_STEP_SCENARIOS: readonly Scenario[] = [
  {
    name: "epe-slower",
    summary: "the peer that traffic was led to becomes slow: it goes back to BGP's choice, nothing is lost",
    long: true,
    fabric: "examples/epe.yaml",
    run: (context) => step(context, `becomes ${SLOWER_MS} ms slower`, { delayMs: SLOWER_MS }),
  },
  {
    name: "epe-jitter",
    summary:
      "the peer that traffic was led to jitters, its round trips are still the shorter ones: where jitter weighs it goes back, nothing is lost",
    long: true,
    fabric: "examples/epe.yaml",
    run: jitter,
  },
];
