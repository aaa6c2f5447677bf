import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import { LabError } from "../lab-error.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import type { Flow } from "../traffic.ts";
import { LeavingWatch } from "./leaving-watch.ts";
import { checkPlanes } from "./moves.ts";
import { anUpstream, customerEdges, planesOf } from "./pick.ts";

/** Edges with traffic both ways all the time, and packets a second of each flow. */
const BUSY = 6;
const RATE_PER_S = 100;
/** As short as the observations allow, which External Edges send every five seconds at least. */
export const SHORT = ["--interval", "10s", "--rehearsal", "10s", "--move", "60s", "--deadline", "10m"];
/** Without users' own round trips and losses, of which 24 s a stage would have to be gathered: who uses this counts users' packets itself. */
const QUICK = [
  ...["--rehearsal", "2s", "--move", "60s", "--deadline", "10m"],
  ...["--metric", "user-loss=off", "user-rtt=off"],
];
/** Quick, but no step is over by itself before a busy machine has done in it what it has to: `leadTo` promotes. */
export const LED = [...QUICK, "--interval", "30s"];

export interface Rollout {
  readonly stage: string;
  readonly step: number;
  readonly seen: boolean;
  readonly why: string;
  readonly steps: readonly { readonly size: number }[];
  readonly cohort: readonly { readonly edge: string; readonly moved: boolean }[];
  readonly verdict: { readonly reasons: readonly string[] } | null;
}

/** Some Edges out of all, evenly, so that some move early and some late. */
function busyEdges(edges: readonly FabricNode[]): readonly FabricNode[] {
  const every = Math.max(1, Math.floor(edges.length / BUSY));
  return edges.filter((_, i) => i % every === 0).slice(0, BUSY);
}

export interface Stage {
  readonly edges: readonly FabricNode[];
  readonly busy: readonly FabricNode[];
  readonly home: string;
  readonly away: string;
  readonly flows: readonly Flow[];
}

/** Traffic both ways of some Edges, to run until the scenario counts it. */
export async function prepare(context: ScenarioContext): Promise<Stage> {
  const { fabric } = context.lab;
  const edges = customerEdges(fabric);
  const busy = busyEdges(edges);
  const upstream = anUpstream(fabric);
  context.step(`${RATE_PER_S} packets/s both ways between ${upstream.name} and each of ${busy.length} Edges`);
  const flows: Flow[] = [];
  for (const edge of busy) flows.push(...(await context.flows(edge.name, upstream.name, RATE_PER_S)));
  await context.sleep(1000);
  const [first] = edges;
  if (first === undefined) throw new Error("this fabric has no Edge beside the controller's");
  return { edges, busy, ...planesOf(fabric, first), flows };
}

async function show(context: ScenarioContext): Promise<Rollout> {
  const { rollouts } = await context.ask<{ readonly rollouts: readonly Rollout[] }>("/v1/rollouts?limit=1");
  const [newest] = rollouts;
  if (newest === undefined) throw new LabError("lab/scenario", "there is no rollout");
  return newest;
}

/** Follows the newest rollout until `until` holds or it has ended; says each stage once. */
export async function follow(
  context: ScenarioContext,
  until: (rollout: Rollout) => boolean,
  patienceMs = 600_000,
): Promise<Rollout> {
  const started = performance.now();
  let said = "";
  for (;;) {
    const rollout = await show(context);
    const { stage, step, seen } = rollout;
    const now = `${stage} ${step} ${seen ? "observing" : "moving"}`;
    if (now !== said) context.step(`rollout: ${now}`);
    said = now;
    if (until(rollout) || ["done", "aborted", "failed-to-go-back"].includes(stage)) return rollout;
    if (performance.now() - started > patienceMs) {
      const why = rollout.verdict?.reasons.join("; ") ?? "";
      context.check(false, `the rollout stands still: ${now}: ${why}`);
      return rollout;
    }
    await context.sleep(250);
  }
}

