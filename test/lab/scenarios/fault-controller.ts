import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Status } from "../../../controller/src/status/model.ts";
import { runCtl } from "../ctl.ts";
import { startProgram, stopProgram } from "../faults.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { checkPlanes } from "./moves.ts";
import { anUpstream, controllerNodeName, ownEdge, planesOf } from "./pick.ts";

/** Asks for the status until it says something; false when it has not in a minute. */
export async function statusSays(context: ScenarioContext, pattern: RegExp): Promise<boolean> {
  for (let attempt = 0; attempt < 240; attempt++) {
    const status = await context.ask<Status>("/v1/status").catch(() => undefined);
    if (status?.why.some((reason) => pattern.test(reason)) === true) return true;
    await context.sleep(250);
  }
  return false;
}

const backup: Scenario = {
  name: "fault-controller-backup",
  summary:
    "the controller comes back from an older copy of its database: nothing changes until the epoch is raised",
  fabric: "examples/quick.yaml",
  run: async (context) => {
    const { lab } = context;
    const edge = ownEdge(lab.fabric);
    const { home, away } = planesOf(lab.fabric, edge);
    const noc = controllerNodeName(lab.fabric);
    const state = join(lab.stateDir, "controller");
    const copy = join(lab.stateDir, "controller-backup");
    const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
    context.step("a copy of the database is made");
    await stopProgram(lab, noc, "controller");
    await cp(state, copy, { recursive: true });
    await startProgram(lab, noc, "controller");
    await context.converge();
    context.step(`${edge.name} to ${away}, which the copy does not know`);
    await context.ctlJson("edge", "steer", edge.name, "--plane", away);
    await checkPlanes(context, edge.name, away, "steered");
    context.step("the controller comes back from the copy");
    await stopProgram(lab, noc, "controller");
    await rm(state, { recursive: true });
    await cp(copy, state, { recursive: true });
    await startProgram(lab, noc, "controller");
    context.check(await statusSays(context, /NEWER THAN THIS CONTROLLER KNOWS/), "status says nothing of it");
    const refused = await runCtl(lab, ["edge", "steer", edge.name, "--plane", home]);
    context.check(refused.code === 1, `a steer over it was not refused: exit ${refused.code}`);
    await checkPlanes(context, edge.name, away, "the copy is in force at the controller alone");
    context.step("vsixctl epoch raise");
    const raised = (await context.ctlJson("epoch", "raise")) as { readonly over: readonly string[] };
    context.check(raised.over.length > 0, "nothing was given up");
    const convergedMs = await context.converge();
    await checkPlanes(context, edge.name, home, "after the raise, as the copy has it");
    context.step(`${edge.name} to ${away}`);
    await context.ctlJson("edge", "steer", edge.name, "--plane", away);
    await checkPlanes(context, edge.name, away, "steered after the raise");
    return {
      flows: await context.account(flows),
      timesMs: { converged: convergedMs },
      other: { over: raised.over },
    };
  },
};

export const FAULT_CONTROLLER_SCENARIOS: readonly Scenario[] = [backup];
