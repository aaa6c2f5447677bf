import type { DestinationView } from "@vsix/controller/epe/view.ts";
import { adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import { LabError } from "../lab-error.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { cableCounts, counted, countOnCables } from "./cable-witness.ts";
import { applyChanged, bgpChoice, type EpeStage, setStage, waitLeaves } from "./epe-stage.ts";
import { checkPlansEmpty } from "./plans.ts";

const RATE_PER_S = 500;
/** UDP payload, and with it the headers of UDP and IPv6. */
const SIZE = 1000;
const PACKET = SIZE + 48;
/** Less than what the flow is, and far more than what else there is. */
const CAP_MBPS = 1;
/** Of the rate that the cable shows: readings of both are not of one moment. */
const NEAR = 0.15;
const LIMIT_MS = 90_000;

/** What is said of the destination at one router, once `holds`; undefined when it does not in time. */
async function rowWhere(
  context: ScenarioContext,
  { destination }: EpeStage,
  router: string,
  holds: (row: DestinationView) => boolean,
): Promise<DestinationView | undefined> {
  const prefix = context.lab.fabric.epe?.destinations.list.find(
    ({ address }) => address === destination.loopback,
  )?.prefix;
  const endMs = performance.now() + LIMIT_MS;
  let last: DestinationView | undefined;
  while (performance.now() < endMs) {
    const { rows } = await context.ask<{ readonly rows: DestinationView[] }>("/v1/epe/destinations?limit=40");
    last = rows.find((row) => row.node === router && row.prefix === prefix);
    if (last !== undefined && holds(last)) return last;
    await context.sleep(500);
  }
  context.step(`last said of it at ${router}: ${JSON.stringify(last)}`);
  return undefined;
}

/** Traffic of one prefix is counted where it comes in, and a cap on what may move in a cycle is about what it carries. */
async function traffic(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  await applyChanged(context, "examples/epe.yaml", (text) =>
    text.replace("decide: { ", `decide: { maxMbpsPerCycle: ${CAP_MBPS}, `),
  );
  const stage = await setStage(context);
  const { edge, destination } = stage;
  const ports = adjacenciesOf(lab.fabric, edge.name);
  const home = ports.find(({ peer }) => peer.plane === edge.prefers);
  const away = ports.find(({ peer }) => peer.plane !== edge.prefers);
  if (home === undefined || away === undefined)
    throw new LabError("lab/scenario", `${edge.name} is not in two planes`);
  const match = [
    "ip6",
    "saddr",
    edge.loopback,
    "ip6",
    "daddr",
    destination.loopback,
    "udp",
    "length",
    ">",
    "500",
  ];
  await countOnCables(lab, "carried", [home.self], match);
  const flow = await context.flow(edge.name, destination.name, RATE_PER_S, { size: SIZE });
  const { bgp, other } = await bgpChoice(context, stage);
  context.step("vsixctl epe enable, with a cap on traffic that is less than this prefix carries");
  const [beforeMs, before] = [performance.now(), await cableCounts(lab)];
  await context.ctlJson("epe", "enable", "--note", "scenario");
  const held = await rowWhere(
    context,
    stage,
    home.peer.name,
    ({ rule, mbps }) => rule === "cap-traffic" && mbps !== null,
  );
  context.check(held !== undefined, "the cap on traffic does not hold it");
  context.check((await stage.leavesBy(1000)) === bgp, "it moved all the same");
  // Over the window that the controller counts by, from now on.
  const settled = await rowWhere(
    context,
    stage,
    home.peer.name,
    ({ mbps }) => mbps !== null && mbps > CAP_MBPS,
  );
  const packets = counted(before, await cableCounts(lab))["carried"] ?? 0;
  const carriedMbps = (packets * PACKET * 8) / 1000 / (performance.now() - beforeMs);
  const saidMbps = settled?.mbps ?? 0;
  context.check(
    Math.abs(saidMbps - carriedMbps) <= NEAR * carriedMbps,
    `it carries ${carriedMbps.toFixed(2)} Mbit/s, ${saidMbps.toFixed(2)} are told`,
  );
  const elsewhere = await rowWhere(context, stage, away.peer.name, ({ mbps }) => mbps !== null);
  context.check(
    (elsewhere?.mbps ?? Number.POSITIVE_INFINITY) < carriedMbps / 100,
    `${elsewhere?.mbps} Mbit/s are told at ${away.peer.name}, where nothing comes in`,
  );
  await checkPlansEmpty(context);
  context.step("the cap is what it is by default");
  await applyChanged(context, "examples/epe.yaml", (text) => `${text}\n`);
  const movedMs = await waitLeaves(context, stage, other);
  return {
    flows: await context.account([flow]),
    timesMs: { "cap lifted to moved": movedMs },
    other: {
      bgp,
      better: other,
      "Mbit/s on the cable": carriedMbps.toFixed(3),
      "Mbit/s told": saidMbps.toFixed(3),
      "Mbit/s told where nothing comes in": elsewhere?.mbps,
    },
  };
}

export const EPE_TRAFFIC_SCENARIOS: readonly Scenario[] = [
  {
    name: "epe-traffic",
    summary:
      "what a prefix carries is counted where it comes in: a cap of less than that holds it, without the cap it moves",
    long: true,
    fabric: "examples/epe.yaml",
    run: traffic,
  },
];
