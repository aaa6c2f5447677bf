import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApplyAnswer } from "../../../controller/src/http/schemas.ts";
import type { TrialAnswer } from "../../../controller/src/http/schemas-trust.ts";
import { runCtl } from "../ctl.ts";
import { LabError } from "../lab-error.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { checkPlanes } from "./moves.ts";
import { anUpstream, controllerNodeName, ownEdge, planesOf } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

type Applied = ApplyAnswer & { readonly trial: NonNullable<TrialAnswer["trial"]> };

/** Exit status of vsixctl when a change was taken back. */
const TAKEN_BACK = 5;

/** The lab's fabric file with one line changed, as a file of its own. */
async function changedFabric(context: ScenarioContext, from: RegExp, to: string): Promise<string> {
  const text = await readFile(context.lab.file, "utf8");
  const changed = text.replace(from, to);
  if (changed === text) throw new LabError("lab/scenario", `this fabric has nothing like ${from.source}`);
  const file = join(context.lab.stateDir, "changed.yaml");
  await writeFile(file, changed);
  return file;
}

const heals: Scenario = {
  name: "trust-confirm-heals",
  summary:
    "a change that cuts the controller off takes itself back on every node; others' traffic does not notice",
  fabric: "examples/quick.yaml",
  run: async (context) => {
    const { lab } = context;
    const edge = ownEdge(lab.fabric);
    const noc = controllerNodeName(lab.fabric);
    const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
    await context.sleep(500);
    context.step(`${noc} gets another prefix, and with it an address that no agent looks for`);
    const file = await changedFabric(context, /2001:db8:10::\/48/, "2001:db8:99::/48");
    const started = performance.now();
    const { code, stdout, stderr } = await runCtl(lab, ["apply", file, "--confirm", "30s", "--json"], {
      signal: context.signal,
    });
    const toldMs = Math.round(performance.now() - started);
    context.check(code === TAKEN_BACK, `apply: exit ${code}: ${stderr}`);
    const { trial, revision } = JSON.parse(stdout) as Applied;
    context.check(trial.state === "taken-back", `the trial is ${trial.state}`);
    context.check(
      trial.restored === (revision ?? 0) + 1,
      `revision ${trial.restored} came after ${revision}`,
    );
    const refused = trial.nodes.filter(
      ({ state, why }) => state === "lost" && /refused generation \d+/.test(why),
    );
    const changed = ["blue-sfc", "green-sfc", "xe-sfc", noc];
    for (const name of changed)
      context.check(
        refused.some((node) => node.name === name),
        `${name} does not say which generation it refused: ${JSON.stringify(trial.nodes)}`,
      );
    context.step("everything is as it was, by itself");
    const backMs = await context.converge();
    await checkPlansEmpty(context);
    const audit = await context.ctl("audit", "--limit", "10");
    context.check(/take-back/.test(audit), "the audit log has no record of it");
    const again = await runCtl(lab, ["apply", lab.file, "--json"], { signal: context.signal });
    context.check(
      again.code === 0 && !(JSON.parse(again.stdout) as ApplyAnswer).stored,
      "the fabric in force is not the one before",
    );
    return {
      flows: await context.account(flows),
      timesMs: { told: toldMs, converged: backMs },
      other: { reason: trial.reason, refused: refused.map(({ name, why }) => `${name}: ${why}`) },
    };
  },
};

const kept: Scenario = {
  name: "trust-confirm-kept",
  summary: "a good change with --confirm stays, and nothing is lost by proving it",
  fabric: "examples/quick.yaml",
  run: async (context) => {
    const { lab } = context;
    const edge = ownEdge(lab.fabric);
    const { away } = planesOf(lab.fabric, edge);
    const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
    await context.sleep(500);
    context.step(`${edge.name} prefers ${away} from now on`);
    const file = await changedFabric(
      context,
      /(role: edge, site: sfc, as: 65001,.*prefers: )blue/,
      `$1${away}`,
    );
    const started = performance.now();
    const applied = (await context.ctlJson("apply", file, "--confirm", "60s")) as Applied;
    const confirmedMs = Math.round(performance.now() - started);
    context.check(applied.trial.state === "confirmed", `the trial is ${applied.trial.state}`);
    await checkPlanes(context, edge.name, away, "confirmed");
    await context.converge();
    const { why } = (await context.ctlJson("status")) as { readonly why: readonly string[] };
    context.check(why.length === 0, why.join("; "));
    await checkPlansEmpty(context);
    return { flows: await context.account(flows), timesMs: { confirmed: confirmedMs } };
  },
};

export const TRUST_CONFIRM_SCENARIOS: readonly Scenario[] = [heals, kept];
