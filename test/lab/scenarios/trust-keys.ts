import { readFile, writeFile } from "node:fs/promises";
import type { KeysAnswer } from "../../../controller/src/http/schemas-trust.ts";
import { startProgram, stopProgram } from "../faults.ts";
import { publicKeyFile } from "../programs.ts";
import type { Scenario } from "../scenario.ts";
import { checkPlanes } from "./moves.ts";
import { anUpstream, ownEdge, planesOf } from "./pick.ts";

const rotate: Scenario = {
  name: "trust-key-rotate",
  summary: "the signing key changes twice while a router's agent is away; it follows, and steering goes on",
  fabric: "examples/quick.yaml",
  run: async (context) => {
    const { lab } = context;
    const edge = ownEdge(lab.fabric);
    const { home, away } = planesOf(lab.fabric, edge);
    const router =
      lab.fabric.nodes.find((n) => n.role === "plane" && n.plane === home && n.site === edge.site)?.name ??
      "";
    const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
    const first = await readFile(publicKeyFile(lab.name));
    context.step(`the agent of ${router} is away while the key changes twice`);
    await stopProgram(lab, router, "agent");
    for (let times = 0; times < 2; times++) await context.ctlJson("key", "rotate");
    // All that a router was ever told by hand is the first key.
    await writeFile(publicKeyFile(lab.name), first);
    await startProgram(lab, router, "agent");
    await context.converge();
    context.step(`${edge.name} to ${away}, by manifests that the third key signs`);
    await context.ctlJson("edge", "steer", edge.name, "--plane", away);
    await checkPlanes(context, edge.name, away, "steered by the new key");
    await context.converge();
    const { nodes, changes } = (await context.ctlJson("key", "list")) as KeysAnswer;
    const behind = nodes.filter(({ follows }) => follows !== "yes").map(({ node }) => node);
    context.check(behind.length === 0, `these do not follow: ${behind.join(", ")}`);
    context.check(changes.length === 2, `${changes.length} changes of the key are listed`);
    return { flows: await context.account(flows) };
  },
};

export const TRUST_KEY_SCENARIOS: readonly Scenario[] = [rotate];
