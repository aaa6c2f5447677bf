import { crashNode, healCable, type LinkRef, pullCable, restoreNode, silenceCable } from "../faults.ts";
import { type Lab, nodeOf } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { portCounters } from "../observe.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import type { FlowFigures } from "../traffic.ts";
import { anUpstream, customerEdges, planesOf, remoteEdge } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

interface Fault {
  /** Packets each way that may be lost, at 1000 a second, while the fault is noticed. */
  readonly lostAtMost: (lab: Lab) => number;
  /** Milliseconds after which traffic must flow again. */
  readonly healedWithinMs: (lab: Lab) => number;
  strike(context: ScenarioContext, busy: LinkRef): Promise<() => Promise<void>>;
}

/**
 * Traffic both ways across a plane; the busiest thing in its way fails and comes back. Losses are reported and bounded;
 * in between nothing at all may be lost, and the traffic must still be on its own plane.
 */
async function survive(context: ScenarioContext, fault: Fault): Promise<Figures> {
  const { lab } = context;
  const edge = remoteEdge(lab.fabric);
  const upstream = anUpstream(lab.fabric);
  context.step(`1000 packets/s both ways between ${edge.name} and ${upstream.name}`);
  const during = await context.flows(edge.name, upstream.name);
  await context.sleep(500);
  const busy = await busiestLink(context, planesOf(lab.fabric, edge).home);
  context.step(`fault at ${busy.node} ${busy.interface}`);
  const heal = await fault.strike(context, busy);
  await context.sleep(fault.healedWithinMs(lab));
  const lossy = await context.account(during, fault.lostAtMost(lab));
  context.step("with the fault still there");
  const around = await context.flows(edge.name, upstream.name);
  await context.sleep(2000);
  const clean = await context.account(around);
  context.step("the fault ends");
  const returning = await context.flows(edge.name, upstream.name);
  await heal();
  await context.sleep(1000);
  const healedMs = await context.converge(60_000);
  await context.sleep(1000);
  const back = await context.account(returning);
  const label = (figures: typeof lossy, when: string) =>
    figures.map((flow) => ({ ...flow, label: `${flow.label} ${when}` }));
  return {
    flows: [...label(lossy, "fault"), ...label(clean, "around"), ...label(back, "return")],
    timesMs: {
      outage: Math.max(...lossy.map((flow) => flow.maxGapMs)),
      convergedAfterReturn: healedMs,
    },
    other: { fault: busy },
  };
}

/** The link inside the plane that carries most right now, named by its busier sender. */
async function busiestLink(context: ScenarioContext, plane: string): Promise<LinkRef> {
  const before = await portCounters(context.lab);
  await context.sleep(500);
  const after = await portCounters(context.lab);
  const loads = after
    .map((port, i) => ({ port, packets: port.outPackets - (before[i]?.outPackets ?? 0) }))
    .filter(({ port }) => port.link.kind === "plane-internal")
    .filter(({ port }) => nodeOf(context.lab, port.node).plane === plane)
    .sort((a, b) => b.packets - a.packets);
  const [busiest] = loads;
  if (busiest === undefined)
    throw new LabError("lab/scenario", `this fabric has no link inside plane ${plane}`);
  context.check(busiest.packets > 100, `no link inside ${plane} carries the traffic`);
  return { node: busiest.port.node, interface: busiest.port.interface };
}

const linkDown: Fault = {
  lostAtMost: () => 500,
  healedWithinMs: () => 3000,
  strike: async ({ lab }, busy) => {
    await pullCable(lab, busy);
    return () => healCable(lab, busy);
  },
};

/** A lost link is seen at once, a lost router by its links; the rest is for machines that do much else. */
const HEALED_WITHIN_MS = 4000;

