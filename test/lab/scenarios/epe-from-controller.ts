import { FIRST_EGRESS_PORT, FIRST_PORT } from "@vsix/agent/core/trace/flow-identity.ts";
import type { DestinationView, EpeExplanation } from "@vsix/controller/epe/view.ts";
import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf, getNode } from "@vsix/shared/fabric/query.ts";
import { type Forged, sendForged } from "../../kernel/fixtures/forged.ts";
import { type Lab, namespaceOf } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { mustRun } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { cableCounts, counted, countOnCables } from "./cable-witness.ts";
import { bgpChoice, bothWays, type EpeStage, setStage, statusWhere, waitLeaves } from "./epe-stage.ts";
import { controllerNodeName } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";
import { dropsOf } from "./spoof.ts";

/** Beside it, so that figures of two nodes can be told apart; no decision about blue counts on it. */
const OTHER_PROBER = "green-sfc";
const FORGED = 50;
/** What the forger writes; probes have others. */
const FORGED_LABEL = 1;
const ENOUGH_CYCLES = 5;

/** Where the controller's probes go in and what leads there. */
interface Cast {
  readonly noc: FabricNode;
  readonly router: string;
  /** By peer, in the router's plane. */
  readonly sids: readonly string[];
}

function castOf({ fabric }: Lab, { peers }: EpeStage): Cast {
  const noc = getNode(fabric, controllerNodeName(fabric));
  const port = adjacenciesOf(fabric, noc.name).find(({ peer }) => peer.plane === noc.prefers);
  if (port === undefined)
    throw new LabError("lab/scenario", `${noc.name} has no port to the plane it prefers`);
  return { noc, router: port.peer.name, sids: peers.map(({ sids }) => sids.get(noc.prefers ?? "") ?? "::") };
}

/** What users' packets are led by in these nodes, as their kernels tell. */
async function waysOf(lab: Lab, nodes: readonly string[]): Promise<string> {
  const dumps = nodes.flatMap((node) =>
    [
      ["-6", "route", "show", "table", "all"],
      ["-6", "rule", "show"],
      ["-6", "nexthop", "show"],
    ].map((words) => mustRun("ip", ["-n", namespaceOf(lab, node), ...words])),
  );
  return (await Promise.all(dumps)).join("\n");
}

/** Counts from now on what the controller's host puts into its cables for each SID, what leaves by each peer, and what comes back. */
async function countProbes(lab: Lab, { peers }: EpeStage, { noc, router, sids }: Cast): Promise<void> {
  const ports = adjacenciesOf(lab.fabric, noc.name);
  const own = ["ip6", "saddr", noc.loopback];
  const notForged = ["ip6", "flowlabel", "!=", `${FORGED_LABEL}`];
  const ids = ["icmpv6", "id", `${FIRST_EGRESS_PORT}-${FIRST_PORT - 1}`];
  for (const [at, { port }] of peers.entries()) {
    for (const { self, peer } of ports)
      await countOnCables(
        lab,
        `${peer.name === router ? "sent" : "astray"}-${at}`,
        [self],
        [...own, "ip6", "daddr", sids[at] ?? "", ...notForged],
      );
    await countOnCables(lab, `left-${at}`, [port], [...own, "icmpv6", "type", "echo-request", ...ids]);
    await countOnCables(
      lab,
      `forged-${at}`,
      [port],
      ["ip6", "flowlabel", `${FORGED_LABEL}`, "ip6", "nexthdr", "17"],
    );
  }
  const answers = ["ip6", "daddr", noc.loopback, "icmpv6", "type", "echo-reply", ...ids];
  await countOnCables(
    lab,
    "answers",
    ports.map(({ far }) => far),
    answers,
  );
}

