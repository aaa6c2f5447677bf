import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import { type Adjacency, adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import { egressSidIn } from "@vsix/shared/fabric/sids.ts";
import { type Lab, namespaceOf } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { ipBatch } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { type FlowFigures, type FlowOptions, startFlow, stopFlows } from "../traffic.ts";
import { cableCounts, counted, countOnCables, nftCounters } from "./cable-witness.ts";
import { birdEdge, planesOf } from "./pick.ts";

const RATE = 200;
const FOR_MS = 700;

/** Sums of our routers' own counters, by name. */
export async function dropsOf(
  lab: Lab,
  routers: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  const sums: Record<string, number> = {};
  for (const router of routers)
    for (const [name, packets] of Object.entries(
      await nftCounters(namespaceOf(lab, router), ["inet", "vsix"]),
    ))
      if (name.startsWith("drop-")) sums[name] = (sums[name] ?? 0) + packets;
  return sums;
}

/** An attack: flows of which nothing may arrive, and the counter that must hold every packet of them. */
export async function refused(
  context: ScenarioContext,
  attack: {
    readonly what: string;
    readonly routers: readonly string[];
    readonly counter: string;
    readonly flows: readonly Omit<FlowOptions, "lab" | "ratePerS">[];
  },
): Promise<readonly FlowFigures[]> {
  const { lab } = context;
  context.step(attack.what);
  const before = await dropsOf(lab, attack.routers);
  const flows = [];
  for (const flow of attack.flows) flows.push(await startFlow({ lab, ratePerS: RATE, ...flow }));
  await context.sleep(FOR_MS);
  const figures = await stopFlows(flows);
  const drops = counted(before, await dropsOf(lab, attack.routers));
  let left = 0;
  figures.forEach(({ label, received, sent, sendErrors }, i) => {
    const { source = "itself" } = attack.flows[i] ?? {};
    left += sent - sendErrors;
    context.check(received === 0, `${attack.what}: ${received} packets of ${label} as ${source} arrived`);
    context.check(
      sent - sendErrors > 50,
      `${attack.what}: ${label} as ${source} sent only ${sent - sendErrors}`,
    );
  });
  context.check(
    drops[attack.counter] === left,
    `${attack.what}: ${left} packets sent, ${drops[attack.counter]} counted as ${attack.counter}`,
  );
  return figures.map((flow, i) => ({
    ...flow,
    label: `${flow.label} ${attack.what}${attack.flows[i]?.source === undefined ? "" : ` ${attack.flows[i]?.source}`}`,
  }));
}

/** An address of a node's own prefix that nobody has. */
function unusedOf(node: FabricNode): string {
  return node.loopback.replace(/::1$/, "::bad");
}

/** Packets of `node` to these hosts go to a SID, as its own kernel can be told; with an SRH (RFC 8754) or without. */
export async function encapsulate(
  lab: Lab,
  node: string,
  { self, far }: Adjacency,
  ways: readonly { readonly host: string; readonly sid: string; readonly mode: "encap" | "encap.red" }[],
): Promise<() => Promise<void>> {
  const commands = (verb: string): readonly string[] =>
    ways.flatMap(({ host, sid, mode }) => [
      `route ${verb} ${sid}/128 via ${far.address} dev ${self.interface} metric 1`,
      `route ${verb} ${host}/128 encap seg6 mode ${mode} segs ${sid} dev ${self.interface} metric 1`,
    ]);
  await ipBatch(namespaceOf(lab, node), commands("replace"));
  return () => ipBatch(namespaceOf(lab, node), commands("del"));
}

/** An Edge sends on one plane and hears on the other: both are its own ports, so nothing is wrong with it. */
async function asymmetric(
  context: ScenarioContext,
  edge: FabricNode,
  outside: FabricNode,
): Promise<readonly FlowFigures[]> {
  const { lab } = context;
  const { home, away } = planesOf(lab.fabric, edge);
  const ports = adjacenciesOf(lab.fabric, edge.name);
  const out = ports.find(({ peer }) => peer.plane === away);
  if (out === undefined) throw new LabError("lab/scenario", `${edge.name} has no port to ${away}`);
  context.step(`${edge.name} sends by ${away} and hears by ${home}`);
  const route = `${outside.loopback}/128 via ${out.far.address} dev ${out.self.interface} src ${edge.loopback} metric 1`;
  await ipBatch(namespaceOf(lab, edge.name), [`route add ${route}`]);
  const pair = [edge.loopback, outside.loopback];
  for (const [name, ends, [from, to]] of [
    ["asymmetric-out", [out.self], pair],
    [
      "asymmetric-in",
      ports.filter(({ peer }) => peer.plane === home).map(({ far }) => far),
      pair.toReversed(),
    ],
  ] as const)
    await countOnCables(lab, name, ends, [
      "ip6",
      "saddr",
      from ?? "",
      "ip6",
      "daddr",
      to ?? "",
      "ip6",
      "nexthdr",
      "17",
    ]);
  const flows = await context.flows(edge.name, outside.name, 500);
  const second = lab.fabric.nodes.find((node) => node.role === "edge" && node.prefixes.length > 1);
  if (second !== undefined) {
    // An Edge's second prefix is as good a source as its first.
    const source = second.prefixes[1]?.replace(/\/\d+$/, "1") ?? second.loopback;
    const flow = await startFlow({ lab, from: second.name, to: outside.name, source, ratePerS: RATE });
    await context.sleep(1500);
    await context.account([flow]);
  } else await context.sleep(1500);
  const figures = await context.account(flows);
  await ipBatch(namespaceOf(lab, edge.name), [`route del ${route}`]);
  const seen = await cableCounts(lab);
  const [there, back] = figures;
  context.check(
    seen["asymmetric-out"] === there?.sent,
    `${seen["asymmetric-out"]} of ${there?.sent} went by ${away}`,
  );
  context.check(
    seen["asymmetric-in"] === back?.sent,
    `${seen["asymmetric-in"]} of ${back?.sent} came by ${home}`,
  );
  return figures.map((flow) => ({ ...flow, label: `${flow.label} asymmetric` }));
}

async function spoof(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const { fabric } = lab;
  const edge = birdEdge(fabric);
  const ports = adjacenciesOf(fabric, edge.name);
  const routers = ports.map(({ peer }) => peer.name);
  const [port] = ports;
  const victim = fabric.nodes.find((n) => n.role === "edge" && n.site !== edge.site && !n.controller);
  const near = fabric.nodes.find((n) => n.role === "edge" && n.site === edge.site && n.name !== edge.name);
  const border = fabric.nodes.find(({ role, site }) => role === "external-edge" && site === edge.site);
  const egresses = adjacenciesOf(fabric, border?.name ?? "").filter(({ link }) => link.kind === "upstream");
  const upstream = egresses[0]?.peer;
  const outside = fabric.nodes.find((n) => n.role === "upstream" && n.site !== edge.site && n.site !== "");
  if (!port || !victim || !near || !border || !upstream || !outside)
    throw new LabError("lab/scenario", "this fabric has nobody to be taken for");
  const sids = fabric.planes.map(({ name }) => egressSidIn(fabric, name, border.name, upstream.name) ?? "::");
  const [sid = "::", otherSid = sid] = sids;

  const borrowed = [
    unusedOf(victim),
    unusedOf(near),
    unusedOf(upstream),
    port.peer.loopback,
    adjacenciesOf(fabric, near.name)[0]?.self.address ?? "::",
  ];
  await ipBatch(
    namespaceOf(lab, edge.name),
    borrowed.map((address) => `address add ${address}/128 dev lo nodad`),
  );
  const forged = await refused(context, {
    what: "source not its own",
    routers,
    counter: `drop-source-to-${edge.name}`,
    flows: borrowed.flatMap((source) => [
      { from: edge.name, to: victim.name, source },
      { from: edge.name, to: outside.name, source },
    ]),
  });
  await ipBatch(
    namespaceOf(lab, edge.name),
    borrowed.map((address) => `address del ${address}/128 dev lo`),
  );

  const undoEdge = await encapsulate(lab, edge.name, port, [
    { host: outside.loopback, sid, mode: "encap.red" },
    { host: victim.loopback, sid: otherSid, mode: "encap" },
  ]);
  const toSids = await refused(context, {
    what: "Edge to SIDs",
    routers,
    counter: "drop-sid-block",
    flows: [outside, victim].map(({ name }) => ({ from: edge.name, to: name })),
  });
  await undoEdge();

  const [uplink] = adjacenciesOf(fabric, upstream.name).filter(({ peer }) => peer.name === border.name);
  if (uplink === undefined)
    throw new LabError("lab/scenario", `${upstream.name} has no link to ${border.name}`);
  await ipBatch(namespaceOf(lab, upstream.name), [`address add ${unusedOf(victim)}/128 dev lo nodad`]);
  const ours = await refused(context, {
    what: "transit with our source",
    routers: [border.name],
    counter: "drop-own-source",
    flows: [{ from: upstream.name, to: near.name, source: unusedOf(victim) }],
  });
  await ipBatch(namespaceOf(lab, upstream.name), [`address del ${unusedOf(victim)}/128 dev lo`]);
  // To the Edge without an agent: answers to the others' probes would take the same way.
  const undoUpstream = await encapsulate(lab, upstream.name, uplink, [
    { host: edge.loopback, sid, mode: "encap.red" },
  ]);
  const transitSids = await refused(context, {
    what: "transit to SIDs",
    routers: [border.name],
    counter: "drop-sid-block",
    flows: [{ from: upstream.name, to: edge.name }],
  });
  await undoUpstream();

  const legitimate = await asymmetric(context, edge, outside);
  return {
    flows: [...forged, ...toSids, ...ours, ...transitSids, ...legitimate],
    other: { drops: await dropsOf(lab, [...routers, border.name]) },
  };
}

export const SPOOF_SCENARIOS: readonly Scenario[] = [
  {
    name: "fault-spoof",
    summary:
      "sources that are not the sender's, and SIDs from outside: dropped and counted; asymmetric traffic passes",
    fabric: "examples/vsix.yaml",
    leavesAsFound: true,
    run: spoof,
  },
];
