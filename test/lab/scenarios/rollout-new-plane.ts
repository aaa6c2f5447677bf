import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ApplyAnswer } from "@vsix/controller/http/schemas.ts";
import type { Status } from "@vsix/controller/status/model.ts";
import type { Fabric, FabricLink } from "@vsix/shared/fabric/model.ts";
import { type Document, isSeq, parseDocument } from "yaml";
import { LabError } from "../lab-error.ts";
import { namespaceName } from "../names.ts";
import { mustRun } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { anUpstream, ownEdge, planesOf } from "./pick.ts";
import { checkAll, follow, prepare, SHORT } from "./rollout.ts";
import { detour, wayOut } from "./rollout-paths.ts";

/** Far from what any file of ours says. */
const OTHER_COST = 77;

/** The links of a fabric file, to be changed in place. */
function linksIn(document: Document): {
  find(one: FabricLink): number;
  drop(at: number): void;
  cost(at: number): void;
} {
  const links = document.get("links");
  if (!isSeq(links)) throw new LabError("lab/scenario", "the file has no links");
  return {
    find: ({ ends: [a, b] }) => {
      const at = links.items.findIndex((_, i) => {
        const ends = (document.getIn(["links", i, "ends"]) as { toJSON(): unknown } | undefined)?.toJSON();
        return JSON.stringify(ends) === JSON.stringify([a.node, b.node]);
      });
      if (at < 0) throw new LabError("lab/scenario", `the file has no link ${a.node} ${b.node} written so`);
      return at;
    },
    drop: (at) => {
      document.deleteIn(["links", at]);
    },
    cost: (at) => document.setIn(["links", at, "cost"], OTHER_COST),
  };
}

function linkBetween({ links }: Fabric, one: string, other: string): FabricLink {
  const found = links.find(({ ends }) =>
    [one, other].every((name) => ends.some(({ node }) => node === name)),
  );
  if (found === undefined) throw new LabError("lab/scenario", `no link between ${one} and ${other}`);
  return found;
}

/** The network before the change: the idle plane lacks its straight link, and one of the other plane costs something else. */
async function writeBefore({ lab }: ScenarioContext, home: string, away: string): Promise<string> {
  const { name: edge } = ownEdge(lab.fabric);
  const [own, other] = [wayOut(lab.fabric, edge, home), wayOut(lab.fabric, edge, away)];
  // It throws where the plane would fall apart.
  detour(lab.fabric, other);
  const document = parseDocument(await readFile(lab.file, "utf8"));
  const links = linksIn(document);
  links.cost(links.find(linkBetween(lab.fabric, own.near, own.border)));
  links.drop(links.find(linkBetween(lab.fabric, other.near, other.border)));
  const file = join(lab.stateDir, "before.yaml");
  await writeFile(file, document.toString());
  return file;
}

type Generations = ReadonlyMap<string, number>;

async function generations(context: ScenarioContext): Promise<Generations> {
  const { nodes } = (await context.ctlJson("status")) as Status;
  return new Map(nodes.map(({ name, wantedGeneration }) => [name, wantedGeneration]));
}

async function revisions(context: ScenarioContext): Promise<Readonly<Record<string, number>>> {
  const { planes } = (await context.ctlJson("status")) as Status;
  return Object.fromEntries(planes.map(({ plane, revision }) => [plane, revision]));
}

function grown(before: Generations, after: Generations): readonly string[] {
  return [...after].filter(([name, generation]) => before.get(name) !== generation).map(([name]) => name);
}

/** The port by which a router sends what goes to an address. */
async function portOut(
  { lab }: ScenarioContext,
  router: string,
  address: string,
): Promise<string | undefined> {
  const stdout = await mustRun("ip", ["-n", namespaceName(lab.name, router), "-6", "route", "get", address]);
  return / dev (\S+)/.exec(stdout)?.[1];
}

/**
 * The idle plane gets a link while the other carries everybody: not one document of the other plane changes, and nobody
 * notices. A rollout moves everybody there; what else the file said comes into force when it is done.
 */
async function run(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const { fabric } = lab;
  const edge = ownEdge(fabric);
  const { home, away } = planesOf(fabric, edge);
  const target = anUpstream(fabric).loopback;
  const { near, border } = wayOut(fabric, edge.name, away);
  const straight = linkBetween(fabric, near, border).ends.find(({ node }) => node === near)?.interface;
  const routersOf = (plane: string): readonly string[] =>
    fabric.nodes.filter((node) => node.plane === plane).map(({ name }) => name);

  context.step(`${away} without its link from ${near} to ${border}`);
  await context.ctl("apply", await writeBefore(context, home, away));
  await context.converge();
  context.check((await portOut(context, near, target)) !== straight, `${near} goes straight already`);
  const stage = await prepare(context);
  const before = await generations(context);
  const { [home]: old = 0 } = await revisions(context);

  context.step(`${away} alone gets it`);
  const applied = (await context.ctlJson("apply", lab.file, "--plane", away)) as ApplyAnswer;
  const changed = grown(before, await generations(context));
  const held = routersOf(home).filter((name) => changed.includes(name));
  context.check(held.length === 0, `documents of ${home} changed: ${held.join(", ")}`);
  context.check(
    [near, border].every((name) => changed.includes(name)),
    `not both ends of the link were told: ${changed.join(", ")}`,
  );
  for (const { node, lines } of applied.diff)
    context.check(
      routersOf(away).includes(node) || lines.every((line) => /^[-+~] probes hops /.test(line)),
      `${node}, which is not of ${away}, is told more than who answers from where: ${lines.join("; ")}`,
    );
  context.check(applied.held.length === 1, `what waits is ${applied.held.join("; ") || "nothing"}`);
  const apart = await revisions(context);
  context.check(
    apart[home] === old && apart[away] === applied.revision,
    `the planes are of revisions ${JSON.stringify(apart)}`,
  );
  const convergedMs = await context.converge();
  context.check((await portOut(context, near, target)) === straight, `${near} does not go straight`);
  await checkAll(context, stage, home, "with the other plane changed");

  const started = performance.now();
  await context.ctlJson("rollout", "create", "--to", away, "--steps", "1,50%,100%", ...SHORT);
  // The controller's own Edge is one of them.
  const rollout = await follow(context, () => false);
  const ms = Math.round(performance.now() - started);
  context.check(rollout.stage === "done", `the rollout ended as ${rollout.stage}: ${rollout.why}`);
  await checkAll(context, stage, away, "after the rollout");
  context.step("the rest of the file comes into force");
  const rest = async (): Promise<boolean> => {
    const { [home]: one, [away]: other } = await revisions(context);
    return one === other;
  };
  for (const end = performance.now() + 30_000; performance.now() < end && !(await rest()); )
    await context.sleep(500);
  context.check(await rest(), `${home} is still of revision ${(await revisions(context))[home]}`);
  const brought = grown(before, await generations(context)).filter((name) => routersOf(home).includes(name));
  context.check(
    brought.length === 2,
    `of ${home}, ${brought.join(", ") || "nobody"} was told, not both ends of a link`,
  );
  await context.converge();
  return {
    flows: await context.account(stage.flows),
    timesMs: { converged: convergedMs, rollout: ms },
    other: { told: changed, waited: applied.held, brought },
  };
}

export const ROLLOUT_NEW_PLANE_SCENARIOS: readonly Scenario[] = [
  {
    name: "rollout-new-plane",
    long: true,
    summary:
      "the idle plane alone gets a new link, the other's documents stay as they are; then everybody moves there, nothing is lost",
    fabric: "test/lab/fixtures/triangles.yaml",
    run,
  },
];
