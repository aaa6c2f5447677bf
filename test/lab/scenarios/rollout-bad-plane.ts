import type { ChangeBody, VerdictBody } from "@vsix/controller/core/release/record.ts";
import type { RolloutEvidence } from "@vsix/controller/status/rollout-model.ts";
import { delayCable, healDelay } from "../delay-fault.ts";
import { lossyCable } from "../faults.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { checkAll, follow, prepare, SHORT } from "./rollout.ts";
import { blackHoleOn, LOSS_PERCENT, portOf, SLOWER_MS } from "./rollout-faults.ts";

/** Something that is wrong with a plane before anybody is led there. */
interface Badness {
  readonly what: string;
  /** What the reason must name. */
  readonly named: RegExp;
  /** Makes it so; ends with what it returns. */
  strike(context: ScenarioContext, plane: string): Promise<() => Promise<void>>;
}

const BADNESSES: readonly Badness[] = [
  {
    what: `loses ${LOSS_PERCENT} %`,
    named: /loss/,
    strike: async (context, plane) =>
      (await lossyCable(context.lab, portOf(context, plane), LOSS_PERCENT)).heal,
  },
  {
    what: `is ${SLOWER_MS} ms slower`,
    named: /rtt/,
    strike: async (context, plane) => {
      const port = portOf(context, plane);
      await delayCable(context.lab, port, { delayMs: SLOWER_MS });
      return () => healDelay(context.lab, port);
    },
  },
  { what: "drops one destination prefix", named: /loss/, strike: blackHoleOn },
];

/** The judge measures both planes before anybody moves: that is the first moment that can show it, and nobody is led there. */
async function badFromTheStart(context: ScenarioContext): Promise<Figures> {
  const stage = await prepare(context);
  const timesMs: Record<string, number> = {};
  const why: Record<string, string> = {};
  for (const { what, named, strike } of BADNESSES) {
    context.step(`${stage.away} ${what}`);
    const heal = await strike(context, stage.away);
    const started = performance.now();
    await context.ctlJson("rollout", "create", "--to", stage.away, ...SHORT);
    const ended = await follow(context, ({ stage: at }) => at !== "baseline");
    timesMs[what] = Math.round(performance.now() - started);
    why[what] = ended.why;
    context.check(ended.stage === "aborted", `${what}: the rollout is ${ended.stage}: ${ended.why}`);
    if (ended.stage !== "aborted") await context.ctl("rollout", "abort");
    context.check(named.test(ended.why), `the reason does not name what is wrong: ${ended.why}`);
    const { events } = (await context.ctlJson("rollout", "show", "--evidence")) as RolloutEvidence;
    const no = events.find(
      ({ kind, body }) => kind === "verdict" && (body as VerdictBody).verdict === "fail",
    );
    const at = no === undefined ? "never" : (no.body as VerdictBody).stage;
    context.check(at === "baseline", `${what}: the judge said no in ${at}, not before anybody moved`);
    const moved = events.some(({ kind, body }) => kind === "change" && (body as ChangeBody).moved.length > 0);
    context.check(!moved, `${what}: somebody was moved`);
    await heal();
  }
  await checkAll(context, stage, stage.home, "after all");
  return {
    flows: await context.account(stage.flows),
    timesMs,
    other: { edges: stage.edges.length, why },
  };
}

export const ROLLOUT_BAD_PLANE_SCENARIOS: readonly Scenario[] = [
  {
    name: "rollout-bad-plane",
    long: true,
    summary:
      "a plane that loses, is slower or drops a prefix before a rollout begins: the judge says no before anybody moves",
    fabric: "test/lab/fixtures/many-edges.yaml",
    run: badFromTheStart,
  },
];
