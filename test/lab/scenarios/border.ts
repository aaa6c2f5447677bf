import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import { healCable, pullCable } from "../faults.ts";
import { LabError } from "../lab-error.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { cableCounts, counted, countOnCables } from "./cable-witness.ts";
import { pathsAt } from "./gobgp.ts";

/** An Edge at the site of an External Edge, and an upstream of that one and another: to BGP they are equal, so the nearer wins. */
function castOf({ lab: { fabric } }: ScenarioContext): {
  readonly border: FabricNode;
  readonly edge: FabricNode;
  readonly outside: FabricNode;
} {
  const borders = fabric.nodes.filter(({ role }) => role === "external-edge");
  const [border] = borders;
  const edge = fabric.nodes.find(
    (n) => n.role === "edge" && n.software === "vsix" && n.site === border?.site && !n.controller,
  );
  const behind = (node: FabricNode): number =>
    borders.filter(({ name }) => adjacenciesOf(fabric, node.name).some(({ peer }) => peer.name === name))
      .length;
  const outside = fabric.nodes.find((node) => node.role === "upstream" && behind(node) > 1);
  if (border === undefined || borders.length < 2 || edge === undefined || outside === undefined)
    throw new LabError("lab/scenario", "this fabric has no two External Edges with the same upstream");
  return { border, edge, outside };
}

/** What of ::/0 and the aggregates, its own, an External Edge has in BGP. */
async function attracts(context: ScenarioContext, border: string): Promise<readonly string[]> {
  const wanted = new Set(["::/0", ...context.lab.fabric.prefixes]);
  const paths = await pathsAt(context.lab, border);
  return paths
    .filter(({ prefix, asPath }) => wanted.has(prefix) && asPath.length === 0)
    .map(({ prefix }) => prefix);
}

const LOST_AT_MOST = 1000;

async function upstreamLoss(context: ScenarioContext): Promise<Figures> {
  const { lab } = context;
  const { border, edge, outside } = castOf(context);
  const egresses = adjacenciesOf(lab.fabric, border.name).filter(({ link }) => link.kind === "upstream");
  const traffic = ["ip6", "saddr", edge.loopback, "ip6", "daddr", outside.loopback, "ip6", "nexthdr", "17"];
  for (const node of lab.fabric.nodes.filter(({ role }) => role === "external-edge")) {
    const ports = adjacenciesOf(lab.fabric, node.name).filter(({ link }) => link.kind === "upstream");
    await countOnCables(
      lab,
      `by-${node.name}`,
      ports.map(({ self }) => self),
      traffic,
    );
  }
  const counts: Record<string, unknown> = {};
  const watch = async (
    when: string,
    forMs: number,
    by: string | null,
    lostAtMost: number,
    act?: () => Promise<unknown>,
  ) => {
    context.step(`${when}: 1000 packets/s both ways between ${edge.name} and ${outside.name}`);
    const before = await cableCounts(lab);
    const flows = await context.flows(edge.name, outside.name);
    await context.sleep(500);
    await act?.();
    await context.sleep(forMs);
    const figures = await context.account(flows, lostAtMost);
    const seen = counted(before, await cableCounts(lab));
    counts[when] = Object.fromEntries(Object.entries(seen).filter(([name]) => name.startsWith("by-")));
    const sent = figures[0]?.sent ?? 0;
    if (by !== null)
      context.check(
        seen[`by-${by}`] === sent,
        `${when}: ${seen[`by-${by}`]} of ${sent} packets left by ${by}`,
      );
    return figures.map((flow) => ({ ...flow, label: `${flow.label} ${when}` }));
  };
  const other =
    lab.fabric.nodes.find((n) => n.role === "external-edge" && n.name !== border.name)?.name ?? "";

  const steady = await watch("steady", 1000, border.name, 0);
  const lossy = await watch("loss", 3000, null, LOST_AT_MOST, () =>
    Promise.all(egresses.map(({ self }) => pullCable(lab, self))),
  );
  const left = await attracts(context, border.name);
  context.check(left.length === 0, `${border.name} has no way out and still announces ${left.join(", ")}`);
  for (const node of lab.fabric.nodes.filter(({ role }) => role === "plane")) {
    const paths = (await pathsAt(lab, node.name)).filter(({ prefix, best }) => prefix === "::/0" && best);
    context.check(paths.length === 1, `${node.name} has ${paths.length} best paths for ::/0`);
  }
  const around = await watch("around", 2000, other, 0);
  const back = await watch("return", 1000, null, 0, async () => {
    await Promise.all(egresses.map(({ self }) => healCable(lab, self)));
    await context.sleep(500);
    await context.converge(40_000);
  });
  const again = await attracts(context, border.name);
  context.check(
    again.length === 1 + lab.fabric.prefixes.length,
    `${border.name} has its way out again and announces only ${again.join(", ") || "nothing"}`,
  );
  const end = await watch("end", 1000, border.name, 0);
  return {
    flows: [...steady, ...lossy, ...around, ...back, ...end],
    timesMs: { outage: Math.max(...lossy.map(({ maxGapMs }) => maxGapMs)) },
    other: { border: border.name, egresses: egresses.map(({ peer }) => peer.name), packets: counts },
  };
}

export const BORDER_SCENARIOS: readonly Scenario[] = [
  {
    name: "fault-upstream-loss",
    summary:
      "an External Edge loses every upstream: it withdraws, traffic goes by the other one, and comes back",
    fabric: "examples/vsix.yaml",
    leavesAsFound: true,
    run: upstreamLoss,
  },
];
