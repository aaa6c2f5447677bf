import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { findNode } from "@vsix/shared/fabric/query.ts";
import { egressSidIn } from "@vsix/shared/fabric/sids.ts";
import { healCable, pullCable } from "../faults.ts";
import { LabError } from "../lab-error.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { type FlowFigures, startFlow } from "../traffic.ts";
import { cableCounts, counted, countOnCables, type Sender } from "./cable-witness.ts";
import { customerEdges, planesOf } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

/** Who is steered where by the first override of a fabric, and an Edge that is not. */
interface Cast {
  readonly edge: FabricNode;
  readonly bystander: FabricNode;
  readonly destination: FabricNode;
  /** Egress of the override, named by its own port at the External Edge. */
  readonly egress: Sender;
  /** Every other egress of the AS. */
  readonly others: readonly Sender[];
  readonly home: string;
  readonly away: string;
}

function castOf(fabric: Fabric): Cast {
  const [override] = fabric.overrides;
  const edge = override?.edges[0] === undefined ? undefined : findNode(fabric, override.edges[0]);
  const bystander = customerEdges(fabric).find(({ name }) => override?.edges.includes(name) === false);
  const destination = fabric.nodes.find((node) => node.prefixes.includes(override?.prefix ?? ""));
  const egresses = fabric.links
    .filter(({ kind }) => kind === "upstream")
    .flatMap(({ ends }) => ends.filter(({ node }) => findNode(fabric, node)?.role === "external-edge"));
  const isMeant = (port: Sender): boolean =>
    port.node === override?.via &&
    fabric.links.some(
      ({ ends }) =>
        ends.some((end) => end.node === port.node && end.interface === port.interface) &&
        ends.some((end) => end.node === override?.upstream),
    );
  const egress = egresses.find(isMeant);
  if (edge === undefined || bystander === undefined || destination === undefined || egress === undefined)
    throw new LabError("lab/scenario", "this fabric has no override of one Edge towards a node of its own");
  return {
    edge,
    bystander,
    destination,
    egress,
    others: egresses.filter((port) => !isMeant(port)),
    ...planesOf(fabric, edge),
  };
}

/**
 * Counters: `NAME-egress` and `NAME-others` are an Edge's packets as they leave the AS; `sid-PLANE` are its packets as they
 * reach the External Edge inside an outer header (next header 41) to the SID in that plane's locator; `plain` those that
 * reach it without.
 */
async function setUpWitness(context: ScenarioContext, cast: Cast): Promise<void> {
  const { lab } = context;
  const { edge, bystander, destination, egress, others } = cast;
  for (const { name, loopback } of [edge, bystander]) {
    const packets = fromTo(loopback, destination.loopback);
    await countOnCables(lab, `${name}-egress`, [egress], packets);
    await countOnCables(lab, `${name}-others`, others, packets);
  }
  const intoBorder = lab.fabric.links
    .filter(({ kind }) => kind === "plane-external")
    .flatMap(({ ends }) => ends.filter(({ node }) => findNode(lab.fabric, node)?.role === "plane"));
  const [override] = lab.fabric.overrides;
  for (const { name } of lab.fabric.planes) {
    const sid = egressSidIn(lab.fabric, name, override?.via ?? "", override?.upstream ?? "") ?? "::";
    const outer = ["ip6", "nexthdr", "41", "ip6", "daddr", sid, ...INNER_UDP];
    const ports = intoBorder.filter(({ node }) => findNode(lab.fabric, node)?.plane === name);
    await countOnCables(lab, `sid-${name}`, ports, outer);
  }
  await countOnCables(lab, "plain", intoBorder, fromTo(edge.loopback, destination.loopback));
}

/** The flows' packets, not the probes that agents send between the same hosts. */
function fromTo(source: string, destination: string): readonly string[] {
  return ["ip6", "saddr", source, "ip6", "daddr", destination, "ip6", "nexthdr", "17"];
}

/** Next header of the inner header (RFC 8200 section 3), right behind an outer one of 40 octets, in bits. */
const INNER_UDP = ["@nh,368,8", "17"];

