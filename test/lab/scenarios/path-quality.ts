import type { MeasureAnswer } from "@vsix/controller/http/routes-measure.ts";
import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import { lossyCable } from "../faults.ts";
import type { Lab } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { cableCounts, counted, countOnCables, type Sender } from "./cable-witness.ts";

type Row = MeasureAnswer["planes"][number];

const LOSS_PERCENT = 10;
const HEALTHY_MS = 10_000;
const LOSSY_MS = 30_000;
/** A window is told two seconds after its beginning, and the answer leaves out the newest three. */
const SETTLE_MS = 4_000;
/** How often this may fail though everything is right: the binomial distribution beyond the bounds, both sides together. */
const CHANCE = 1e-9;

interface PlaneCast {
  readonly plane: string;
  readonly router: FabricNode;
  /** The router's port to the External Edge, and that one's port to it. */
  readonly away: Sender;
  readonly back: Sender;
}

function castOf({ fabric }: Lab): readonly PlaneCast[] {
  return fabric.planes.map(({ name: plane }) => {
    const router = fabric.nodes.find((node) => node.role === "plane" && node.plane === plane);
    const port = adjacenciesOf(fabric, router?.name ?? "").find(({ peer }) => peer.role === "external-edge");
    if (router === undefined || port === undefined)
      throw new LabError("lab/scenario", `plane ${plane} has no router beside an External Edge`);
    return { plane, router, away: port.self, back: port.far };
  });
}

/** Counts, for each plane, its router's echoes and their answers: on the plane's own cable, and on every other plane's. */
async function setUpWitness(lab: Lab, cast: readonly PlaneCast[], target: string): Promise<void> {
  for (const { plane, router, away, back } of cast) {
    const others = cast.filter((other) => other.plane !== plane).flatMap((other) => [other.away, other.back]);
    await countOnCables(lab, `asked-${plane}`, [away], asks(router, target));
    await countOnCables(lab, `answered-${plane}`, [back], answers(router, target));
    await countOnCables(lab, `astray-asked-${plane}`, others, asks(router, target));
    await countOnCables(lab, `astray-answered-${plane}`, others, answers(router, target));
  }
}

function asks({ loopback }: FabricNode, target: string): readonly string[] {
  return ["ip6", "saddr", loopback, "ip6", "daddr", target, "icmpv6", "type", "echo-request"];
}

function answers({ loopback }: FabricNode, target: string): readonly string[] {
  return ["ip6", "saddr", target, "ip6", "daddr", loopback, "icmpv6", "type", "echo-reply"];
}

async function measure(context: ScenarioContext, lastMs: number): Promise<MeasureAnswer> {
  await context.sleep(SETTLE_MS);
  const seconds = Math.ceil(lastMs / 1000);
  return (await context.ctlJson("measure", "--last", String(seconds))) as MeasureAnswer;
}

function rowOf(answer: MeasureAnswer, plane: string, target: string): Row {
  const row = answer.planes.find((one) => one.plane === plane && one.target === target);
  if (row === undefined) throw new LabError("lab/scenario", `nothing measured of ${plane} to ${target}`);
  return row;
}

