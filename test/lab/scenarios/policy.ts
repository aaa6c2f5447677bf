import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf, edgesOf } from "@vsix/shared/fabric/query.ts";
import { LabError } from "../lab-error.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import type { Flow } from "../traffic.ts";
import { announcing, birdRoutesFrom, reconfigureBird } from "./bird.ts";
import { cableCounts, counted, countOnCables } from "./cable-witness.ts";
import { pathsAt } from "./gobgp.ts";
import { birdEdge, controllerNodeName, ownEdge, remoteEdge } from "./pick.ts";

interface Lie {
  readonly teller: FabricNode;
  /** What nobody may believe. */
  readonly prefixes: readonly string[];
  /** What must be believed, so that a session that is down is not taken for a good policy. */
  readonly truth: readonly string[];
  /** Statements of BIRD's filter language on what is announced. */
  readonly set?: string;
  /** Hosts whose packets must not come the teller's way. */
  readonly victims: readonly string[];
}

/** Somebody else's BIRD announces what is not its own while traffic runs: nothing changes, and nothing is lost. */
async function lie(context: ScenarioContext, tale: Lie, flows: readonly Flow[]): Promise<Figures> {
  const { lab } = context;
  const { teller, prefixes, victims } = tale;
  const hearers = adjacenciesOf(lab.fabric, teller.name).filter(({ peer }) => peer.software === "vsix");
  await countOnCables(
    lab,
    "misled",
    hearers.map(({ far }) => far),
    ["ip6", "daddr", `{ ${victims.join(", ")} }`],
  );
  const seenBefore = await cableCounts(lab);
  await context.sleep(500);
  context.step(`${teller.name} announces ${prefixes.length} prefixes that are not its own`);
  const recant = await reconfigureBird(
    lab,
    teller.name,
    announcing(
      [...prefixes, ...tale.truth],
      hearers.map(({ peer }) => peer.name),
      tale.set,
    ),
  );
  await context.sleep(3000);

  const heardBy: Record<string, number> = {};
  for (const { peer, self } of hearers) {
    const told = await pathsAt(lab, peer.name, { table: "adj-in", neighbour: self.address, filtered: true });
    const heard = prefixes.filter((prefix) => told.some((path) => path.prefix === prefix));
    heardBy[peer.name] = heard.length;
    const missing = prefixes.filter((prefix) => !heard.includes(prefix));
    context.check(
      missing.length === 0,
      `${peer.name} never heard ${missing.join(", ")}, which proves nothing`,
    );
  }
  const lies = new Set(prefixes);
  const sources = new Set(hearers.map(({ self }) => self.address));
  let looked = 0;
  for (const { name } of lab.fabric.nodes.filter(({ software }) => software === "vsix")) {
    const paths = await pathsAt(lab, name);
    looked += paths.length;
    const believed = paths.filter(
      (path) =>
        lies.has(path.prefix) &&
        // Learned from the teller, or through it by others: its AS number is the last one.
        (sources.has(path.from ?? "") || path.asPath.at(-1)?.asns.at(-1) === teller.asn),
    );
    context.check(
      believed.length === 0,
      `${name} believes ${believed.map(({ prefix }) => prefix).join(", ")} of ${teller.name}`,
    );
    if (heardBy[name] === undefined) continue;
    const known = new Set(paths.map(({ prefix }) => prefix));
    const refused = tale.truth.filter((prefix) => !known.has(prefix));
    context.check(refused.length === 0, `${name} refused ${refused.join(", ")}, which is no lie`);
  }
  context.step("the lies end");
  await recant();
  await context.sleep(1500);
  const { misled } = counted(seenBefore, await cableCounts(lab));
  context.check(misled === 0, `${misled} packets for others were sent to ${teller.name}`);
  return {
    flows: await context.account(flows),
    other: { announced: prefixes, heardBy, routesLookedAt: looked, misledPackets: misled },
  };
}

