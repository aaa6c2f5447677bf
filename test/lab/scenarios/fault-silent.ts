import { DEFAULT_POLICY } from "@vsix/shared/fabric/defaults.ts";
import type { FabricLink } from "@vsix/shared/fabric/model.ts";
import { healCable, type LinkRef, silenceCable } from "../faults.ts";
import { nodeOf } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import type { FlowFigures } from "../traffic.ts";
import { sessionsWith } from "./gobgp.ts";
import { anUpstream, ownEdge } from "./pick.ts";

/** Packets each way at 1000 a second: found in 0.6 s and repaired at once; the rest is for machines that do much else. */
const LOST_AT_MOST = 2000;
const FOUND_WITHIN_MS = 4000;

/** A link falls silent under traffic between two hosts, and speaks again: the losses of both are bounded. */
async function silent(
  context: ScenarioContext,
  end: LinkRef,
  hosts: readonly [string, string],
): Promise<readonly FlowFigures[]> {
  const { lab } = context;
  const during = await context.flows(...hosts);
  await context.sleep(500);
  await silenceCable(lab, end);
  await context.sleep(FOUND_WITHIN_MS);
  const lossy = await context.account(during, LOST_AT_MOST);
  const around = await context.flows(...hosts);
  await context.sleep(1000);
  await healCable(lab, end);
  await context.sleep(2000);
  await context.converge(60_000);
  await context.sleep(1000);
  const label = (figures: readonly FlowFigures[], when: string) =>
    figures.map((flow) => ({ ...flow, label: `${flow.label} ${end.node} ${end.interface} ${when}` }));
  return [...label(lossy, "silent"), ...label(await context.account(around), "around and return")];
}

/** The Edge whose traffic is to cross a link of the backbone, and the plane that link is of. */
function crossing(
  { lab }: ScenarioContext,
  link: FabricLink,
): { readonly edge: string; readonly plane: string } {
  const ends = link.ends.map((end) => nodeOf(lab, end.node));
  const plane = ends.find((node) => node.plane !== undefined)?.plane;
  if (plane === undefined) throw new LabError("lab/scenario", `${link.name} is of no plane`);
  return { edge: (ends.find((node) => node.role === "edge") ?? ownEdge(lab.fabric)).name, plane };
}

const everyLink: Scenario = {
  name: "fault-silent-every-link",
  summary:
    "each link between our routers in turn drops everything while it looks well, with traffic led across it",
  fabric: "examples/quick.yaml",
  run: async (context) => {
    const { lab } = context;
    const upstream = anUpstream(lab.fabric).name;
    const flows: FlowFigures[] = [];
    for (const link of lab.fabric.links) {
      if (link.kind === "upstream" || link.kind === "outside") continue;
      const { edge, plane } = crossing(context, link);
      context.step(`${link.name} falls silent under traffic of ${edge}`);
      await context.ctlJson("edge", "steer", edge, "--plane", plane);
      await context.sleep(1500);
      flows.push(...(await silent(context, link.ends[0], [edge, upstream])));
    }
    const unhurt = flows.filter(({ label, lost }) => label.endsWith(" silent") && lost === 0);
    context.check(unhurt.length === 0, `not on the way: ${unhurt.map(({ label }) => label).join(", ")}`);
    return { flows };
  },
};

const upstreamSilent: Scenario = {
  name: "fault-silent-upstream",
  summary: "the link to an upstream whose BIRD speaks BFD falls silent; both ends go by the other upstream",
  fabric: "test/lab/fixtures/two-upstreams.yaml",
  run: async (context) => {
    const { fabric } = context.lab;
    const upstream = anUpstream(fabric).name;
    const link = fabric.links.find(
      ({ kind, ends }) => kind === "upstream" && ends.some(({ node }) => node === upstream),
    );
    const end = link?.ends.find(({ node }) => node !== upstream);
    if (end === undefined) throw new LabError("lab/scenario", `${upstream} has no link to us`);
    context.step(`the link of ${end.node} to ${upstream} falls silent`);
    return { flows: await silent(context, end, [ownEdge(fabric).name, upstream]) };
  },
};

/** Longer than a link of hardware is given, 0.8 s; a link with times of its own has four seconds at least. */
const STALL_MS = 3_000;

/** As a router does that is a virtual machine, whose host has no processor for it: nothing is sent, nothing is answered, and then all goes on. */
const stall: Scenario = {
  name: "fault-silent-for-a-moment",
  summary:
    "two links of a router carry nothing for a moment: the session of the one whose BFD has longer times goes on, the other one is closed",
  fabric: "test/lab/fixtures/machines.yaml",
  run: async ({ lab, step, check, sleep }) => {
    const router = "blue-sfc";
    const own = lab.fabric.links.find((link) => isOf(link, router) && link.bfd?.intervalMs !== DEFAULT_MS);
    const plain = lab.fabric.links.find((link) => isOf(link, router) && link.bfd?.intervalMs === DEFAULT_MS);
    const [patient, hasty] = [own, plain].map(
      (link) => link?.ends.find(({ node }) => node !== router)?.node ?? "",
    );
    if (own === undefined || plain === undefined || !patient || !hasty)
      throw new LabError("lab/scenario", `${router} is to have links of both kinds`);
    const before = await sessionsWith(lab, router);
    step(`${own.name} and ${plain.name} carry nothing for ${STALL_MS} ms`);
    await Promise.all([own, plain].map(({ ends }) => silenceCable(lab, ends[0])));
    await sleep(STALL_MS);
    await Promise.all([own, plain].map(({ ends }) => healCable(lab, ends[0])));
    const during = await sessionsWith(lab, router);
    check(during[hasty] === null, `${hasty} has its session still, of which this proves nothing`);
    await sleep(STALL_MS);
    const after = await sessionsWith(lab, router);
    check(
      before[patient] !== null && after[patient] === before[patient],
      `${patient}: its session began at ${before[patient]} before and at ${after[patient]} after that`,
    );
    return { flows: [], other: { own: own.bfd, plain: plain.bfd, before, during, after } };
  },
};

const DEFAULT_MS = DEFAULT_POLICY.bfd.intervalMs;

const isOf = ({ ends }: FabricLink, router: string): boolean => ends.some(({ node }) => node === router);

export const FAULT_SILENT_SCENARIOS: readonly Scenario[] = [everyLink, upstreamSilent, stall];