async function quality(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const [target] = lab.fabric.measure.targets;
  const cast = castOf(lab);
  const [lossy, sound] = cast;
  if (target === undefined || lossy === undefined || sound === undefined)
    throw new LabError("lab/scenario", "this fabric has no target, or no two planes");
  await setUpWitness(lab, cast, target.address);

  context.step(`both planes are measured over ${target.name} at once`);
  const start = await cableCounts(lab);
  await context.sleep(HEALTHY_MS);
  const healthyCounts = counted(start, await cableCounts(lab));
  const healthy = await measure(context, HEALTHY_MS);
  for (const { plane } of cast) {
    const row = rowOf(healthy, plane, target.name);
    context.check(
      row.complete >= 0.5 && row.sent >= 30,
      `${plane}: too little measured: ${JSON.stringify(row)}`,
    );
    context.check(row.lost === 0, `${plane}: ${row.lost} lost although nothing is wrong`);
    const [asked = 0, answered = 0] = [healthyCounts[`asked-${plane}`], healthyCounts[`answered-${plane}`]];
    context.check(asked >= 30, `${plane}: only ${asked} echoes on its cable`);
    // One or two may be on their way when the counters are read.
    context.check(
      Math.abs(asked - answered) <= 5,
      `${plane}: ${asked} asked, ${answered} answered by its own cable`,
    );
  }
  for (const { target: edge, sent, lost } of healthy.edges)
    context.check(sent >= 30 && lost === 0, `${edge}: ${sent} sent, ${lost} lost although nothing is wrong`);

  context.step(`${LOSS_PERCENT}% of what ${lossy.router.name} sends to ${lossy.back.node} is lost`);
  const before = await cableCounts(lab);
  const match = asks(lossy.router, target.address);
  const { counter, heal } = await lossyCable(lab, lossy.away, LOSS_PERCENT, match);
  await context.sleep(LOSSY_MS);
  await heal();
  const counts = counted(before, await cableCounts(lab));
  const dropped = counts[counter] ?? 0;
  // The witness stands behind the loss, so it has seen those that were left.
  const asked = (counts[`asked-${lossy.plane}`] ?? 0) + dropped;
  const answer = await measure(context, LOSSY_MS + 2 * SETTLE_MS);
  const [bad, good] = [rowOf(answer, lossy.plane, target.name), rowOf(answer, sound.plane, target.name)];
  context.check(bad.lost === dropped, `${dropped} echoes were lost in ${lossy.plane}, ${bad.lost} were told`);
  context.check(good.lost === 0 && good.sent >= 90, `${sound.plane}: ${good.lost} of ${good.sent} lost`);
  const [least, most] = binomialBounds(asked, LOSS_PERCENT / 100, CHANCE);
  context.check(
    dropped >= least && dropped <= most,
    `${dropped} of ${asked} lost, ${least} to ${most} are ${LOSS_PERCENT}%`,
  );
  for (const { name, prefers } of lab.fabric.nodes.filter(({ role }) => role === "edge")) {
    const row = answer.edges.find((one) => one.target === name);
    if (prefers !== lossy.plane) continue;
    context.check((row?.lost ?? 0) > 0, `${name} is on ${prefers}, and no loss was told of its own way`);
  }
  const end = counted(start, await cableCounts(lab));
  for (const { plane } of cast)
    for (const what of ["asked", "answered"])
      context.check(
        end[`astray-${what}-${plane}`] === 0,
        `echoes of ${plane} (${what}) crossed another plane`,
      );
  const edges = answer.edges.map(({ target: edge, sent, lost }) => ({ edge, sent, lost }));
  return {
    flows: [],
    other: { healthy: healthy.planes, lossy: answer.planes, dropped, asked, between: [least, most], edges },
  };
}

/** The least and most of `n` draws that each happen with probability `p`; outside, with probability `chance` at most. */
function binomialBounds(n: number, p: number, chance: number): readonly [number, number] {
  const mass: number[] = [];
  let logChoose = 0;
  for (let k = 0; k <= n; k++) {
    mass.push(Math.exp(logChoose + k * Math.log(p) + (n - k) * Math.log1p(-p)));
    logChoose += Math.log(n - k) - Math.log(k + 1);
  }
  const edge = (values: readonly number[]): number => {
    let tail = 0;
    return values.findIndex((value) => {
      tail += value;
      return tail > chance / 2;
    });
  };
  return [edge(mass), n - edge(mass.toReversed())];
}

export const PATH_QUALITY_SCENARIOS: readonly Scenario[] = [
  {
    name: "path-quality",
    summary:
      "both planes are measured over the same target at once; loss shows on the plane that has it, as large as it is",
    fabric: "examples/quick.yaml",
    run: quality,
  },
];
