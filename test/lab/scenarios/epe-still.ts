import { delayCable, healDelay } from "../delay-fault.ts";
import { healCable, pullCable } from "../faults.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import {
  bgpChoice,
  bothWays,
  enableAndMove,
  epeStatus,
  history,
  portOf,
  setStage,
  statusWhere,
  waitLeaves,
} from "./epe-stage.ts";
import { checkPlansEmpty } from "./plans.ts";

/** By so much the fabric file's other path is quicker on the way out; back all come by BGP's. */
const EVEN_MS = 11;
const EVEN_FOR_MS = 180_000;

async function equalPaths(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const stage = await setStage(context);
  const flows = await bothWays(context, stage);
  const { bgp, other } = await bgpChoice(context, stage);
  context.step(`${other} becomes as slow as ${bgp}`);
  await delayCable(lab, portOf(stage, other), { delayMs: EVEN_MS });
  await stage.left();
  await context.ctlJson("epe", "enable", "--note", "scenario");
  context.step(`two equal paths for ${EVEN_FOR_MS / 1000} s`);
  await context.sleep(EVEN_FOR_MS);
  const elsewhere = (await stage.left()).get(other) ?? 0;
  context.check(elsewhere === 0, `${elsewhere} packets left by ${other}`);
  const moves = (await history(context)).filter(({ body }) => body.kind === "move");
  context.check(moves.length === 0, `${moves.length} moves: ${JSON.stringify(moves[0]?.body)}`);
  const status = await epeStatus(context);
  context.check(
    status.measuring.every(({ cycles }) => cycles >= 15),
    "it was not measured",
  );
  const why = (await context.ctl("epe", "explain", stage.destination.loopback)).split("\n");
  const figures = await context.account(flows);
  await healDelay(lab, portOf(stage, other));
  return {
    flows: figures,
    other: { bgp, other, forMs: EVEN_FOR_MS, moves: moves.length, said: why.slice(0, 12) },
  };
}

/** A flap: so long down, and up again for the rest of ten seconds. */
const DOWN_MS = 2000;
const FLAP_MS = 10_000;
const FLAPS = 6;
/** At 1,000 a second, of one direction, each time. */
const LOST_AT_MOST = 500;

async function flap(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const stage = await setStage(context);
  const before = await bothWays(context, stage);
  const { bgp, better, movedMs } = await enableAndMove(context, stage);
  const quiet = await context.account(before);
  const port = portOf(stage, better);
  const flows = await bothWays(context, stage);
  context.step(`${better} flaps every ${FLAP_MS / 1000} s, ${FLAPS} times`);
  const atStart = (await history(context))[0]?.id ?? 0;
  const byFlap: (string | undefined)[] = [];
  for (let i = 1; i <= FLAPS; i++) {
    const startMs = performance.now();
    await pullCable(lab, port);
    await context.sleep(DOWN_MS);
    byFlap.push(await stage.leavesBy(500));
    await healCable(lab, port);
    await context.sleep(Math.max(0, FLAP_MS - (performance.now() - startMs)));
  }
  context.check(
    byFlap.every((by) => by === bgp),
    `while it was down packets left by ${byFlap.join(", ")}`,
  );
  const since = (await history(context)).filter(({ id }) => id > atStart);
  const moves = since.filter(({ body }) => body.kind === "move").length;
  // It was moved to before; once more may be, before anybody can know that it flaps.
  context.check(moves <= 1, `it was moved to ${moves} times while it flapped`);
  context.check((await stage.leavesBy(500)) === bgp, "packets were led to a peer that flaps");
  context.step("it flaps no more");
  const backMs = await waitLeaves(context, stage, better, 240_000);
  const lost = await context.account(flows, LOST_AT_MOST * (1 + moves));
  await statusWhere(context, ({ alarms }) => alarms.length === 0, 10_000);
  await checkPlansEmpty(context);
  return {
    flows: [...quiet, ...lost],
    timesMs: { "enabled to moved": movedMs, "quiet to used again": backMs },
    other: {
      bgp,
      better,
      flaps: FLAPS,
      moves,
      longestGapMs: Math.max(...lost.map(({ maxGapMs }) => maxGapMs)),
    },
  };
}

export const EPE_STILL_SCENARIOS: readonly Scenario[] = [
  {
    name: "epe-equal-paths",
    summary: `two peers with equal paths for ${EVEN_FOR_MS / 1000} s of cycles: nothing moves, nothing is lost`,
    long: true,
    fabric: "examples/epe.yaml",
    run: equalPaths,
  },
  {
    name: "epe-flap",
    summary: `the peer that traffic was led to flaps every ${FLAP_MS / 1000} s: it is left and not tried again until it has been quiet`,
    long: true,
    fabric: "examples/epe.yaml",
    run: flap,
  },
];
