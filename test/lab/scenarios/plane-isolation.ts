import type { FabricNode, LinkEnd } from "@vsix/shared/fabric/model.ts";
import { type Lab, namespaceOf, nodeOf } from "../lab.ts";
import { mustRun, run } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { cableCounts, counted, countOnCables, nftCounters } from "./cable-witness.ts";
import { asNumbers, pathsAt } from "./gobgp.ts";

const PINGS = 5;
const REFUSED = "drop-plane-to-plane";

const routersOf = (lab: Lab, plane: string): readonly FabricNode[] =>
  lab.fabric.nodes.filter((node) => node.role === "plane" && node.plane === plane);

/** Loopbacks and locators that belong to one plane alone. */
function ownOf(lab: Lab, plane: string): ReadonlySet<string> {
  return new Set([
    ...routersOf(lab, plane).map(({ loopback }) => `${loopback}/128`),
    ...lab.fabric.nodes.flatMap(({ locators }) =>
      locators.filter((locator) => locator.plane === plane).map(({ prefix }) => prefix),
    ),
  ]);
}

/** What this router sends into any cable. */
function portsOf(lab: Lab, node: string): readonly LinkEnd[] {
  return lab.fabric.links.flatMap(({ ends }) => ends.filter((end) => end.node === node));
}

async function dropsAtBorders(lab: Lab): Promise<Readonly<Record<string, number>>> {
  const borders = lab.fabric.nodes.filter(({ role }) => role === "external-edge");
  const entries = borders.map(async ({ name }) => {
    const counters = await nftCounters(namespaceOf(lab, name), ["inet", "vsix"]);
    return [name, counters[REFUSED] ?? 0] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** Every router of a plane pings every router of another, which no External Edge may let through. */
async function pingAcross(context: ScenarioContext, from: string, to: string): Promise<number> {
  const { lab } = context;
  const targets = routersOf(lab, to);
  let sent = 0;
  let refused = 0;
  const pings = routersOf(lab, from).map(async ({ name, loopback }) => {
    for (const target of targets) {
      const command = ["ping", "-6", "-n", "-c", String(PINGS), "-i", "0.05", "-W", "1", "-I", loopback];
      const { code, stdout } = await run("ip", [
        ...["netns", "exec", namespaceOf(lab, name)],
        ...[...command, target.loopback],
      ]);
      sent += PINGS;
      if (stdout.includes("Administratively prohibited")) refused += 1;
      context.check(code !== 0, `${name} reaches ${target.name} of plane ${to}`);
    }
  });
  await Promise.all(pings);
  // ICMP errors are limited to about one a second for each source (RFC 4443 section 2.4 f), so not every ping hears one.
  const routers = routersOf(lab, from).length;
  context.check(refused >= routers, `${refused} refusals heard in ${from}; ${routers} routers asked`);
  return sent;
}

/** No router's BGP or kernel knows anything of the other plane; no External Edge tells one plane of the other. */
async function checkTables(context: ScenarioContext, plane: string, other: string): Promise<number> {
  const { lab } = context;
  const foreign = ownOf(lab, other);
  const foreignAs = lab.fabric.planes.find(({ name }) => name === other)?.memberAs ?? 0;
  let looked = 0;
  const judge = (where: string, prefixes: readonly string[]): void => {
    looked += prefixes.length;
    const leaked = prefixes.filter((prefix) => foreign.has(prefix));
    context.check(leaked.length === 0, `${where} has routes of plane ${other}: ${leaked.join(", ")}`);
  };
  for (const { name } of routersOf(lab, plane)) {
    const paths = await pathsAt(lab, name);
    judge(
      `gobgpd on ${name}`,
      paths.map(({ prefix }) => prefix),
    );
    const through = paths.filter((path) => asNumbers(path).includes(foreignAs)).map(({ prefix }) => prefix);
    context.check(through.length === 0, `${name} has paths through plane ${other}: ${through.join(", ")}`);
    const dump = await mustRun("ip", [
      "-n",
      namespaceOf(lab, name),
      "-j",
      "-6",
      "route",
      "show",
      "table",
      "all",
    ]);
    const routes = JSON.parse(dump) as readonly { readonly dst: string }[];
    judge(
      `kernel of ${name}`,
      routes.map(({ dst }) => (dst.includes("/") ? dst : `${dst}/128`)),
    );
  }
  for (const { name } of lab.fabric.nodes.filter(({ role }) => role === "external-edge"))
    for (const link of lab.fabric.links) {
      const self = link.ends.find((end) => end.node === name);
      const far = link.ends.find((end) => end.node !== name);
      if (self === undefined || far === undefined || nodeOf(lab, far.node).plane !== plane) continue;
      const told = await pathsAt(lab, name, { table: "adj-out", neighbour: far.address });
      judge(
        `what ${name} tells ${far.node}`,
        told.map(({ prefix }) => prefix),
      );
      const through = told.filter((path) => asNumbers(path).includes(foreignAs));
      context.check(
        through.length === 0,
        `${name} tells ${far.node} of ${through.length} paths through ${other}`,
      );
    }
  return looked;
}

const isolation: Scenario = {
  name: "plane-isolation",
  summary: "no packet and no route gets from one plane into the other, by any External Edge",
  fabric: "examples/vsix.yaml",
  leavesAsFound: true,
  run: async (context) => {
    const { lab } = context;
    const [one = "", two = ""] = lab.fabric.planes.map(({ name }) => name);
    const ways = [
      [one, two],
      [two, one],
    ] as const;
    for (const [from, to] of ways)
      for (const router of routersOf(lab, to)) {
        const others = routersOf(lab, from).map(({ loopback }) => loopback);
        const borders = lab.fabric.nodes.filter(({ role }) => role === "external-edge");
        const match = ["ip6", "saddr", `{ ${others.join(", ")} }`, "ip6", "daddr", router.loopback];
        const ports = borders.flatMap(({ name }) => portsOf(lab, name));
        await countOnCables(lab, `past-${router.name}`, ports, match);
      }
    const [before, seenBefore] = [await dropsAtBorders(lab), await cableCounts(lab)];
    context.step(`every router of ${one} pings every router of ${two}, and the other way round`);
    const sent = (await Promise.all(ways.map(([from, to]) => pingAcross(context, from, to)))).reduce(
      (a, b) => a + b,
    );
    const drops = counted(before, await dropsAtBorders(lab));
    const past = counted(seenBefore, await cableCounts(lab));
    const dropped = Object.values(drops).reduce((a, b) => a + b, 0);
    context.check(dropped === sent, `${sent} packets were sent across, ${dropped} were refused`);
    for (const [border, number] of Object.entries(drops))
      context.check(number > 0, `${border} was asked to pass nothing, so it proves nothing`);
    for (const [name, number] of Object.entries(past))
      context.check(number === 0, `${number} packets left an External Edge as ${name}`);
    context.step("tables");
    let looked = 0;
    for (const [plane, other] of ways) looked += await checkTables(context, plane, other);
    return { flows: [], other: { sent, refusedAt: drops, leftAnExternalEdge: past, routesLookedAt: looked } };
  },
};

export const PLANE_ISOLATION_SCENARIOS: readonly Scenario[] = [isolation];
