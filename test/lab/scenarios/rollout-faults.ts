import { findNode } from "@vsix/shared/fabric/query.ts";
import { lossyCable, pullCable } from "../faults.ts";
import { LabError } from "../lab-error.ts";
import { namespaceName } from "../names.ts";
import { mustRun } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { checkAll, follow, prepare, SHORT, type Stage } from "./rollout.ts";

/** Something goes wrong on the plane that Edges are being moved to. */
interface PlaneFault {
  /** What the reason must name. */
  readonly named: RegExp;
  /** Whether packets of moved Edges are lost by it. */
  readonly harms: boolean;
  strike(context: ScenarioContext, stage: Stage): Promise<void>;
}

/**
 * A rollout is at its second step when the fault strikes. The judge says no, everybody moved is led back, and nobody who
 * was not moved has lost a packet.
 */
async function caught(context: ScenarioContext, fault: PlaneFault): Promise<Figures> {
  const stage = await prepare(context);
  const canary = stage.busy[0]?.name ?? "";
  const steps = ["--steps", "1,3,100%", "--canary", canary];
  await context.ctlJson("rollout", "create", "--to", stage.away, ...steps, ...SHORT);
  const before = await follow(context, ({ stage: at, step, seen }) => at === "step" && step === 2 && seen);
  context.check(before.stage === "step", `the rollout ended early, as ${before.stage}: ${before.why}`);
  const moved = new Set(before.cohort.filter((one) => one.moved).map(({ edge }) => edge));
  context.step(`the fault strikes with ${[...moved].join(", ")} on ${stage.away}`);
  const started = performance.now();
  await fault.strike(context, stage);
  const rollout = await follow(context, ({ stage: at }) => at !== "step");
  const noticedMs = Math.round(performance.now() - started);
  const ended = await follow(context, () => false);
  const backMs = Math.round(performance.now() - started);
  context.check(ended.stage === "aborted", `the rollout ended as ${ended.stage}: ${ended.why}`);
  context.check(fault.named.test(ended.why), `the reason does not name the fault: ${ended.why}`);
  context.check(
    rollout.step <= 2 && ended.cohort.every((one) => !one.moved),
    `the crowd had moved, or is not back: step ${rollout.step}`,
  );
  await checkAll(context, stage, stage.home, "after going back");
  const hurt = stage.flows.filter(
    ({ label }) => fault.harms && label.split(">").some((end) => moved.has(end)),
  );
  const well = stage.flows.filter((flow) => !hurt.includes(flow));
  return {
    // What a moved Edge loses until the judge has seen it is the price of a canary; it is told, and ends with the abort.
    flows: [...(await context.account(well)), ...(await context.account(hurt, Number.POSITIVE_INFINITY))],
    timesMs: { noticed: noticedMs, back: backMs },
    other: { moved: [...moved], why: ended.why },
  };
}

function routerOf({ lab }: ScenarioContext, plane: string): string {
  const router = lab.fabric.nodes.find((node) => node.plane === plane);
  if (router === undefined) throw new LabError("lab/scenario", `plane ${plane} has no router`);
  return router.name;
}

const LOSS_PERCENT = 2;

const lossy: PlaneFault = {
  named: /loss/,
  harms: true,
  strike: async (context, { away }) => {
    const { lab } = context;
    const router = routerOf(context, away);
    const link = lab.fabric.links.find(
      ({ kind, ends }) => kind === "plane-external" && ends.some(({ node }) => node === router),
    );
    const end = link?.ends.find(({ node }) => node === router);
    if (end === undefined) throw new LabError("lab/scenario", `${router} has no External Edge`);
    await lossyCable(lab, end, LOSS_PERCENT);
  },
};

/** One destination of several: its packets end in the new plane's router. */
const blackHole: PlaneFault = {
  named: /loss/,
  harms: false,
  strike: async (context, { away }) => {
    const { lab } = context;
    const [, , prefix] = findNode(lab.fabric, "wide")?.prefixes ?? [];
    if (prefix === undefined) throw new LabError("lab/scenario", "wide has no third prefix");
    const namespace = namespaceName(lab.name, routerOf(context, away));
    const route = ["-6", "route", "add", "blackhole", prefix, "metric", "1"];
    await mustRun("ip", ["-n", namespace, ...route]);
  },
};

/** An Edge that has not been moved loses its session with the new plane: a prefix is withdrawn there. */
const withdrawn: PlaneFault = {
  named: /bgp-session|prefixes/,
  harms: false,
  strike: async (context, { away, edges, busy }) => {
    const { lab } = context;
    const router = routerOf(context, away);
    const quiet = edges.findLast(({ name }) => !busy.some((one) => one.name === name))?.name;
    const link = lab.fabric.links.find(
      ({ ends }) => ends.some(({ node }) => node === quiet) && ends.some(({ node }) => node === router),
    );
    const end = link?.ends.find(({ node }) => node === quiet);
    if (end === undefined) throw new LabError("lab/scenario", `no Edge to take from ${router}`);
    await pullCable(lab, end);
  },
};

const FABRIC = "test/lab/fixtures/many-edges.yaml";

export const ROLLOUT_FAULT_SCENARIOS: readonly Scenario[] = [
  {
    name: "rollout-lossy",
    long: true,
    summary: `the plane that Edges move to loses ${LOSS_PERCENT} % from the second step on: all are led back`,
    fabric: FABRIC,
    run: (context) => caught(context, lossy),
  },
  {
    name: "rollout-black-hole",
    long: true,
    summary:
      "the plane that Edges move to drops one destination prefix from the second step on: all are led back",
    fabric: FABRIC,
    run: (context) => caught(context, blackHole),
  },
  {
    name: "rollout-withdrawn",
    summary: "a session, and with it a prefix, is gone on the plane that Edges move to: all are led back",
    fabric: FABRIC,
    run: (context) => caught(context, withdrawn),
  },
];
