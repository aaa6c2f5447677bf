import type { MeasureAnswer } from "@vsix/controller/http/routes-measure.ts";
import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import { LabError } from "../lab-error.ts";
import { isOnline, keepJournal, lookInto, placeRouter, waitFor } from "../machines/place-router.ts";
import type { VirtualMachine } from "../machines/virtual-machine.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { sessionsWith } from "./gobgp.ts";
import { ownEdge, planesOf } from "./pick.ts";
import { checkAll, follow, prepare } from "./rollout.ts";

const BOOT_MS = 1_200_000;
/** Five stages, of about two minutes each until the judge is sure; the rollout's own deadline comes first. */
const ROLLOUT_MS = 1_200_000;
/** More than three times what a link may be silent for by the times of hardware, and less than it may be by this fabric's. */
const STILL_MS = 3_000;
/** A session that was closed is not back within this time unnoticed: it has another beginning then. */
const AFTERWARDS_MS = 10_000;
/** One Edge, then all. Times as for a busy machine: what is emulated answers late. */
const TERMS = [
  ...["--steps", "1,100%", "--interval", "20s", "--rehearsal", "10s", "--move", "60s", "--deadline", "15m"],
  // Users' own round trips and losses would be gathered for 24 s a stage; the scenario counts users' packets itself.
  // Jitter of an emulated router is what its host does in that minute: at a load of 20 it was 2.2 to 2.6 ms more than in the baseline, for five
  // minutes, of which the judge could not be sure in either way. Round trips, loss, paths, sessions and prefixes are judged as ever.
  ...["--metric", "user-loss=off", "user-rtt=off", "jitter=off"],
  // A router whose every instruction is translated has round trips that are its nature: each plane against its own.
  "--planes-differ",
];

/** The only router of a plane. */
function routerOf({ lab: { fabric } }: ScenarioContext, plane: string): FabricNode {
  const [router, ...others] = fabric.nodes.filter((node) => node.role === "plane" && node.plane === plane);
  if (router === undefined || others.length > 0)
    throw new LabError(
      "lab/scenario",
      `${plane} is to have one router, which the image can take the place of`,
    );
  return router;
}

/**
 * As an operator would, who looks at `vsixctl measure` first: the judge goes by what was measured, and for a plane that was away a minute ago it has to
 * say no. It does: a rollout begun at once was aborted for 80 % of loss.
 */
async function untilClean(context: ScenarioContext, machine: VirtualMachine, plane: string): Promise<void> {
  context.step(`until ${plane} has been measured for a minute without a loss`);
  await waitFor(context, machine, `${plane} loses nothing`, BOOT_MS, async () => {
    const { planes } = await context.ask<MeasureAnswer>("/v1/measure?lastS=60");
    const rows = planes.filter((row) => row.plane === plane);
    return rows.length > 0 && rows.every(({ sent, lost }) => sent > 0 && lost === 0);
  });
}

/**
 * A machine whose host is busy stands still: by the times of hardware (`bfd`) its neighbours closed their sessions, and the judge ended the
 * rollout. By times that are meant for it nobody does.
 */
async function standStill(context: ScenarioContext, machine: VirtualMachine, router: string): Promise<void> {
  const { lab, check } = context;
  context.step(`${router} stands still for ${STILL_MS} ms`);
  const before = await sessionsWith(lab, router);
  await machine.standStill(STILL_MS);
  await context.sleep(AFTERWARDS_MS);
  const after = await sessionsWith(lab, router);
  for (const [neighbour, since] of Object.entries(before))
    check(
      since !== null && after[neighbour] === since,
      `${neighbour}: its session with ${router} began at ${since} before and at ${after[neighbour]} after that`,
    );
}

async function run(context: ScenarioContext): Promise<Figures> {
  const { lab, check } = context;
  const edge = ownEdge(lab.fabric);
  const { home, away } = planesOf(lab.fabric, edge);
  const router = routerOf(context, away).name;
  const stage = await prepare(context);
  await using machine = await placeRouter(context, router, []);
  const timesMs: Record<string, number> = {};
  const since = (): number => Math.round(performance.now() - machine.startedMs);
  await waitFor(context, machine, "the controller hears it", BOOT_MS, () => isOnline(context, router));
  timesMs["power to the controller"] = since();
  await context.converge(BOOT_MS);
  timesMs[`power to ${away} as the controller wants it`] = since();
  await standStill(context, machine, router);
  await untilClean(context, machine, away);
  await checkAll(context, stage, home, "before");

  context.step(`a rollout to ${away}, which is the machine`);
  const startedMs = performance.now();
  await context.ctlJson("rollout", "create", "--to", away, "--canary", edge.name, ...TERMS);
  const rollout = await follow(context, () => false, ROLLOUT_MS);
  if (rollout.stage !== "done") await keepJournal(lab, router, machine);
  timesMs["rollout"] = Math.round(performance.now() - startedMs);
  const why = `${rollout.why}; ${rollout.verdict?.reasons.join("; ") ?? ""}`;
  check(rollout.stage === "done", `the rollout ended as ${rollout.stage}: ${why}`);
  await checkAll(context, stage, away, "after");
  return {
    flows: await context.account(stage.flows),
    timesMs,
    planes: { before: home, after: away, router },
    other: {
      steps: rollout.steps.map(({ size }) => size),
      moved: rollout.cohort.filter(({ moved }) => moved).map((one) => one.edge),
      machine: await lookInto(machine),
    },
  };
}

export const IMAGE_ROLLOUT_SCENARIOS: readonly Scenario[] = [
  {
    name: "image-rollout",
    summary:
      "the router image boots in QEMU as the only router of the idle plane, and a rollout moves the traffic of all Edges onto it under its judge, an Edge first: nothing is lost; on demand, needs images/build router",
    fabric: "test/lab/fixtures/machines.yaml",
    long: true,
    run,
  },
];
