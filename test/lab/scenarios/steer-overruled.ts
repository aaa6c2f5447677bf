import type { EdgeStatus } from "../../../controller/src/status/model.ts";
import { runCtl } from "../ctl.ts";
import { observePlanes } from "../observe.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { reconfigureBird } from "./bird.ts";
import { checkPlanes } from "./moves.ts";
import { anUpstream, birdEdge, planesOf } from "./pick.ts";

/** "Not everything was observed in time": controller/README.md. */
const NOT_SEEN = 4;
const WAIT_S = "6";
const LOOKS = 120;

/** What its operator does at an Edge that nobody else may configure: he likes one of his neighbours better. */
function preferring(neighbour: string): (text: string) => string {
  const session = `protocol bgp n_to_${neighbour.replaceAll("-", "_")} {`;
  return (text) => {
    const at = text.indexOf(session);
    const rest = text.slice(at).replace("import all;", "import filter { bgp_local_pref = 200; accept; };");
    return `${text.slice(0, at)}${rest}`;
  };
}

/** What `vsixctl edge list` notes about an Edge, once it notes anything about MED. */
async function noted(context: ScenarioContext, edge: string): Promise<string> {
  let notes = "";
  for (let look = 0; look < LOOKS && !notes.includes("MED"); look++) {
    const { edges } = await context.ask<{ readonly edges: readonly EdgeStatus[] }>("/v1/edges");
    notes = edges.find((one) => one.edge === edge)?.notes.join("; ") ?? "";
    await context.sleep(500);
  }
  return notes;
}

const overruled: Scenario = {
  name: "steer-overruled",
  summary:
    "an Edge whose operator prefers a neighbour by LOCAL_PREF is steered: what MED cannot move is told, not believed",
  fabric: "test/lab/fixtures/many-edges.yaml",
  run: async (context) => {
    const { lab } = context;
    const edge = birdEdge(lab.fabric);
    const { home, away } = planesOf(lab.fabric, edge);
    const upstream = anUpstream(lab.fabric);
    const router = lab.fabric.links
      .filter(({ ends }) => ends.some(({ node }) => node === edge.name))
      .flatMap(({ ends }) => ends.map(({ node }) => lab.fabric.nodes.find(({ name }) => name === node)))
      .find((node) => node?.plane === home);
    const flows = await context.flows(edge.name, upstream.name);
    await context.sleep(1000);
    const before = await checkPlanes(context, edge.name, home, "before");
    context.step(`the operator of ${edge.name} prefers ${router?.name} by LOCAL_PREF`);
    const undo = await reconfigureBird(lab, edge.name, preferring(router?.name ?? ""));
    await context.sleep(1000);

    context.step(`${edge.name}: ${home} to ${away}`);
    const steer = ["edge", "steer", edge.name, "--plane", away, "--wait", WAIT_S];
    const { code, stdout } = await runCtl(lab, steer, { signal: context.signal });
    context.check(code === NOT_SEEN, `steer ended with ${code}, not ${NOT_SEEN}: ${stdout}`);
    const half = await observePlanes(lab, edge.name);
    context.check(
      half.outbound === home,
      `${edge.name} sends by ${half.outbound}: LOCAL_PREF did not overrule MED`,
    );
    context.check(
      half.inbound === away,
      `${edge.name} receives by ${half.inbound}: the other direction was not steered`,
    );
    const notes = await noted(context, edge.name);
    context.check(
      notes.includes(`outbound by ${home}`) && /MED is overruled.*LOCAL_PREF/.test(notes),
      `status says ${JSON.stringify(notes)} of ${edge.name}`,
    );
    context.check(!notes.includes("inbound"), `status complains of what was moved: ${notes}`);

    context.step("the operator takes it back");
    await undo();
    const after = await checkPlanes(context, edge.name, away, "without LOCAL_PREF");
    await context.ctl("edge", "release", edge.name);
    const released = await checkPlanes(context, edge.name, home, "released");
    return {
      flows: await context.account(flows),
      planes: { before, half, after, released },
      other: { notes },
    };
  },
};

export const OVERRULED_SCENARIOS: readonly Scenario[] = [overruled];
