import { type WatchedNode, watchNode } from "../../bench/watched-node.ts";
import { namespaceOf } from "../lab.ts";
import { mustRun } from "../run.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { startFlow } from "../traffic.ts";
import { announceTable, outsidePrefix } from "../upstream-table.ts";
import { checkPlanes, timeMove } from "./moves.ts";
import { anUpstream, controllerNodeName, ownEdge, planesOf } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";
import { portTo, routerOf, waitForBgp } from "./redirected.ts";

const ROUTES = 3000;
const RATE_PER_S = 500;
async function fullTable(context: ScenarioContext): Promise<Figures> {
  const { lab, signal } = context;
  const { fabric } = lab;
  const [edge, upstream] = [ownEdge(fabric), anUpstream(fabric)];
  const { home, away } = planesOf(fabric, edge);
  const other = controllerNodeName(fabric);
  context.step(`${upstream.name} announces ${ROUTES} prefixes more`);
  await announceTable(lab, upstream.name, ROUTES, edge.name, signal);
  const hosts = [1, ROUTES / 2, ROUTES - 1].map((i) => `${outsidePrefix(i)}1`);
  for (const host of hosts)
    await mustRun("ip", ["-n", namespaceOf(lab, upstream.name), "addr", "add", `${host}/128`, "dev", "lo"]);
  context.step(
    `${edge.name} has traffic with ${upstream.name}, ${other} and ${hosts.length} destinations more`,
  );
  const flows = [
    ...(await context.flows(edge.name, upstream.name)),
    // Its answers would come by the plane that it uses itself.
    await context.flow(edge.name, other, RATE_PER_S),
  ];
  for (const destination of hosts)
    flows.push(
      await startFlow({ lab, from: edge.name, to: upstream.name, destination, ratePerS: RATE_PER_S }),
    );
  await using watched = await watchNode(lab, edge.name, {
    source: edge.loopback,
    destination: hosts[0] ?? "::",
  });
  const planes: Record<string, unknown> = { before: await checkPlanes(context, edge.name, home, "before") };
  const timesMs: Record<string, number> = {};
  const counted: Record<string, unknown> = {};
  const steer = async (plane: string, when: string): Promise<void> => {
    context.step(`${edge.name}: to ${plane}, ${when}`);
    watched.reset();
    const { movedMs } = await timeMove(context, edge.name, plane, () =>
      context.ctlJson("edge", "steer", edge.name, "--plane", plane),
    );
    context.check(movedMs !== null, `${when}: the counters saw no move`);
    timesMs[when] = movedMs ?? -1;
    planes[when] = await checkPlanes(context, edge.name, plane, when);
    const moved = watched.movedTo(portTo(fabric, edge.name, plane));
    context.check(
      (moved?.byObject ?? 0) >= ROUTES,
      `${when}: ${moved?.byObject ?? 0} routes moved by a nexthop object, not ${ROUTES}`,
    );
    counted[when] = { routes: moved?.count, byObject: moved?.byObject };
  };
  await steer(away, "there");
  await waitForBgp(context, edge.name, portTo(fabric, edge.name, away));
  planes["later"] = await checkPlanes(context, edge.name, away, "when BGP had followed");
  await steer(home, "back");
  // While BGP is still following.
  await steer(away, "there at once");
  await steer(home, "back at once");
  await waitForBgp(context, edge.name, portTo(fabric, edge.name, home));
  planes["after"] = await checkPlanes(context, edge.name, home, "after");
  await checkPlansEmpty(context);
  return { flows: await context.account(flows), timesMs, planes, other: counted };
}

/** Loopbacks of plane routers are told by their own plane only. */
async function onePlanePrefix(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const { fabric } = lab;
  const edge = ownEdge(fabric);
  const { home, away } = planesOf(fabric, edge);
  const upstream = anUpstream(fabric);
  const routers = [home, away].map((plane) => ({ plane, router: routerOf(fabric, edge.name, plane) }));
  context.step(`${edge.name} has traffic with ${routers.map(({ router }) => router).join(", ")} and outside`);
  const flows = [...(await context.flows(edge.name, upstream.name))];
  await using stack = new AsyncDisposableStack();
  const watches: { readonly plane: string; readonly router: string; readonly watched: WatchedNode }[] = [];
  for (const { plane, router } of routers) {
    flows.push(...(await context.flows(edge.name, router)));
    const destination = fabric.nodes.find(({ name }) => name === router)?.loopback ?? "::";
    const watched = stack.use(await watchNode(lab, edge.name, { source: edge.loopback, destination }));
    watches.push({ plane, router, watched });
  }
  await context.sleep(500);
  for (const plane of [away, home, away, home]) {
    context.step(`${edge.name}: to ${plane}`);
    await context.ctlJson("edge", "steer", edge.name, "--plane", plane);
    await context.sleep(plane === home ? 2500 : 500);
  }
  for (const { plane, router, watched } of watches)
    for (const one of [home, away]) {
      const packets = watched.packetsBy(portTo(fabric, edge.name, one))?.count ?? 0;
      context.check(
        one === plane ? packets > 0 : packets === 0,
        `${packets} packets to ${router}, which only ${plane} tells, left by ${one}`,
      );
    }
  await checkPlansEmpty(context);
  return { flows: await context.account(flows) };
}

export const STEER_TABLE_SCENARIOS: readonly Scenario[] = [
  {
    name: "steer-full-table",
    summary: `an Edge with ${ROUTES} routes is steered to and fro under traffic to many destinations: moved by one object, nothing lost`,
    fabric: "test/lab/fixtures/full-table.yaml",
    run: fullTable,
  },
  {
    name: "steer-one-plane-prefix",
    summary: "what only one plane tells stays reachable by that plane while the Edge is steered to and fro",
    fabric: "examples/quick.yaml",
    run: onePlanePrefix,
  },
];
