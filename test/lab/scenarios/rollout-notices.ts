import type { RolloutNotice } from "@vsix/shared/notify/notice.ts";
import { healCable, killProgram, pullCable } from "../faults.ts";
import { HookReceiver } from "../hook-receiver.ts";
import { LabError } from "../lab-error.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { controllerNodeName } from "./pick.ts";
import { json, PORT, SECRET, slack, tellReceivers } from "./receivers.ts";
import { checkAll, follow, prepare, SHORT, type Stage } from "./rollout.ts";
import { planeEndOf } from "./rollout-faults.ts";

/** A sender that was refused for minutes waits for a minute or two before it tries again. */
const PATIENCE_MS = 200_000;

const turnsOf = (hook: HookReceiver, name: string): readonly RolloutNotice[] =>
  hook.taken(name, SECRET).filter((notice) => notice.kind === "rollout");

const types = (notices: readonly RolloutNotice[]): string => notices.map(({ event }) => event.type).join();

/**
 * While one receiver refuses, then hangs, and the controller is killed, a rollout is told no and goes back, and another
 * goes to its end: as if all receivers were well. The other two hear of it meanwhile, the one that was away hears all of it
 * afterwards, in order and once.
 */
async function webhookDown(context: ScenarioContext): Promise<Figures> {
  const { lab, signal } = context;
  await using down = await HookReceiver.start(lab, PORT);
  await using well = await HookReceiver.start(lab, PORT + 1);
  await tellReceivers(context, [json("down"), json("well", [], PORT + 1), slack("chat", PORT + 1)]);
  const stage = await prepare(context);
  const heard = (wanted: string): Promise<boolean> =>
    well.until(() => types(turnsOf(well, "/well")) === wanted, 30_000, signal);

  context.step("one receiver refuses");
  down.answer("refuse");
  const steps = ["--steps", "1,3,100%"];
  await context.ctlJson("rollout", "create", "--to", stage.away, ...steps, ...SHORT);
  context.check(await heard("started"), "nobody was told that it has started");
  await follow(context, ({ stage: at, step, seen }) => at === "step" && step === 2 && seen);
  context.step("it hangs instead, and the controller is killed");
  down.answer("hang");
  await killProgram(lab, controllerNodeName(lab.fabric), "controller");
  await context.converge();
  await follow(context, ({ stage: at, step, seen }) => at === "step" && step === 2 && seen);
  const end = quietEnd(context, stage);
  await pullCable(lab, end);
  const aborted = await follow(context, () => false);
  context.check(aborted.stage === "aborted", `the rollout ended as ${aborted.stage}: ${aborted.why}`);
  context.check(await heard("started,going-back,aborted"), `told: ${types(turnsOf(well, "/well"))}`);
  const no = turnsOf(well, "/well").find(({ event }) => event.type === "going-back")?.event;
  context.check(
    no?.words === aborted.why && no.level === "alarm" && no.movedBefore === 3 && no.moved === 0,
    `the notice does not tell the verdict: ${JSON.stringify(no)}`,
  );
  await healCable(lab, end);
  await context.converge();
  await checkAll(context, stage, stage.home, "after going back");

  await context.ctlJson("rollout", "create", "--to", stage.away, "--steps", "1,100%", ...SHORT);
  const done = await follow(context, () => false);
  context.check(done.stage === "done", `the rollout ended as ${done.stage}: ${done.why}`);
  const all = "started,going-back,aborted,started,done";
  context.check(await heard(all), `told: ${types(turnsOf(well, "/well"))}`);
  await checkAll(context, stage, stage.away, "after");

  context.step("it takes notices again");
  const again = Date.now();
  down.answer("take");
  await down.until(() => turnsOf(down, "/down").length >= 5, PATIENCE_MS, signal);
  await context.sleep(2000);
  const [late, meanwhile] = [turnsOf(down, "/down"), turnsOf(well, "/well")];
  context.check(types(late) === all, `it was told ${types(late) || "nothing"}`);
  context.check(
    late.every(({ id }, i) => id === meanwhile[i]?.id) && new Set(late.map(({ id }) => id)).size === 5,
    "the two were told different things, or one twice",
  );
  const chat = well.requests.filter(({ path }) => path === "/chat");
  const texts = chat.map(({ body }) => (JSON.parse(body) as { readonly text: string }).text);
  context.check(
    texts.length === 5 && texts[1]?.includes(`${stage.home} to ${stage.away}, goes back`) === true,
    `the chat says: ${texts.join(" / ")}`,
  );
  return {
    flows: await context.account(stage.flows),
    timesMs: { late: Math.max(...down.requests.map(({ at }) => at)) - again },
    other: {
      edges: stage.edges.length,
      refused: down.requests.filter(({ mode }) => mode === "refuse").length,
      hung: down.requests.filter(({ mode }) => mode === "hang").length,
      chat: texts,
    },
  };
}

/** An Edge without traffic of ours, at its port to the new plane. */
function quietEnd(context: ScenarioContext, { edges, busy, away }: Stage) {
  const quiet = edges.findLast(({ name }) => !busy.some((one) => one.name === name));
  if (quiet === undefined) throw new LabError("lab/scenario", "every Edge is busy");
  return planeEndOf(context, quiet.name, away);
}

export const ROLLOUT_NOTICE_SCENARIOS: readonly Scenario[] = [
  {
    name: "rollout-webhook-down",
    long: true,
    summary:
      "a receiver refuses and hangs and the controller is killed, while one rollout goes back and another goes through: nothing is lost or told twice",
    fabric: "test/lab/fixtures/many-edges.yaml",
    run: webhookDown,
  },
];
