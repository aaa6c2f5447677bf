import { type ChildProcess, spawn } from "node:child_process";
import { healCable, linksOf, pullCable, silenceCable, startProgram, stopProgram } from "../faults.ts";
import { namespaceOf } from "../lab.ts";
import { inNamespace, mustRun, run } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";
import { checkPlanes } from "./moves.ts";
import { anUpstream, controllerNodeName, ownEdge, planesOf } from "./pick.ts";
import { checkPlansEmpty } from "./plans.ts";

/** Longer than the lease (15 s), BGP's hold time (9 s) and every timer between. */
const CUT_MS = 30_000;

/** What `ip monitor` told of a node. */
class Monitor implements Disposable {
  readonly #child: ChildProcess;
  #text = "";

  constructor(context: ScenarioContext, node: string) {
    const command = ["ip", "-6", "monitor", "route", "nexthop", "rule"];
    const [file = "ip", ...args] = inNamespace(namespaceOf(context.lab, node), command);
    this.#child = spawn(file, args, { stdio: ["ignore", "pipe", "ignore"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#text += text;
    });
  }

  /** Deletions, without those of routes to `prefix`. */
  deletions(prefix: string): readonly string[] {
    return this.#text.split("\n").filter((line) => line.startsWith("Deleted") && !line.includes(prefix));
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }
}

/** Routes, nexthop objects, SIDs and rules of a node, line by line; without what only counts or ages. */
async function kernelOf(context: ScenarioContext, node: string): Promise<readonly string[]> {
  const ip = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await mustRun("ip", ["-n", namespaceOf(context.lab, node), "-6", ...args])).split("\n");
  const lines = [
    ...(await ip("route", "show", "table", "all", "proto", "118")),
    ...(await ip("nexthop", "show")),
    ...(await ip("rule", "show")),
  ];
  return lines
    .map((line) => line.replace(/ expires \S+/, "").trim())
    .filter((line) => line !== "")
    .sort();
}

const nocCut: Scenario = {
  name: "fault-noc-cut",
  summary:
    "the controller's links are silent for longer than every timer: others forward on, then all agrees and nothing was torn down",
  fabric: "examples/quick.yaml",
  run: async (context) => {
    const { lab } = context;
    const edge = ownEdge(lab.fabric);
    const noc = controllerNodeName(lab.fabric);
    const prefix = lab.fabric.nodes.find(({ name }) => name === noc)?.loopback.replace(/::1$/, "::") ?? "";
    const nodes = lab.fabric.nodes.filter(({ software }) => software === "vsix").map(({ name }) => name);
    // Those that are no neighbours of the controller's node: there nothing at all may go away.
    const near = new Set(
      lab.fabric.links
        .filter(({ ends }) => ends.some(({ node }) => node === noc))
        .flatMap(({ ends }) => ends.map(({ node }) => node)),
    );
    const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
    await context.sleep(500);
    const before = new Map<string, readonly string[]>();
    for (const name of nodes) before.set(name, await kernelOf(context, name));
    const far = nodes.filter((name) => !near.has(name));
    const monitors = new Map(far.map((name) => [name, new Monitor(context, name)]));
    try {
      context.step(`${noc} is cut off for ${CUT_MS / 1000} s`);
      for (const link of linksOf(lab, noc)) await silenceCable(lab, link);
      await context.sleep(CUT_MS);
      await checkPlanes(
        context,
        edge.name,
        planesOf(lab.fabric, edge).home,
        "while the controller is cut off",
      );
      context.step("the links carry again");
      for (const link of linksOf(lab, noc)) await healCable(lab, link);
      const convergedMs = await context.converge();
      await checkPlansEmpty(context);
      for (const name of nodes) {
        const now = await kernelOf(context, name);
        const was = before.get(name) ?? [];
        const differs = [
          ...now.filter((line) => !was.includes(line)),
          ...was.filter((line) => !now.includes(line)),
        ];
        context.check(
          differs.length === 0,
          `${name}: the kernel is not what it was: ${differs.slice(0, 4).join("; ")}`,
        );
      }
      for (const [name, monitor] of monitors) {
        const gone = monitor.deletions(prefix);
        context.check(gone.length === 0, `${name} lost objects meanwhile: ${gone.slice(0, 4).join("; ")}`);
      }
      context.step("steering works again");
      const { away } = planesOf(lab.fabric, edge);
      await context.ctlJson("edge", "steer", edge.name, "--plane", away);
      await checkPlanes(context, edge.name, away, "steered afterwards");
      return {
        flows: await context.account(flows),
        timesMs: { converged: convergedMs },
        other: { watched: far },
      };
    } finally {
      for (const monitor of monitors.values()) monitor[Symbol.dispose]();
    }
  },
};