/** BFD tells after 600 ms (RFC 5880); the rest is for machines that do much else. BGP's hold timer would take 9 s. */
const linkSilent: Fault = {
  lostAtMost: () => 2000,
  healedWithinMs: () => 4000,
  strike: async ({ lab }, busy) => {
    await silenceCable(lab, busy);
    return () => healCable(lab, busy);
  },
};

/** The router at the far end of the busiest link, which is not the Edge's own. */
const routerLoss: Fault = {
  lostAtMost: () => 1000,
  healedWithinMs: () => HEALED_WITHIN_MS,
  strike: async ({ lab, step }, busy) => {
    const link = lab.fabric.links.find((l) =>
      l.ends.some((e) => e.node === busy.node && e.interface === busy.interface),
    );
    const ends = link?.ends.map((end) => end.node) ?? [];
    const edge = remoteEdge(lab.fabric);
    const victim = ends.find((name) => nodeOf(lab, name).site !== edge.site) ?? busy.node;
    step(`${victim} is lost`);
    await crashNode(lab, victim);
    return () => restoreNode(lab, victim);
  },
};

/** Enough to see what is lost, from every Edge at once. */
const RATE_PER_S = 200;

/** One after another everything that a plane is made of goes and comes back; every Edge has its traffic all the time. */
async function loseEachInTurn(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const upstream = anUpstream(lab.fabric).name;
  const edges = customerEdges(lab.fabric).map(({ name }) => name);
  const count = async (label: string, forMs: () => Promise<unknown>): Promise<readonly FlowFigures[]> => {
    const flows = await Promise.all(edges.map((edge) => context.flows(edge, upstream, RATE_PER_S)));
    await forMs();
    const figures = await context.account(flows.flat());
    return figures.map((flow) => ({ ...flow, label: `${flow.label} ${label}` }));
  };
  const parts: readonly (readonly [string, () => Promise<void>, () => Promise<void>])[] = [
    ...lab.fabric.links
      .filter(({ kind }) => kind === "plane-internal")
      .map(
        (link) =>
          [link.name, () => pullCable(lab, link.ends[0]), () => healCable(lab, link.ends[0])] as const,
      ),
    ...lab.fabric.nodes
      .filter(({ role }) => role === "plane")
      .map(({ name }) => [name, () => crashNode(lab, name), () => restoreNode(lab, name)] as const),
  ];
  const counted: FlowFigures[] = [];
  for (const [name, lose, bringBack] of parts) {
    context.step(`${name} is lost`);
    await lose();
    await context.sleep(HEALED_WITHIN_MS);
    counted.push(...(await count(`without ${name}`, () => context.sleep(1500))));
    const back = async (): Promise<void> => {
      await bringBack();
      await context.sleep(1000);
      await context.converge(60_000);
      await context.sleep(1000);
    };
    counted.push(...(await count(`${name} back`, back)));
  }
  context.check(parts.length > 0, "this fabric's planes have no router");
  await checkPlansEmpty(context);
  return { flows: counted };
}

export const PLANE_SCENARIOS: readonly Scenario[] = [
  {
    name: "plane-link-down",
    summary: "the busiest link inside a plane loses its carrier under traffic, and comes back",
    fabric: "examples/vsix.yaml",
    leavesAsFound: true,
    run: (context) => survive(context, linkDown),
  },
  {
    name: "plane-link-silent",
    summary: "the busiest link inside a plane drops everything while it looks well, and comes back",
    fabric: "examples/vsix.yaml",
    leavesAsFound: true,
    run: (context) => survive(context, linkSilent),
  },
  {
    name: "plane-router-loss",
    summary: "a plane router that carries traffic is lost at once, and comes back",
    fabric: "examples/vsix.yaml",
    run: (context) => survive(context, routerLoss),
  },
  {
    name: "plane-every-loss",
    summary:
      "each link inside a plane and each plane router in turn is lost and comes back; every Edge is served by the rest",
    fabric: "examples/vsix.yaml",
    long: true,
    run: loseEachInTurn,
  },
];
