import { healCable, pullCable } from "../faults.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import type { FlowFigures } from "../traffic.ts";
import { cableCounts, counted, countOnCables } from "./cable-witness.ts";
import { encapsulated, into, plainly, type SteeredCast, steeredCast } from "./epe-cast.ts";
import { checkPlansEmpty } from "./plans.ts";

/** A packet may pass a router on its way to the peer in vain, and once more on its way out. */
const PASSES = 2;
/** At 1,000 a second, while the External Edge notices that its cable has lost the carrier. */
const LOST_AT_MOST = 500;

interface Phase {
  readonly flow: FlowFigures | undefined;
  /** Packets into each router, for each packet sent. */
  readonly passes: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
}

async function phase(
  context: ScenarioContext,
  { edge, destination }: SteeredCast,
  name: string,
  act: () => Promise<unknown> = async () => {},
  lostAtMost = 0,
): Promise<Phase> {
  const { lab } = context;
  context.step(name);
  const before = await cableCounts(lab);
  const started = await context.flow(edge.name, destination.name);
  await context.sleep(300);
  await act();
  await context.sleep(1500);
  const [flow] = await context.account([started], lostAtMost);
  const counts = counted(before, await cableCounts(lab));
  const passes: Record<string, number> = {};
  const sent = flow?.sent ?? 0;
  for (const [counter, packets] of Object.entries(counts)) {
    if (!counter.startsWith("into-")) continue;
    const router = counter.slice("into-".length);
    passes[router] = Math.round((100 * packets) / Math.max(1, sent)) / 100;
    context.check(
      packets <= PASSES * sent,
      `${name}: ${packets} packets came in to ${router} for ${sent} sent: some passed it more than ${PASSES} times`,
    );
  }
  return {
    flow: flow === undefined ? undefined : { ...flow, label: `${flow.label} ${name}` },
    passes,
    counts,
  };
}

async function fallback(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const cast = steeredCast(lab.fabric);
  const { edge, destination, egress } = cast;
  const ends = [edge.loopback, destination.loopback] as const;
  for (const { name, role } of lab.fabric.nodes) {
    if (role !== "plane" && role !== "external-edge") continue;
    for (const words of [plainly(...ends), encapsulated(...ends)])
      await countOnCables(lab, `into-${name}`, into(lab.fabric, name), words);
  }
  await countOnCables(lab, "steered-out", [egress], plainly(...ends));

  const steady = await phase(context, cast, "steady");
  context.check(
    steady.counts["steered-out"] === steady.flow?.sent,
    `steady: ${steady.counts["steered-out"]} of ${steady.flow?.sent} left by ${egress.interface} of ${egress.node}`,
  );
  const failing = await phase(context, cast, "peer fails", () => pullCable(lab, egress), LOST_AT_MOST);
  const without = await phase(context, cast, "without peer");
  context.check(without.counts["steered-out"] === 0, "without peer: packets left by it all the same");
  const back = await phase(context, cast, "peer returns", async () => {
    await healCable(lab, egress);
    await context.converge(30_000);
  });
  const end = await phase(context, cast, "end");
  context.check(
    end.counts["steered-out"] === end.flow?.sent,
    `end: ${end.counts["steered-out"]} of ${end.flow?.sent} left by the peer`,
  );
  await checkPlansEmpty(context);
  const phases = { steady, failing, without, back, end };
  return {
    flows: Object.values(phases).flatMap(({ flow }) => flow ?? []),
    timesMs: { outage: failing.flow?.maxGapMs ?? 0 },
    other: Object.fromEntries(
      Object.entries(phases).map(([name, { passes }]) => [`${name}, passes`, passes]),
    ),
  };
}

export const EPE_FALLBACK_SCENARIOS: readonly Scenario[] = [
  {
    name: "epe-fallback-loop",
    summary:
      "the peer that traffic is steered to dies, the only other exit is behind the headend: no loop, it arrives",
    fabric: "examples/fallback.yaml",
    run: fallback,
  },
];
