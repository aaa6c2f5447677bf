import { type Adjacency, adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import { namespaceOf } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { ipBatch, mustRun } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import type { FlowFigures } from "../traffic.ts";
import { anUpstream, ownEdge } from "./pick.ts";
import { encapsulate, refused } from "./spoof.ts";

/** Flows that are sent at the same time: each is two processes. */
const AT_ONCE = 8;
/** Where the flows to the SIDs seem to go; nobody's, and made the victim's for the time being. */
const TARGETS = "2001:db8:bad::";

/** Every SID that a kernel of ours has, read from the kernels. */
async function sidsOf({ lab }: ScenarioContext): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const node of lab.fabric.nodes.filter(({ software }) => software === "vsix")) {
    const text = await mustRun("ip", [
      "-n",
      namespaceOf(lab, node.name),
      "-6",
      "route",
      "show",
      "table",
      "all",
    ]);
    for (const line of text.split("\n")) {
      const [sid] = line.trim().split(" ");
      if (sid !== undefined && line.includes("encap seg6local")) found.add(sid);
    }
  }
  return [...found].sort();
}

/** Packets in IPv6, with a routing header and without, to every SID, by this port of the attacker's. */
async function attack(
  context: ScenarioContext,
  attacker: string,
  port: Adjacency,
  victim: string,
  sids: readonly string[],
): Promise<readonly FlowFigures[]> {
  const { lab } = context;
  const figures: FlowFigures[] = [];
  for (const mode of ["encap.red", "encap"] as const)
    for (let at = 0; at < sids.length; at += AT_ONCE) {
      const batch = sids.slice(at, at + AT_ONCE).map((sid, i) => ({ sid, mode, host: `${TARGETS}${i + 1}` }));
      const undo = await encapsulate(lab, attacker, port, batch);
      figures.push(
        ...(await refused(context, {
          what: `${attacker} to SIDs ${at + 1} to ${at + batch.length} of ${sids.length}, ${mode}`,
          routers: [port.peer.name],
          counter: "drop-sid-block",
          flows: batch.map(({ host }) => ({ from: attacker, to: victim, destination: host })),
        })),
      );
      await undo();
    }
  return figures;
}

async function sidsClosed(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const { fabric } = lab;
  const edge = ownEdge(fabric);
  const upstream = anUpstream(fabric);
  const victim = fabric.nodes.find((n) => n.role === "edge" && n.name !== edge.name);
  const edgePort = adjacenciesOf(fabric, edge.name)[0];
  const upstreamPort = adjacenciesOf(fabric, upstream.name).find(({ peer }) => peer.role === "external-edge");
  if (!victim || !edgePort || !upstreamPort)
    throw new LabError("lab/scenario", "this fabric has nobody to attack");
  const sids = await sidsOf(context);
  context.check(sids.length >= 4, `only ${sids.length} SIDs are in the kernels`);
  context.step(
    `${sids.length} SIDs; 500 packets/s both ways between ${edge.name} and ${upstream.name} meanwhile`,
  );
  const traffic = await context.flows(edge.name, upstream.name, 500);
  const addresses = Array.from({ length: AT_ONCE }, (_, i) => `address %s ${TARGETS}${i + 1}/128 dev lo`);
  const change = (verb: string): Promise<unknown> =>
    ipBatch(
      namespaceOf(lab, victim.name),
      addresses.map((line) => `${line.replace("%s", verb)}${verb === "add" ? " nodad" : ""}`),
    );
  await change("add");
  const byEdge = await attack(context, edge.name, edgePort, victim.name, sids);
  const byTransit = await attack(context, upstream.name, upstreamPort, victim.name, sids);
  await change("del");
  return { flows: [...(await context.account(traffic)), ...byEdge, ...byTransit], other: { sids } };
}

export const TRUST_SIDS_SCENARIOS: readonly Scenario[] = [
  {
    name: "trust-sids-closed",
    summary:
      "packets from an Edge and from a transit to every SID there is: none is decapsulated, each is counted",
    fabric: "examples/quick.yaml",
    run: sidsClosed,
  },
];