/** Neighbours take its address, and it takes theirs: nothing of it leaves by any peer, and every packet is counted where it ends. */
async function spoof(context: ScenarioContext, stage: EpeStage, cast: Cast): Promise<object> {
  const { lab } = context;
  const { noc, router, sids } = cast;
  const { edge, destination } = stage;
  const upstream = stage.peers[0]?.upstream.name ?? "";
  const [sid = "::"] = sids;
  const probe: Forged = {
    outer: { source: noc.loopback, destination: sid },
    inner: { source: noc.loopback, destination: destination.loopback, next: 17 },
    count: FORGED,
  };
  const inside = (source: string): Forged => ({ ...probe, inner: { ...probe.inner, source } });
  const around = (outer: Partial<NonNullable<Forged["outer"]>>): Forged => ({
    ...probe,
    outer: { source: noc.loopback, destination: sid, ...outer },
  });
  const unused = noc.loopback.replace(/::1$/, "::bad");
  const nearby = adjacenciesOf(lab.fabric, edge.name).map(({ peer }) => peer.name);
  const notPeer = sid.replace(/:e[0-9a-f]{3}::$/, ":1::");
  const tries: readonly (readonly [string, string, readonly string[], readonly Forged[]])[] = [
    ["a neighbour with its address", edge.name, nearby, [probe]],
    ["a neighbour with its own", edge.name, nearby, [around({ source: edge.loopback })]],
    ["a transit with its address", upstream, [stage.peers[0]?.via.name ?? ""], [probe]],
    [
      "itself as somebody else",
      noc.name,
      [router],
      [inside(edge.loopback), inside(unused), around({ source: unused }), around({ destination: notPeer })],
    ],
  ];
  const seen: Record<string, string> = {};
  for (const [what, from, routers, packets] of tries) {
    context.step(`${what}, to SIDs`);
    const [cables, drops] = [await cableCounts(lab), await dropsOf(lab, routers)];
    const sent = sendForged(namespaceOf(lab, from), packets).reduce((sum, one) => sum + one, 0);
    await context.sleep(300);
    const left = counted(cables, await cableCounts(lab));
    const dropped = counted(drops, await dropsOf(lab, routers))["drop-sid-block"] ?? 0;
    const passed = stage.peers.reduce((sum, _, at) => sum + (left[`forged-${at}`] ?? 0), 0);
    context.check(sent === FORGED * packets.length, `${what}: only ${sent} packets were sent`);
    context.check(passed === 0, `${what}: ${passed} packets left by an egress peer`);
    // Other routers hold the prober's own back too while they have not heard of it; here nobody else sends to SIDs.
    context.check(dropped === sent, `${what}: ${sent} sent, ${dropped} counted as refused`);
    seen[what] = `${sent} sent, ${dropped} refused, ${passed} left`;
  }
  return seen;
}

/** Packets from the controller's host just as its probes are, by the first peer: what became of them. */
async function likeItsOwn(
  { lab, sleep }: ScenarioContext,
  { destination, peers }: EpeStage,
  { noc, router, sids }: Cast,
): Promise<{ readonly left: number; readonly refused: number }> {
  const [cables, drops] = [await cableCounts(lab), await dropsOf(lab, [router])];
  sendForged(namespaceOf(lab, noc.name), [
    {
      outer: { source: noc.loopback, destination: sids[0] ?? "::" },
      inner: { source: noc.loopback, destination: destination.loopback, next: 17 },
      count: FORGED,
    },
  ]);
  await sleep(300);
  const left = counted(cables, await cableCounts(lab));
  const astray = peers.slice(1).reduce((sum, _, at) => sum + (left[`forged-${at + 1}`] ?? 0), 0);
  return {
    left: (left["forged-0"] ?? 0) - astray,
    refused: counted(drops, await dropsOf(lab, [router]))["drop-sid-block"] ?? 0,
  };
}

/** Every probe that its host sent left by the peer whose SID it went to, or was refused before it was let in; and all came back. */
async function account(context: ScenarioContext, stage: EpeStage, refused: number): Promise<object> {
  const counts = await cableCounts(context.lab);
  let [sent, left] = [0, 0];
  const seen: Record<string, string> = {};
  for (const [at, { name }] of stage.peers.entries()) {
    const [into, out] = [counts[`sent-${at}`] ?? 0, counts[`left-${at}`] ?? 0];
    sent += into;
    left += out;
    context.check(out > 0 && out <= into, `${into} probes were sent to ${name}'s SID, ${out} left by it`);
    context.check((counts[`astray-${at}`] ?? 0) === 0, `probes to ${name}'s SID left by another port`);
    seen[`by ${name}`] = `${into} sent, ${out} left`;
  }
  context.check(sent - left === refused, `${sent} probes sent, ${left} left, ${refused} refused`);
  const answers = counts["answers"] ?? 0;
  context.check(answers === left, `${left} probes left, ${answers} answers came`);
  return { ...seen, refused, answers };
}

