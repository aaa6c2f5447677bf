import type { EpeExplanation } from "@vsix/controller/epe/view.ts";
import { type Delay, delayCable, healDelay } from "../delay-fault.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { applyChanged, bothWays, enableAndMove, history, portOf, setStage, waitLeaves } from "./epe-stage.ts";

/** The peer that traffic was led to becomes worse by a step; it goes back, and nothing is lost. */
async function step(
  context: ScenarioContext,
  words: string,
  delay: Delay,
  look: (bgp: string, better: string) => Promise<object> = async () => ({}),
): Promise<Figures> {
  const { lab } = context;
  const stage = await setStage(context);
  const flows = await bothWays(context, stage);
  const { bgp, better, movedMs } = await enableAndMove(context, stage);
  const port = portOf(stage, better);
  context.step(`${better} ${words}`);
  await delayCable(lab, port, delay);
  const backMs = await waitLeaves(context, stage, bgp);
  context.step(`back by ${bgp}`);
  const seen = await look(bgp, better);
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
    other: { bgp, better, ...seen, said: newest?.body },
  };
}

/** Longer than the difference between the peers, each way. */
const SLOWER_MS = 60;

/**
 * Round trips become longer by half of it, which is less than the 11 ms that the peer is ahead by, and vary by a third: with a jitter
 * weighed twice that is worse, by round trips alone it would not be.
 */
const GATHER_MS = 14;
/** Until all that is judged was measured with it. */
const JUDGED_MS = 14_000;

async function jitter(context: ScenarioContext): Promise<Figures> {
  context.step("an operator to whom jitter matters");
  await applyChanged(context, "examples/epe.yaml", (text) =>
    text.replace("  destinations:\n", "  objective: { weights: { jitter: 2 } }\n  destinations:\n"),
  );
  const look = async (bgp: string, better: string): Promise<object> => {
    await context.sleep(JUDGED_MS);
    const [list] = context.lab.fabric.epe?.destinations.list ?? [];
    const { decisions } = (await context.ctlJson("epe", "explain", list?.address ?? "")) as EpeExplanation;
    const peers = decisions.find(({ decision }) => decision.vantage !== undefined)?.decision.peers ?? [];
    const of = (name: string) => peers.find(({ peer }) => peer === name);
    const [one, other] = [of(bgp), of(better)];
    context.check(
      (other?.rttMs ?? Number.NaN) < (one?.rttMs ?? Number.NaN),
      `round trips by ${better} are not the shorter ones: ${other?.rttMs} and ${one?.rttMs} ms`,
    );
    context.check(
      (other?.jitterMs ?? 0) > (one?.jitterMs ?? 0) + 1,
      `${better} does not jitter: ${other?.jitterMs} and ${one?.jitterMs} ms`,
    );
    return Object.fromEntries(
      peers.map(({ peer, rttMs, jitterMs }) => [
        peer,
        `${rttMs?.toFixed(1)} ms, jitter ${jitterMs?.toFixed(1)} ms`,
      ]),
    );
  };
  const delay = { delayMs: 0, gatherMs: GATHER_MS };
  return step(context, `jitters by ${GATHER_MS} ms`, delay, look);
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