const hijack: Scenario = {
  name: "fault-hijack",
  summary:
    "an Edge announces others' prefixes, ours, ::/0 and the Internet's; nobody believes it, nothing is lost",
  fabric: "examples/vsix.yaml",
  leavesAsFound: true,
  run: async (context) => {
    const { fabric } = context.lab;
    const teller = birdEdge(fabric);
    const victims = edgesOf(fabric).filter(({ name }) => name !== teller.name);
    const [near, far] = [ownEdge(fabric), remoteEdge(fabric)];
    const outside = fabric.nodes.find(({ role, site }) => role === "upstream" && site !== teller.site);
    const router = fabric.nodes.find(({ role }) => role === "plane");
    if (outside === undefined || router === undefined) throw new LabError("lab/scenario", "nobody to rob");
    const flows = [
      ...(await context.flows(near.name, far.name)),
      ...(await context.flows(near.name, outside.name, 500)),
      ...(await context.flows(near.name, controllerNodeName(fabric), 500)),
    ];
    return lie(
      context,
      {
        teller,
        prefixes: [
          ...victims.flatMap(({ prefixes }) => prefixes),
          // Longer than the rightful ones, so that they would win wherever they were believed.
          ...victims.map(({ loopback }) => `${loopback}/128`),
          ...victims.map(({ prefixes: [prefix = "::/48"] }) => prefix.replace(/\/\d+$/, "/64")),
          "::/0",
          ...fabric.prefixes,
          fabric.addressing.infrastructure,
          `${router.loopback}/128`,
          ...router.locators.map(({ prefix }) => prefix),
          ...outside.prefixes,
        ],
        truth: [],
        // What the inside of the AS is controlled by, forged: class infrastructure, wanted at any price.
        set: `bgp_large_community.add((${fabric.as}, 80, 2)); bgp_large_community.add((${fabric.as}, 90, 0)); bgp_med = 0;`,
        victims: [...victims.map(({ loopback }) => loopback), outside.loopback],
      },
      flows,
    );
  },
};

/** What upstreams hear of us: our aggregates, by a path of our AS alone, without any community of ours. */
async function checkUpstreamTables(context: ScenarioContext): Promise<Readonly<Record<string, number>>> {
  const { lab } = context;
  const { fabric } = lab;
  const heard: Record<string, number> = {};
  for (const upstream of fabric.nodes.filter(({ role }) => role === "upstream"))
    for (const { peer } of adjacenciesOf(fabric, upstream.name)) {
      if (peer.role !== "external-edge") continue;
      const routes = await birdRoutesFrom(lab, upstream.name, peer.name);
      const session = `${peer.name} to ${upstream.name}`;
      heard[session] = routes.length;
      const prefixes = routes.map(({ prefix }) => prefix).sort();
      context.check(
        prefixes.join() === [...fabric.prefixes].sort().join(),
        `${session}: announced are ${prefixes.join(", ") || "none"}`,
      );
      for (const { prefix, asPath, largeCommunities } of routes) {
        context.check(
          asPath.every((asn) => asn === fabric.as),
          `${session}: ${prefix} by path ${asPath.join(" ")}`,
        );
        context.check(
          largeCommunities === "",
          `${session}: ${prefix} tells of our insides: ${largeCommunities}`,
        );
      }
    }
  return heard;
}

const TRUE_NEWS = "3fff:fee:1::/48";

const leak: Scenario = {
  name: "fault-leak",
  summary:
    "no transit hears another's routes by us; one that announces ours, bogons and ::/0 changes nothing",
  fabric: "examples/vsix.yaml",
  leavesAsFound: true,
  run: async (context) => {
    const { fabric } = context.lab;
    const border = fabric.nodes.find(({ role }) => role === "external-edge");
    const teller = adjacenciesOf(fabric, border?.name ?? "").find(
      ({ peer }) => peer.role === "upstream",
    )?.peer;
    const other = fabric.nodes.find(({ role, name }) => role === "upstream" && name !== teller?.name);
    if (teller === undefined || other === undefined) throw new LabError("lab/scenario", "too few upstreams");
    const before = await checkUpstreamTables(context);
    const [near, far] = [ownEdge(fabric), remoteEdge(fabric)];
    const flows = [
      ...(await context.flows(near.name, other.name)),
      ...(await context.flows(near.name, far.name)),
    ];
    const figures = await lie(
      context,
      {
        teller,
        prefixes: [
          "::/0",
          ...fabric.prefixes,
          fabric.addressing.infrastructure,
          ...edgesOf(fabric).flatMap(({ prefixes }) => prefixes),
          ...edgesOf(fabric).map(({ loopback }) => `${loopback}/128`),
          ...fabric.policy.bogons.filter(announceable).map(inside),
          // Longer than any AS should announce: it would win over the rightful one.
          ...other.prefixes.map((prefix) => prefix.replace(/\/\d+$/, "/56")),
        ],
        truth: [TRUE_NEWS],
        set: `bgp_large_community.add((${fabric.as}, 80, 2)); bgp_large_community.add((${fabric.as}, 80, 3));`,
        victims: edgesOf(fabric).map(({ loopback }) => loopback),
      },
      flows,
    );
    const after = await checkUpstreamTables(context);
    return { ...figures, other: { ...figures.other, heardByUpstreams: before, heardAfterwards: after } };
  },
};

/** BIRD refuses link-local and multicast prefixes by itself. */
function announceable(bogon: string): boolean {
  return !/^f(e80|f00):/.test(bogon);
}

/** A /48 inside a bogon, or the bogon where it is longer. */
function inside(bogon: string): string {
  const [network = "", length = "0"] = bogon.split("/");
  return Number(length) >= 48 || !network.endsWith("::") ? bogon : `${network}/48`;
}

export const POLICY_SCENARIOS: readonly Scenario[] = [hijack, leak];
