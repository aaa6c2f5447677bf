import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { checkPlanes, timeMove } from "./moves.ts";
import { anUpstream, birdEdge, customerEdges, ownEdge, planesOf } from "./pick.ts";

/** There and back under 1000 packets/s both ways; nothing may be lost. */
async function thereAndBack(context: ScenarioContext, edge: FabricNode): Promise<Figures> {
  const { fabric } = context.lab;
  const { home, away } = planesOf(fabric, edge);
  const upstream = anUpstream(fabric);
  context.step(`1000 packets/s both ways between ${edge.name} and ${upstream.name}`);
  const flows = await context.flows(edge.name, upstream.name);
  await context.sleep(1000);
  const before = await checkPlanes(context, edge.name, home, "before");
  context.step(`${edge.name}: ${home} to ${away}`);
  const there = await timeMove(context, edge.name, away, () =>
    context.ctlJson("edge", "steer", edge.name, "--plane", away),
  );
  const between = await checkPlanes(context, edge.name, away, "after the move");
  context.step(`${edge.name}: ${away} to ${home}`);
  const back = await timeMove(context, edge.name, home, () =>
    context.ctlJson("edge", "steer", edge.name, "--plane", home),
  );
  const after = await checkPlanes(context, edge.name, home, "after the way back");
  context.check(there.movedMs !== null && back.movedMs !== null, "the counters saw no move");
  return {
    flows: await context.account(flows),
    timesMs: {
      there: there.movedMs ?? -1,
      back: back.movedMs ?? -1,
      commandThere: there.commandMs,
      commandBack: back.commandMs,
    },
    planes: { before, between, after },
  };
}

const bothWays: Scenario = {
  name: "steer-both-ways",
  summary: "an Edge moves to the other plane and back under traffic; both directions move, nothing is lost",
  fabric: "examples/quick.yaml",
  run: (context) => thereAndBack(context, ownEdge(context.lab.fabric)),
};

const plainBird: Scenario = {
  name: "steer-plain-bird",
  summary: "the same for an Edge that runs plain BIRD and no agent of ours",
  fabric: "examples/vsix.yaml",
  run: (context) => thereAndBack(context, birdEdge(context.lab.fabric)),
};

const drain: Scenario = {
  name: "steer-drain",
  summary: "a whole plane is drained under traffic of every Edge, and filled again; nothing is lost",
  fabric: "examples/vsix.yaml",
  leavesAsFound: true,
  run: async (context) => {
    const { fabric } = context.lab;
    const edges = customerEdges(fabric);
    const plane = planesOf(fabric, ownEdge(fabric)).home;
    const upstream = anUpstream(fabric);
    const flows = [];
    for (const edge of edges) flows.push(...(await context.flows(edge.name, upstream.name, 200)));
    await context.sleep(1000);
    for (const edge of edges)
      await checkPlanes(context, edge.name, planesOf(fabric, edge).home, "before the drain");
    context.step(`drain ${plane} while ${edges.length} Edges have traffic`);
    const drainStarted = performance.now();
    await context.ctlJson("plane", "drain", plane);
    const drainMs = Math.round(performance.now() - drainStarted);
    const other = fabric.planes.find((p) => p.name !== plane)?.name ?? "";
    for (const edge of edges) await checkPlanes(context, edge.name, other, "drained");
    context.step(`undrain ${plane}`);
    const undrainStarted = performance.now();
    await context.ctlJson("plane", "undrain", plane);
    const undrainMs = Math.round(performance.now() - undrainStarted);
    for (const edge of edges)
      await checkPlanes(context, edge.name, planesOf(fabric, edge).home, "after the drain");
    return { flows: await context.account(flows), timesMs: { drain: drainMs, undrain: undrainMs } };
  },
};

export const STEER_SCENARIOS: readonly Scenario[] = [bothWays, plainBird, drain];