/** Follows until everybody is seen in this step; an operator promotes each step before it as soon as they are. */
export async function leadTo(context: ScenarioContext, wanted: number): Promise<Rollout> {
  for (let at = 1; ; at++) {
    const rollout = await follow(context, ({ stage, step, seen }) => stage === "step" && step === at && seen);
    if (rollout.stage !== "step" || at === wanted) return rollout;
    await context.ctl("rollout", "promote");
  }
}

/** Checks what External Edges see of every Edge, and what the counters say of those with traffic. */
export async function checkAll(
  context: ScenarioContext,
  stage: Stage,
  plane: string,
  when: string,
): Promise<void> {
  for (const { name } of stage.busy) await checkPlanes(context, name, plane, when);
  const { edges } = (await context.ctlJson("edge", "list")) as {
    readonly edges: readonly { readonly edge: string; readonly wanted: string; readonly asWanted: boolean }[];
  };
  for (const { name } of stage.edges) {
    const one = edges.find(({ edge }) => edge === name);
    context.check(one?.wanted === plane, `${when}: ${name} is wanted on ${one?.wanted}, not ${plane}`);
    context.check(one?.asWanted === true, `${when}: ${name} is not seen on ${plane} both ways`);
  }
}

const healthy: Scenario = {
  name: "rollout-healthy",
  summary: "a crowd of Edges moves to the other plane step by step under traffic; nothing is lost",
  fabric: "test/lab/fixtures/many-edges.yaml",
  run: async (context): Promise<Figures> => {
    const stage = await prepare(context);
    await checkAll(context, stage, stage.home, "before");
    const started = performance.now();
    await context.ctlJson("rollout", "create", "--to", stage.away, ...QUICK, "--interval", "2s");
    const rollout = await follow(context, () => false);
    const ms = Math.round(performance.now() - started);
    context.check(rollout.stage === "done", `the rollout ended as ${rollout.stage}: ${rollout.why}`);
    await checkAll(context, stage, stage.away, "after");
    return {
      flows: await context.account(stage.flows),
      timesMs: { rollout: ms },
      other: { edges: rollout.cohort.length, steps: rollout.steps.map(({ size }) => size) },
    };
  },
};

const abort: Scenario = {
  name: "rollout-abort",
  summary: "an operator aborts a rollout half way: everybody is back at once, nothing is lost",
  fabric: "test/lab/fixtures/many-edges.yaml",
  run: async (context): Promise<Figures> => {
    const stage = await prepare(context);
    await context.ctlJson("rollout", "create", "--to", stage.away, "--steps", "1,50%,100%", ...LED);
    const half = await leadTo(context, 2);
    context.check(half.stage === "step", `the rollout ended early, as ${half.stage}: ${half.why}`);
    const moved = new Set(half.cohort.filter((one) => one.moved).map(({ edge }) => edge));
    const movedBusy = stage.busy.map(({ name }) => name).filter((name) => moved.has(name));
    context.step(`abort with ${moved.size} Edges on ${stage.away}, ${movedBusy.length} of them with traffic`);
    const watch = new LeavingWatch(context.lab, movedBusy, stage.away);
    await context.sleep(500);
    const started = performance.now();
    await context.ctl("rollout", "abort", "--note", "the scenario wants it");
    const ms = Math.round(performance.now() - started);
    await context.sleep(1000);
    const last = await watch.stop(started);
    const rollout = await show(context);
    context.check(rollout.stage === "aborted", `the rollout ended as ${rollout.stage}: ${rollout.why}`);
    await checkAll(context, stage, stage.home, "after the abort");
    for (const [edge, at] of last)
      context.check(at !== null, `${edge} had no traffic on ${stage.away} when it was aborted`);
    return {
      flows: await context.account(stage.flows),
      timesMs: { abort: ms, lastPacketOnLeftPlane: Math.max(...[...last.values()].map((at) => at ?? 0)) },
      other: { moved: moved.size, lastPacketByEdge: Object.fromEntries(last) },
    };
  },
};

export const ROLLOUT_SCENARIOS: readonly Scenario[] = [healthy, abort];