/** Each prober's own figures, and whose decisions count on whom. */
async function explained(
  context: ScenarioContext,
  { destination, edge }: EpeStage,
  { noc }: Cast,
  { bgp, other }: { readonly bgp: string; readonly other: string },
): Promise<object> {
  const explanation = (await context.ctlJson("epe", "explain", destination.loopback)) as EpeExplanation;
  const heads = adjacenciesOf(context.lab.fabric, edge.name).map(({ peer }) => peer);
  const head = explanation.decisions.find(({ decision }) =>
    heads.some(({ name, plane }) => name === decision.node && plane === edge.prefers),
  );
  context.check(head?.decision.vantage === noc.name, `it was decided by ${head?.decision.vantage}`);
  const seen: Record<string, string> = {};
  for (const node of [noc.name, OTHER_PROBER]) {
    const prober = explanation.probers.find((one) => one.node === node);
    const of = (name: string) => prober?.peers.find(({ peer }) => peer === name);
    const [slow, quick] = [of(bgp), of(other)];
    context.check(
      slow?.rttMs !== undefined && quick?.rttMs !== undefined && quick.rttMs < slow.rttMs,
      `${node}: ${quick?.rttMs} ms by ${other}, ${slow?.rttMs} by ${bgp}`,
    );
    context.check(quick?.full === "arrives", `${node}: full packets by ${other}: ${quick?.full}`);
    seen[`from ${node}`] =
      `${bgp} ${slow?.rttMs?.toFixed(1)} ms, ${other} ${quick?.rttMs?.toFixed(1)} ms, decides for ${prober?.decides.join(" and ")}`;
  }
  const { rows } = (await context.ctlJson("epe", "destinations")) as { readonly rows: DestinationView[] };
  context.check(
    rows.some(({ node, vantage }) => node === head?.decision.node && vantage === noc.name),
    "vsixctl epe destinations does not say who measured",
  );
  return seen;
}

async function fromController(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const noc = controllerNodeName(lab.fabric);
  const stage = await setStage(context);
  const cast = castOf(lab, stage);
  const flows = await bothWays(context, stage);
  const { bgp, other } = await bgpChoice(context, stage);
  const nodes = [noc, cast.router, "blue-kote", ...new Set(stage.peers.map(({ via }) => via.name))];
  const ways = await waysOf(lab, nodes);
  const drops = await dropsOf(lab, [cast.router]);
  await countProbes(lab, stage, cast);
  context.step("vsixctl epe observe");
  await context.ctlJson("epe", "observe");
  const measured = await statusWhere(context, ({ measuring }) =>
    measuring.some(({ node, cycles }) => node === noc && cycles >= ENOUGH_CYCLES),
  );
  context.check(measured !== undefined, `${noc} does not measure`);
  context.check((await waysOf(lab, nodes)) === ways, "measuring touched a route, a rule or a next hop");
  await checkPlansEmpty(context);
  const open = await likeItsOwn(context, stage, cast);
  context.check(open.left === FORGED && open.refused === 0, `a probe that is right: ${JSON.stringify(open)}`);
  const spoofed = await spoof(context, stage, cast);
  context.step("vsixctl epe enable");
  const startMs = performance.now();
  await context.ctlJson("epe", "enable", "--note", "scenario");
  await waitLeaves(context, stage, other);
  const movedMs = Math.round(performance.now() - startMs);
  context.step(`moved to ${other} by what ${noc} measured`);
  const figures = await explained(context, stage, cast, { bgp, other });
  await context.ctlJson("epe", "off");
  await context.sleep(1000);
  const own = 4 * FORGED;
  const refused = (counted(drops, await dropsOf(lab, [cast.router]))["drop-sid-block"] ?? 0) - own;
  const probes = await account(context, stage, refused);
  const closed = await likeItsOwn(context, stage, cast);
  context.check(closed.left === 0 && closed.refused === FORGED, `while it is off ${JSON.stringify(closed)}`);
  return {
    flows: await context.account(flows),
    timesMs: { "enabled to moved": movedMs },
    other: { bgp, better: other, ...figures, ...probes, ...spoofed },
  };
}

export const EPE_FROM_CONTROLLER_SCENARIOS: readonly Scenario[] = [
  {
    name: "epe-from-controller",
    summary:
      "the controller's host measures every peer by SIDs, and by that alone traffic moves; no route is touched, a neighbour that takes its address gets nothing through",
    fabric: "test/lab/fixtures/controller-measures.yaml",
    run: fromController,
  },
];
