import { healCable, killProgram, programsOf, pullCable, waitRestarted } from "../faults.ts";
import type { Figures, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { announceTable } from "../upstream-table.ts";
import { checkPlanes } from "./moves.ts";
import { anUpstream, ownEdge, planesOf } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";
import { portTo, waitForBgp } from "./redirected.ts";

const ROUTES = 2000;
/** A pulled cable loses what is on its way until the kernels have noticed, at 1000 packets/s. */
const LOST_AT_MOST = 1000;

/** Something happens to the Edge while BGP has yet to follow: it ends where it should be. */
async function interrupted(context: ScenarioContext, by: "agent" | "cable"): Promise<Figures> {
  const { lab, signal } = context;
  const { fabric } = lab;
  const [edge, upstream] = [ownEdge(fabric), anUpstream(fabric)];
  const { home, away } = planesOf(fabric, edge);
  context.step(`${upstream.name} announces ${ROUTES} prefixes more`);
  await announceTable(lab, upstream.name, ROUTES, edge.name, signal);
  const flows: Awaited<ReturnType<typeof context.account>>[number][] = [];
  const phase = async (
    when: string,
    plane: string,
    interrupt: () => Promise<unknown>,
    lostAtMost = 0,
    instead?: { readonly plane: string; readonly end: () => Promise<unknown> },
  ): Promise<void> => {
    context.step(`${edge.name}: to ${plane}, and ${when}`);
    const both = await context.flows(edge.name, upstream.name);
    await context.sleep(300);
    await context.ctlJson("edge", "steer", edge.name, "--plane", plane);
    await interrupt();
    if (instead !== undefined) await checkPlanes(context, edge.name, instead.plane, when);
    else {
      await context.converge(60_000);
      await waitForBgp(context, edge.name, portTo(fabric, edge.name, plane));
      await checkPlanes(context, edge.name, plane, when);
    }
    for (const figures of await context.account(both, lostAtMost))
      flows.push({ ...figures, label: `${figures.label} ${when}` });
    await instead?.end();
    await context.converge(60_000);
    await waitForBgp(context, edge.name, portTo(fabric, edge.name, plane));
    await checkPlansEmpty(context);
  };
  const pull = (plane: string) => () =>
    pullCable(lab, { node: edge.name, interface: portTo(fabric, edge.name, plane) });
  const heal = (plane: string) => () =>
    healCable(lab, { node: edge.name, interface: portTo(fabric, edge.name, plane) });

  if (by === "agent")
    await phase("its agent is killed", away, async () => {
      const starts = (await programsOf(lab, edge.name)).find((p) => p.program === "agent")?.starts ?? 0;
      await killProgram(lab, edge.name, "agent");
      await waitRestarted(lab, edge.name, "agent", starts);
      await context.sleep(1000);
    });
  else {
    await phase("the plane that it leaves loses its cable", away, pull(home), LOST_AT_MOST, {
      plane: away,
      end: heal(home),
    });
    await phase("the plane that it goes to loses its cable", home, pull(home), LOST_AT_MOST, {
      plane: away,
      end: heal(home),
    });
  }
  return { flows };
}

export const STEER_INTERRUPTED_SCENARIOS: readonly Scenario[] = [
  {
    name: "steer-interrupted",
    summary: "an agent dies while it leads a table to the other plane: it ends as BGP says, nothing is lost",
    fabric: "test/lab/fixtures/full-table.yaml",
    run: (context) => interrupted(context, "agent"),
  },
  {
    name: "steer-interrupted-cable",
    summary:
      "a cable fails while a table is being led to the other plane, the old plane's, then the new one's",
    fabric: "test/lab/fixtures/full-table.yaml",
    run: (context) => interrupted(context, "cable"),
  },
];
