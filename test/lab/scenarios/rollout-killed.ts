import { runCtl } from "../ctl.ts";
import { killProgram } from "../faults.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { controllerNodeName } from "./pick.ts";
import { checkAll, prepare, type Rollout } from "./rollout.ts";

/** Kills at each point, which is a stage before or after everybody was seen; and how many points at least. */
const KILLS_A_POINT = 2;
const POINTS = 20;
const STEPS = "1,10%,20%,30%,40%,50%,60%,70%,80%,90%,100%";

const killed: Scenario = {
  name: "rollout-killed",
  summary:
    "the controller is killed twice at every point of a rollout under traffic, 20 points at least: it ends all the same, nothing is lost",
  fabric: "test/lab/fixtures/many-edges.yaml",
  long: true,
  run: async (context): Promise<Figures> => {
    const { lab } = context;
    const noc = controllerNodeName(lab.fabric);
    const stage = await prepare(context);
    const short = ["--interval", "1s", "--rehearsal", "1s", "--move", "30s", "--deadline", "20m"];
    await context.ctlJson("rollout", "create", "--to", stage.away, "--steps", STEPS, ...short);
    const kills = new Map<string, number>();
    const started = performance.now();
    let rollout: Rollout | undefined;
    while (performance.now() - started < 1_500_000) {
      rollout = await ask(context);
      if (rollout !== undefined && ["done", "aborted", "failed-to-go-back"].includes(rollout.stage)) break;
      if (rollout !== undefined) {
        const key = `${rollout.stage} ${rollout.step} ${rollout.seen ? "observing" : "moving"}`;
        const before = kills.get(key) ?? 0;
        if (before < KILLS_A_POINT) {
          kills.set(key, before + 1);
          context.step(`killed in: ${key}`);
          await killProgram(lab, noc, "controller");
        }
      }
      await context.sleep(200);
    }
    const ms = Math.round(performance.now() - started);
    const count = [...kills.values()].reduce((sum, one) => sum + one, 0);
    context.check(rollout?.stage === "done", `the rollout ended as ${rollout?.stage}: ${rollout?.why}`);
    context.check(kills.size >= POINTS, `killed at ${kills.size} points, at least ${POINTS} are wanted`);
    await context.converge();
    await checkAll(context, stage, stage.away, "after");
    return {
      flows: await context.account(stage.flows),
      timesMs: { rollout: ms },
      other: {
        edges: stage.edges.length,
        kills: count,
        points: kills.size,
        byPoint: Object.fromEntries(kills),
      },
    };
  },
};

/** Undefined while the controller is away. */
async function ask(context: ScenarioContext): Promise<Rollout | undefined> {
  const { code, stdout } = await runCtl(context.lab, ["rollout", "show", "--json"], {
    signal: context.signal,
  });
  return code === 0 ? (JSON.parse(stdout) as Rollout) : undefined;
}

export const ROLLOUT_KILLED_SCENARIOS: readonly Scenario[] = [killed];