/** Leaves in a namespace what a reboot leaves of a router: interfaces, and nothing of ours on them. */
async function forgetKernel(context: ScenarioContext, node: string): Promise<void> {
  const namespace = namespaceOf(context.lab, node);
  // Some have nothing to flush, which is an error to them.
  await run("ip", ["-n", namespace, "-6", "route", "flush", "table", "all", "proto", "118"]);
  await run("ip", ["-n", namespace, "-6", "route", "flush", "proto", "118"]);
  await run("ip", ["-n", namespace, "nexthop", "flush"]);
  await run("ip", ["-n", namespace, "-6", "rule", "flush"]);
  await mustRun("ip", ["-n", namespace, "-6", "rule", "add", "pref", "0", "lookup", "local"]);
  await mustRun("ip", ["-n", namespace, "-6", "rule", "add", "pref", "32766", "lookup", "main"]);
  await run("ip", ["-n", namespace, "-6", "addr", "flush", "scope", "global"]);
  await mustRun("ip", ["netns", "exec", namespace, "nft", "flush", "ruleset"]);
}

const rebootOffline: Scenario = {
  name: "fault-reboot-offline",
  summary:
    "a plane router reboots while controller and broker are gone: from its disk alone it forwards again",
  fabric: "examples/quick.yaml",
  run: async (context) => {
    const { lab } = context;
    const edge = ownEdge(lab.fabric);
    const { home, away } = planesOf(lab.fabric, edge);
    const router =
      lab.fabric.nodes.find((n) => n.role === "plane" && n.plane === home && n.site === edge.site)?.name ??
      "";
    const noc = controllerNodeName(lab.fabric);
    const was = await kernelOf(context, router);
    context.step("controller and broker are gone");
    await stopProgram(lab, noc, "controller");
    context.step(`${router} loses power`);
    for (const link of linksOf(lab, router)) await pullCable(lab, link);
    for (const program of ["agent", "gobgpd"] as const) await stopProgram(lab, router, program);
    await forgetKernel(context, router);
    context.check(
      (await kernelOf(context, router)).every((line) => !line.includes("118")),
      "the kernel forgot nothing",
    );
    const flows = await context.flows(edge.name, anUpstream(lab.fabric).name);
    await checkPlanes(context, edge.name, away, `while ${router} is down`);
    context.step(`${router} comes back, with its disk alone`);
    const started = performance.now();
    for (const program of ["gobgpd", "agent"] as const) await startProgram(lab, router, program);
    for (const link of linksOf(lab, router)) await healCable(lab, link);
    let backMs = -1;
    for (let look = 0; look < 120 && backMs < 0; look++) {
      await context.sleep(250);
      const now = await kernelOf(context, router);
      if (was.every((line) => now.includes(line))) backMs = Math.round(performance.now() - started);
    }
    context.check(backMs >= 0, `${router}'s kernel is not what it was after 30 s`);
    // Everybody's last choice until its own kernel is ready and its sessions have stood for a moment.
    await checkPlanes(context, edge.name, home, "after the reboot, without a controller", 40);
    await checkPlansEmpty(context);
    const figures = await context.account(flows);
    context.step("the controller comes back");
    await startProgram(lab, noc, "controller");
    const convergedMs = await context.converge();
    return { flows: figures, timesMs: { kernelBack: backMs, converged: convergedMs } };
  },
};

export const FAULT_OFFLINE_SCENARIOS: readonly Scenario[] = [nocCut, rebootOffline];
