import type { ChangeBody, VerdictBody } from "@vsix/controller/core/release/record.ts";
import type { RolloutEvidence } from "@vsix/controller/status/rollout-model.ts";
import { findNode } from "@vsix/shared/fabric/query.ts";
import { delayCable } from "../delay-fault.ts";
import { type LinkRef, lossyCable, pullCable } from "../faults.ts";
import { LabError } from "../lab-error.ts";
import { namespaceName } from "../names.ts";
import { mustRun } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { LeavingWatch } from "./leaving-watch.ts";
import { checkAll, follow, LED, leadTo, prepare, SHORT, type Stage } from "./rollout.ts";

/** Something goes wrong on the plane that Edges are being moved to. */
export interface PlaneFault {
  /** What the reason must name. */
  readonly named: RegExp;
  /** Whether packets of moved Edges are lost by it. */
  readonly harms: boolean;
  /** Before the rollout begins. */
  prepare?(context: ScenarioContext, stage: Stage): Promise<void>;
  strike(context: ScenarioContext, stage: Stage): Promise<void>;
}

const STRUCK_AT = 2;
/** A reading is a list of all cables; the machine has other things to do. */
const READ_EVERY_MS = 100;

/**
 * A rollout is at its second step when the fault strikes. The judge says no in that step, the first that can show it:
 * everybody moved is led back, nobody else moves, and nobody who was not moved has lost a packet.
 */
export async function caught(
  context: ScenarioContext,
  fault: PlaneFault,
  pace: "own" | "led" = "own",
): Promise<Figures> {
  const stage = await prepare(context);
  await fault.prepare?.(context, stage);
  const canary = stage.busy[0]?.name ?? "";
  const steps = ["--steps", "1,3,100%", "--canary", canary];
  await context.ctlJson("rollout", "create", "--to", stage.away, ...steps, ...(pace === "led" ? LED : SHORT));
  const before = await (pace === "led"
    ? leadTo(context, STRUCK_AT)
    : follow(context, ({ stage: at, step, seen }) => at === "step" && step === STRUCK_AT && seen));
  context.check(before.stage === "step", `the rollout ended early, as ${before.stage}: ${before.why}`);
  const moved = new Set(before.cohort.filter((one) => one.moved).map(({ edge }) => edge));
  const movedBusy = stage.busy.map(({ name }) => name).filter((name) => moved.has(name));
  const watch = new LeavingWatch(context.lab, movedBusy, stage.away, READ_EVERY_MS);
  context.step(`the fault strikes with ${[...moved].join(", ")} on ${stage.away}`);
  const started = performance.now();
  await fault.strike(context, stage);
  await follow(context, ({ stage: at }) => at !== "step");
  const noticedMs = Math.round(performance.now() - started);
  const ended = await follow(context, () => false);
  const backMs = Math.round(performance.now() - started);
  const last = await watch.stop(started);
  context.check(ended.stage === "aborted", `the rollout ended as ${ended.stage}: ${ended.why}`);
  context.check(fault.named.test(ended.why), `the reason does not name the fault: ${ended.why}`);
  await checkNobodyFollowed(context, moved.size);
  await checkAll(context, stage, stage.home, "after going back");
  for (const [edge, at] of last)
    context.check(at !== null, `${edge} had no traffic on ${stage.away} when the fault struck`);
  const hurt = stage.flows.filter(
    ({ label }) => fault.harms && label.split(">").some((end) => moved.has(end)),
  );
  const well = stage.flows.filter((flow) => !hurt.includes(flow));
  return {
    // What a moved Edge loses until the judge has seen it is the price of a canary; it is told, and ends with the abort.
    flows: [...(await context.account(well)), ...(await context.account(hurt, Number.POSITIVE_INFINITY))],
    timesMs: {
      noticed: noticedMs,
      back: backMs,
      lastPacketOnBadPlane: Math.max(...[...last.values()].map((at) => at ?? 0)),
    },
    other: { edges: stage.edges.length, moved: [...moved], why: ended.why },
  };
}

/** What was recorded: the no was said in the step that the fault struck in, and never were more Edges moved than then. */
async function checkNobodyFollowed({ check, ctlJson }: ScenarioContext, moved: number): Promise<void> {
  const { events } = (await ctlJson("rollout", "show", "--evidence")) as RolloutEvidence;
  const verdicts = events.filter(({ kind }) => kind === "verdict").map(({ body }) => body as VerdictBody);
  const no = verdicts.find(({ verdict }) => verdict === "fail");
  check(
    no?.stage === "step" && no.step === STRUCK_AT,
    `the judge said no in ${no === undefined ? "no step" : `${no.stage} ${no.step}`}, not in step ${STRUCK_AT}`,
  );
  const changes = events.filter(({ kind }) => kind === "change").map(({ body }) => body as ChangeBody);
  const most = Math.max(...changes.map((change) => change.moved.length));
  check(most === moved, `${most} Edges were moved in all, not ${moved}`);
  check(changes.at(-1)?.moved.length === 0, `${changes.at(-1)?.moved.length} Edges are not back`);
}

function routerOf({ lab }: ScenarioContext, plane: string): string {
  const router = lab.fabric.nodes.find((node) => node.plane === plane);
  if (router === undefined) throw new LabError("lab/scenario", `plane ${plane} has no router`);
  return router.name;
}

export const LOSS_PERCENT = 2;

