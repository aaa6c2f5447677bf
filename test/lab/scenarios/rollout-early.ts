import type { ChangeBody, VerdictBody } from "@vsix/controller/core/release/record.ts";
import type { RolloutEvidence } from "@vsix/controller/status/rollout-model.ts";
import { delayCable } from "../delay-fault.ts";
import { lossyCable } from "../faults.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { checkAll, follow, prepare, SHORT } from "./rollout.ts";
import { blackHoleOn, LOSS_PERCENT, portOf, SLOWER_MS } from "./rollout-faults.ts";

/** Something that is wrong with a plane before anybody is led there. */
interface Badness {
  readonly name: string;
  readonly what: string;
  /** What the reason must name. */
  readonly named: RegExp;
  strike(context: ScenarioContext, plane: string): Promise<unknown>;
}

const BADNESSES: readonly Badness[] = [
  {
    name: "lossy",
    what: `loses ${LOSS_PERCENT} %`,
    named: /loss/,
    strike: (context, plane) => lossyCable(context.lab, portOf(context, plane), LOSS_PERCENT),
  },
  {
    name: "slow",
    what: `is ${SLOWER_MS} ms slower`,
    named: /rtt/,
    strike: (context, plane) => delayCable(context.lab, portOf(context, plane), { delayMs: SLOWER_MS }),
  },
  { name: "black-hole", what: "drops one destination prefix", named: /loss/, strike: blackHoleOn },
];

/** The judge measures both planes before anybody moves: that is the first moment that can show it, and nobody is led there. */
async function badFromTheStart(context: ScenarioContext, { what, named, strike }: Badness): Promise<Figures> {
  const stage = await prepare(context);
  context.step(`${stage.away} ${what}`);
  await strike(context, stage.away);
  const started = performance.now();
  await context.ctlJson("rollout", "create", "--to", stage.away, ...SHORT);
  const ended = await follow(context, ({ stage: at }) => at !== "baseline");
  const noticedMs = Math.round(performance.now() - started);
  context.check(ended.stage === "aborted", `the rollout is ${ended.stage}: ${ended.why}`);
  context.check(named.test(ended.why), `the reason does not name what is wrong: ${ended.why}`);
  const { events } = (await context.ctlJson("rollout", "show", "--evidence")) as RolloutEvidence;
  const no = events.find(({ kind, body }) => kind === "verdict" && (body as VerdictBody).verdict === "fail");
  const at = no === undefined ? "never" : (no.body as VerdictBody).stage;
  context.check(at === "baseline", `the judge said no in ${at}, not before anybody moved`);
  const moved = events.some(({ kind, body }) => kind === "change" && (body as ChangeBody).moved.length > 0);
  context.check(!moved, "somebody was moved");
  await checkAll(context, stage, stage.home, "after all");
  return {
    flows: await context.account(stage.flows),
    timesMs: { noticed: noticedMs },
    other: { edges: stage.edges.length, why: ended.why },
  };
}

export const ROLLOUT_EARLY_SCENARIOS: readonly Scenario[] = BADNESSES.map((badness) => ({
  name: `rollout-${badness.name}-early`,
  long: true,
  summary: `a plane that ${badness.what} before a rollout begins: the judge says no before anybody moves`,
  fabric: "test/lab/fixtures/many-edges.yaml",
  run: (context) => badFromTheStart(context, badness),
}));
