import { LabError } from "../lab-error.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import type { Flow } from "../traffic.ts";
import { cableCounts, counted, countOnCables } from "./cable-witness.ts";
import { applyChanged, setStage } from "./epe-stage.ts";
import { checkPlansEmpty } from "./plans.ts";

/** Rules for what a call needs, and for one network of an Edge; to all others a peer that costs more is worth nothing. */
const RULES = `  objective: { weights: { cost: 100 } }
  rules:
    voice:
      precedence: 10
      match: { edges: [edge-1], dscp: 46, protocol: udp, ports: { from: 5060, to: 5063 } }
      objective: { weights: { cost: 0 } }
    guests:
      precedence: 20
      match: { sources: ["2001:db8:2:ff::/64"] }
      objective: { weights: { cost: 0 } }
`;

/** One kind of traffic, and whether a rule is about it. */
interface Kind {
  readonly label: string;
  readonly from: string;
  readonly source: string;
  readonly dscp: number;
  readonly port: number;
  readonly moves: boolean;
}

const [EDGE_1, EDGE_2] = ["2001:db8:1::1", "2001:db8:2::1"];
/** Each with a port of its own: at the far end all arrive at one address. */
const KINDS: readonly Kind[] = [
  { label: "voice", from: "edge-1", source: EDGE_1, dscp: 46, port: 5060, moves: true },
  { label: "voice, last port", from: "edge-1", source: EDGE_1, dscp: 46, port: 5063, moves: true },
  { label: "another code point", from: "edge-1", source: EDGE_1, dscp: 0, port: 5061, moves: false },
  { label: "another port", from: "edge-1", source: EDGE_1, dscp: 46, port: 5064, moves: false },
  { label: "another Edge", from: "edge-2", source: EDGE_2, dscp: 46, port: 5062, moves: false },
  { label: "guests", from: "edge-2", source: "2001:db8:2:ff::7", dscp: 0, port: 7007, moves: true },
];
const RATE_PER_S = 200;
const MEASURED_MS = 2000;

/** Criteria beyond the destination, through the whole stack: what a rule is about moves, its neighbours do not. */
async function classes(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  await applyChanged(context, "examples/epe.yaml", (text) =>
    text.replace("  destinations:\n", `${RULES}  destinations:\n`),
  );
  const stage = await setStage(context);
  const { destination, edge, peers } = stage;
  for (const { from, source } of KINDS)
    if (lab.fabric.nodes.find(({ name }) => name === from)?.loopback !== source && from === edge.name)
      throw new LabError("lab/scenario", `${source} is not the host of ${from}`);
  const flows: Flow[] = [];
  for (const [at, { label, from, source, dscp, port }] of KINDS.entries()) {
    const match = ["ip6", "saddr", source, "ip6", "daddr", destination.loopback, "ip6", "dscp", `${dscp}`];
    for (const [peer, { port: sender }] of peers.entries())
      await countOnCables(lab, `kind-${at}-${peer}`, [sender], [...match, "udp", "dport", `${port}`]);
    const kind = { source, dscp, port, label };
    flows.push(await context.flow(from, destination.name, RATE_PER_S, kind));
  }
  /** Of each kind the packets by each peer, over some time. */
  const leaving = async (ms: number): Promise<readonly ReadonlyMap<string, number>[]> => {
    const before = await cableCounts(lab);
    await context.sleep(ms);
    const counts = counted(before, await cableCounts(lab));
    return KINDS.map(
      (_, at) => new Map(peers.map(({ name }, peer) => [name, counts[`kind-${at}-${peer}`] ?? 0])),
    );
  };
  const by = (counts: ReadonlyMap<string, number> | undefined): string =>
    [...(counts ?? [])]
      .filter(([, n]) => n > 0)
      .map(([name]) => name)
      .join(" and ") || "nobody";
  const bgp = by((await leaving(1000))[2]);
  const other = peers.find(({ name }) => name !== bgp)?.name ?? "";
  context.step(`BGP leads everything by ${bgp}; vsixctl epe enable`);
  const startMs = performance.now();
  await context.ctlJson("epe", "enable", "--note", "scenario");
  const done = (counts: readonly ReadonlyMap<string, number>[]): boolean =>
    KINDS.every(({ moves }, at) => by(counts[at]) === (moves ? other : bgp));
  for (let counts = await leaving(250); !done(counts); counts = await leaving(250))
    if (performance.now() - startMs > 60_000) break;
  const movedMs = Math.round(performance.now() - startMs);
  context.step("what a rule is about has moved");
  const steady = await leaving(MEASURED_MS);
  for (const [at, { label, moves }] of KINDS.entries()) {
    const counts = steady[at];
    const expected = moves ? other : bgp;
    context.check(by(counts) === expected, `${label} leaves by ${by(counts)}, not ${expected}`);
    const packets = counts?.get(expected) ?? 0;
    const due = (RATE_PER_S * MEASURED_MS) / 1000;
    context.check(packets > due * 0.8, `${label}: ${packets} packets left by ${expected}, not about ${due}`);
  }
  await checkPlansEmpty(context);
  await context.ctlJson("epe", "off");
  const after = await leaving(500);
  context.check(
    after.every((counts) => by(counts) === bgp),
    "after `off` something still leaves by another peer than BGP's",
  );
  return {
    flows: await context.account(flows),
    timesMs: { "enabled to moved": movedMs },
    other: {
      bgp,
      other,
      ...Object.fromEntries(KINDS.map(({ label }, at) => [label, Object.fromEntries(steady[at] ?? [])])),
    },
  };
}

export const EPE_CLASS_SCENARIOS: readonly Scenario[] = [
  {
    name: "epe-class",
    summary:
      "rules by source prefix, code point and port: what they are about is led to another peer, everything beside it is not",
    fabric: "examples/epe.yaml",
    run: classes,
  },
];