/** The plane's router, by its port to an External Edge: all of the plane's measuring goes that way, and traffic out. */
export function portOf(context: ScenarioContext, plane: string): LinkRef {
  const router = routerOf(context, plane);
  const link = context.lab.fabric.links.find(
    ({ kind, ends }) => kind === "plane-external" && ends.some(({ node }) => node === router),
  );
  const end = link?.ends.find(({ node }) => node === router);
  if (end === undefined) throw new LabError("lab/scenario", `${router} has no External Edge`);
  return end;
}

/** An Edge's port to a plane's router. */
export function planeEndOf(context: ScenarioContext, edge: string, plane: string): LinkRef {
  const router = routerOf(context, plane);
  const link = context.lab.fabric.links.find(
    ({ ends }) => ends.some(({ node }) => node === edge) && ends.some(({ node }) => node === router),
  );
  const end = link?.ends.find(({ node }) => node === edge);
  if (end === undefined) throw new LabError("lab/scenario", `${edge} is not linked to ${router}`);
  return end;
}

const lossy: PlaneFault = {
  named: /loss/,
  harms: true,
  strike: async (context, { away }) => {
    await lossyCable(context.lab, portOf(context, away), LOSS_PERCENT);
  },
};

export const SLOWER_MS = 15;

/** Slower one way: nothing is lost. */
const slow: PlaneFault = {
  named: /rtt/,
  harms: false,
  strike: (context, { away }) => delayCable(context.lab, portOf(context, away), { delayMs: SLOWER_MS }),
};

/** One destination of several: its packets end in the plane's router. */
export async function blackHoleOn(context: ScenarioContext, plane: string): Promise<void> {
  const { lab } = context;
  const [, , prefix] = findNode(lab.fabric, "wide")?.prefixes ?? [];
  if (prefix === undefined) throw new LabError("lab/scenario", "wide has no third prefix");
  const namespace = namespaceName(lab.name, routerOf(context, plane));
  const route = ["-6", "route", "add", "blackhole", prefix, "metric", "1"];
  await mustRun("ip", ["-n", namespace, ...route]);
}

const blackHole: PlaneFault = {
  named: /loss/,
  harms: false,
  strike: (context, { away }) => blackHoleOn(context, away),
};

/** An Edge that has not been moved loses its session with the new plane: a prefix is withdrawn there. */
const withdrawn: PlaneFault = {
  named: /bgp-session|prefixes/,
  harms: false,
  strike: async (context, { away, edges, busy }) => {
    const quiet = edges.findLast(({ name }) => !busy.some((one) => one.name === name));
    if (quiet === undefined) throw new LabError("lab/scenario", "every Edge is busy");
    const end = planeEndOf(context, quiet.name, away);
    await pullCable(context.lab, end);
  },
};

/** How long packets gather on both planes, before the rollout and from its second step on. Milliseconds. */
const NOISE_MS = 6;
const MORE_NOISE_MS = 15;

/** Planes that are equally bad company, and well: what a judge must not take for a fault. */
async function noisy(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const makeNoise = async (gatherMs: number): Promise<void> => {
    context.step(`packets gather up to ${gatherMs} ms on every plane, both ways`);
    const noise = { delayMs: 0, gatherMs };
    for (const { name } of lab.fabric.planes) await delayCable(lab, portOf(context, name), noise, noise);
  };
  await makeNoise(NOISE_MS);
  const stage = await prepare(context);
  const started = performance.now();
  await context.ctlJson("rollout", "create", "--to", stage.away, "--steps", "1,50%,100%", ...SHORT);
  const before = await follow(
    context,
    ({ stage: at, step, seen }) => at === "step" && step === STRUCK_AT && seen,
  );
  context.check(before.stage === "step", `the rollout ended early, as ${before.stage}: ${before.why}`);
  await makeNoise(MORE_NOISE_MS);
  const ended = await follow(context, () => false);
  const ms = Math.round(performance.now() - started);
  context.check(ended.stage === "done", `the rollout ended as ${ended.stage}: ${ended.why}`);
  await checkAll(context, stage, stage.away, "after");
  const flows = await context.account(stage.flows);
  const latest = Math.max(...flows.map(({ maxDelayMs }) => maxDelayMs));
  context.check(latest > NOISE_MS, `there was no noise: no packet took longer than ${latest} ms`);
  const { events } = (await context.ctlJson("rollout", "show", "--evidence")) as RolloutEvidence;
  const said = (verdict: string): number =>
    events.filter(({ kind, body }) => kind === "verdict" && (body as VerdictBody).verdict === verdict).length;
  return {
    flows,
    timesMs: { rollout: ms },
    other: {
      edges: ended.cohort.length,
      steps: ended.steps.map(({ size }) => size),
      // Several in a row that say the same are kept as two.
      verdictsKept: { pass: said("pass"), hold: said("hold"), fail: said("fail") },
    },
  };
}

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
    name: "rollout-slow",
    long: true,
    summary: `the plane that Edges move to is ${SLOWER_MS} ms slower from the second step on: all are led back, nothing is lost`,
    fabric: FABRIC,
    run: (context) => caught(context, slow),
  },
  {
    name: "rollout-noisy",
    long: true,
    summary:
      "both planes are bursty and jitter, more from the second step on: the rollout runs to its end, nothing is lost",
    fabric: FABRIC,
    run: noisy,
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
    run: (context) => caught(context, withdrawn, "led"),
  },
];
