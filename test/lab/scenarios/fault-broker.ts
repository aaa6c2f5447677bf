import { killProgram, programsOf, waitRestarted } from "../faults.ts";
import type { Scenario } from "../scenario.ts";
import { checkPlanes, timeMove } from "./moves.ts";
import { anUpstream, controllerNodeName, ownEdge, planesOf } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

const brokerRestart: Scenario = {
  name: "fault-broker-restart",
  summary:
    "an external mosquitto is killed under traffic and comes back empty; steering works before and after",
  fabric: "examples/quick.yaml",
  broker: "mosquitto",
  run: async (context) => {
    const { lab } = context;
    const edge = ownEdge(lab.fabric);
    const { home, away } = planesOf(lab.fabric, edge);
    const noc = controllerNodeName(lab.fabric);
    const startsOf = async (): Promise<number> =>
      (await programsOf(lab, noc)).find(({ program }) => program === "mosquitto")?.starts ?? 0;
    const steer = (plane: string) =>
      timeMove(context, edge.name, plane, () =>
        context.ctlJson("edge", "steer", edge.name, "--plane", plane),
      );

    const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
    await context.sleep(1000);
    const before = await checkPlanes(context, edge.name, home, "before");
    context.step(`${edge.name}: ${home} to ${away}`);
    const there = await steer(away);
    const between = await checkPlanes(context, edge.name, away, "after the move");

    const starts = await startsOf();
    context.check(starts === 1, `mosquitto was started ${starts} times before it was killed`);
    context.step(`mosquitto on ${noc} is killed`);
    await killProgram(lab, noc, "mosquitto");
    await waitRestarted(lab, noc, "mosquitto", starts);
    const afterKill = await checkPlanes(context, edge.name, away, "after the broker's restart");

    context.step(`${edge.name}: ${away} to ${home}`);
    const back = await steer(home);
    const after = await checkPlanes(context, edge.name, home, "after the way back");
    context.check(there.movedMs !== null && back.movedMs !== null, "the counters saw no move");
    const convergedMs = await context.converge(60_000);
    await checkPlansEmpty(context);
    return {
      flows: await context.account(flows),
      timesMs: {
        there: there.movedMs ?? -1,
        back: back.movedMs ?? -1,
        commandBack: back.commandMs,
        converged: convergedMs,
      },
      planes: { before, between, afterKill, after },
    };
  },
};

export const FAULT_BROKER_SCENARIOS: readonly Scenario[] = [brokerRestart];