interface Phase {
  readonly flows: readonly FlowFigures[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Traffic of the Edge both ways and of the bystander for as long as `act` takes and a second more. */
async function phase(
  context: ScenarioContext,
  cast: Cast,
  name: string,
  act: () => Promise<unknown> = async () => {},
  lostAtMost = 0,
): Promise<Phase> {
  const { lab } = context;
  const { edge, bystander, destination } = cast;
  context.step(name);
  const before = await cableCounts(lab);
  const both = await context.flows(edge.name, destination.name);
  const aside = await context.flow(bystander.name, destination.name);
  await context.sleep(300);
  await act();
  await context.sleep(1000);
  const [steered, other] = await Promise.all([
    context.account(both, lostAtMost),
    // What happens to an egress that it does not use is nothing to the bystander.
    context.account([aside]),
  ]);
  const flows = [...steered, ...other].map((flow) => ({ ...flow, label: `${flow.label} ${name}` }));
  const counts = counted(before, await cableCounts(lab));
  const bystanderSent = other[0]?.sent ?? 0;
  context.check(
    counts[`${bystander.name}-egress`] === 0 && counts[`${bystander.name}-others`] === bystanderSent,
    `${name}: ${bystander.name} is not steered, yet ${JSON.stringify(counts)} of ${bystanderSent}`,
  );
  return { flows, counts };
}

/** Checks that every packet of the Edge took this egress, inside an outer header to this plane's SID and no other. */
function checkWay(
  context: ScenarioContext,
  cast: Cast,
  { flows, counts }: Phase,
  want: { readonly egress: "egress" | "others"; readonly plane: string; readonly when: string },
): void {
  const sent = flows[0]?.sent ?? 0;
  const { edge } = cast;
  const wanted: Record<string, number> = {
    [`${edge.name}-egress`]: want.egress === "egress" ? sent : 0,
    [`${edge.name}-others`]: want.egress === "others" ? sent : 0,
    plain: 0,
  };
  for (const plane of context.lab.fabric.planes.map(({ name }) => name))
    wanted[`sid-${plane}`] = plane === want.plane ? sent : 0;
  for (const [name, number] of Object.entries(wanted))
    context.check(
      counts[name] === number,
      `${want.when}: ${counts[name]} packets counted as ${name}, not ${number}`,
    );
}

const FULL_SIZE = 1500 - 40 - 8;

async function override(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const cast = castOf(lab.fabric);
  const { edge, destination, home, away, egress } = cast;
  await setUpWitness(context, cast);
  const steer = (plane: string) => async (): Promise<void> => {
    await context.ctlJson("edge", "steer", edge.name, "--plane", plane);
  };

  const steady = await phase(context, cast, "steady");
  checkWay(context, cast, steady, { egress: "egress", plane: home, when: "steady" });

  context.step("packets of full size");
  const big = await startFlow({
    lab,
    from: edge.name,
    to: destination.name,
    ratePerS: 200,
    size: FULL_SIZE,
  });
  await context.sleep(500);
  const full = (await context.account([big])).map((flow) => ({
    ...flow,
    label: `${flow.label} 1500 octets`,
  }));

  const moving = await phase(context, cast, `to ${away}`, steer(away));
  context.check(
    moving.counts[`${edge.name}-others`] === 0 && moving.counts["plain"] === 0,
    `while it moved: packets left by another egress, or without the SID: ${JSON.stringify(moving.counts)}`,
  );
  const moved = await phase(context, cast, `on ${away}`);
  checkWay(context, cast, moved, { egress: "egress", plane: away, when: `on ${away}` });

  const failing = await phase(context, cast, "egress fails", () => pullCable(lab, egress), 500);
  const without = await phase(context, cast, "without egress");
  checkWay(context, cast, without, { egress: "others", plane: away, when: "without egress" });

  const returning = await phase(context, cast, "egress returns", async () => {
    await healCable(lab, egress);
    await context.converge(30_000);
  });
  const back = await phase(context, cast, `back to ${home}`, steer(home));
  const end = await phase(context, cast, "end");
  checkWay(context, cast, end, { egress: "egress", plane: home, when: "end" });
  await checkPlansEmpty(context);

  const phases = { steady, moving, moved, failing, without, returning, back, end };
  return {
    flows: [...full, ...Object.values(phases).flatMap(({ flows }) => flows)],
    timesMs: { outage: Math.max(...failing.flows.map((flow) => flow.maxGapMs)) },
    other: Object.fromEntries(Object.entries(phases).map(([name, { counts }]) => [name, counts])),
  };
}

export const STEER_EGRESS_SCENARIOS: readonly Scenario[] = [
  {
    name: "steer-egress-override",
    summary:
      "one Edge's traffic leaves by a chosen upstream through SRv6; moved, without that upstream, and back",
    fabric: "examples/overrides.yaml",
    run: override,
  },
];
