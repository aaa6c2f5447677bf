import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "@vsix/shared/contract/up.ts";
import { askAgent } from "../../agent/src/io/control-socket.ts";
import { cableOf, type Lab, nodeOf } from "./lab.ts";
import { LabError } from "./lab-error.ts";
import { panelNamespace } from "./names.ts";
import { chance, PANEL_TABLE } from "./panel.ts";
import { agentSocket, type ProgramName } from "./programs.ts";
import { ipBatch, mustRun } from "./run.ts";
import type { ProgramState } from "./supervised.ts";
import { askSupervisor } from "./supervisor-client.ts";

/** A link is named by the node and interface of either end. */
export interface LinkRef {
  readonly node: string;
  readonly interface: string;
}

/** Pulls the cable: both ends lose carrier and neither router can bring it back. */
export async function pullCable(lab: Lab, ref: LinkRef): Promise<void> {
  const { ends } = cableOf(lab, ref.node, ref.interface);
  await ipBatch(
    panelNamespace(lab.name),
    ends.map((end) => `link set ${end} down`),
  );
}

/** The cable looks well and carries nothing, either way. */
export async function silenceCable(lab: Lab, ref: LinkRef): Promise<void> {
  const { ends } = cableOf(lab, ref.node, ref.interface);
  await nft(lab, ["add", "element", "netdev", PANEL_TABLE, "silent", `{ ${quoted(ends)} }`]);
}

/** Ends pullCable and silenceCable. */
export async function healCable(lab: Lab, ref: LinkRef): Promise<void> {
  const { ends } = cableOf(lab, ref.node, ref.interface);
  // `add` first: deleting an element that is not there is an error.
  const elements = `{ ${quoted(ends)} }`;
  await nft(lab, ["add", "element", "netdev", PANEL_TABLE, "silent", elements]);
  await nft(lab, ["delete", "element", "netdev", PANEL_TABLE, "silent", elements]);
  await ipBatch(
    panelNamespace(lab.name),
    ends.map((end) => `link set ${end} up`),
  );
}

/**
 * What `sender` puts into its cable is lost by chance, each packet for itself; nothing else is. `match` (nftables words) says
 * which of the lost are counted, as `lost-DEVICE`: see cableCounts. Ends with what it returns.
 */
export async function lossyCable(
  lab: Lab,
  sender: LinkRef,
  percent: number,
  match: readonly string[] = [],
): Promise<{ readonly counter: string; readonly heal: () => Promise<void> }> {
  const { link, ends } = cableOf(lab, sender.node, sender.interface);
  const side = link.ends.findIndex((end) => end.node === sender.node && end.interface === sender.interface);
  const device = ends[side] ?? "";
  const counter = `lost-${device}`;
  const table = ["netdev", PANEL_TABLE];
  const input = [
    `add counter ${table.join(" ")} ${counter}`,
    `add chain ${table.join(" ")} ${counter}`,
    `flush chain ${table.join(" ")} ${counter}`,
    `add rule ${table.join(" ")} ${counter} ${match.join(" ")} counter name "${counter}"`,
    `add rule ${table.join(" ")} ${counter} drop`,
    `insert rule ${table.join(" ")} ${device} ${chance(percent)} goto ${counter}`,
  ].join("\n");
  await mustRun("ip", ["netns", "exec", panelNamespace(lab.name), "nft", "-f", "-"], { input: `${input}\n` });
  return {
    counter,
    heal: async () => {
      const text = await mustRun("ip", [
        ...["netns", "exec", panelNamespace(lab.name)],
        ...["nft", "-j", "list", "chain", ...table, device],
      ]);
      for (const handle of handlesOfJumps(text, counter))
        await nft(lab, ["delete", "rule", ...table, device, "handle", String(handle)]);
    },
  };
}

/** Rules of a chain, as nft(8) lists it in JSON, that go to another one. */
function handlesOfJumps(text: string, chain: string): readonly number[] {
  const { nftables } = JSON.parse(text) as {
    readonly nftables: readonly {
      readonly rule?: {
        readonly handle: number;
        readonly expr: readonly { readonly goto?: { readonly target: string } }[];
      };
    }[];
  };
  return nftables.flatMap(({ rule }) =>
    rule?.expr.some((expression) => expression.goto?.target === chain) === true ? [rule.handle] : [],
  );
}

/** Kills a program as a crash would; the supervisor starts it again after a second. */
export async function killProgram(lab: Lab, node: string, program: ProgramName): Promise<void> {
  await askProgram(lab, "kill", node, program);
}

/** Stops a program for good. */
export async function stopProgram(lab: Lab, node: string, program: ProgramName): Promise<void> {
  await askProgram(lab, "stop", node, program);
}

export async function startProgram(lab: Lab, node: string, program: ProgramName): Promise<void> {
  await askProgram(lab, "start", node, program);
}

/** Starts a stopped program whose wall clock is wrong by so much: `+1y`, `-1y`. */
export async function startWithClock(
  lab: Lab,
  node: string,
  program: ProgramName,
  clock: string,
): Promise<void> {
  await askSupervisor(lab.name, { op: "start", node, program, clock });
}

/** The whole router goes at once: every cable pulled, then every program stopped. */
export async function crashNode(lab: Lab, node: string): Promise<void> {
  nodeOf(lab, node);
  await Promise.all(linksOf(lab, node).map((ref) => pullCable(lab, ref)));
  for (const program of await programsOf(lab, node))
    await stopProgram(lab, node, program.program as ProgramName);
}

/** Ends crashNode. Kernel state of the namespace has stayed, as in a machine whose cables were cut. */
export async function restoreNode(lab: Lab, node: string): Promise<void> {
  for (const program of await programsOf(lab, node))
    await startProgram(lab, node, program.program as ProgramName);
  await Promise.all(linksOf(lab, node).map((ref) => healCable(lab, ref)));
}

/** Programs of a node as the supervisor sees them. */
export async function programsOf(lab: Lab, node: string): Promise<readonly ProgramState[]> {
  return (await askSupervisor(lab.name, { op: "status" })).filter((program) => program.node === node);
}

/**
 * Waits until a program has been started more than `starts` times and runs; an agent, until it has converged by its own word: the
 * controller may not have heard yet that it was gone. Throws LabError `lab/supervisor`.
 */
export async function waitRestarted(
  lab: Lab,
  node: string,
  program: ProgramName,
  starts: number,
): Promise<void> {
  const isBack = async (): Promise<boolean> => {
    const state = (await programsOf(lab, node)).find((p) => p.program === program);
    return state !== undefined && state.starts > starts && state.state === "running";
  };
  if (!(await comesTrue(isBack, RESTARTED_WITHIN_MS)))
    throw new LabError(
      "lab/supervisor",
      `${program} on ${node} was not restarted in ${RESTARTED_WITHIN_MS / 1000} s`,
    );
  if (program !== "agent") return;
  const hasConverged = async (): Promise<boolean> => {
    const report = (await askAgent(agentSocket(lab.name, node), "report").catch(() => undefined)) as
      | Report
      | undefined;
    return report?.converged === true;
  };
  if (!(await comesTrue(hasConverged, CONVERGED_WITHIN_MS)))
    throw new LabError(
      "lab/supervisor",
      `the agent on ${node} has not converged in ${CONVERGED_WITHIN_MS / 1000} s`,
    );
}

const RESTARTED_WITHIN_MS = 10_000;
const CONVERGED_WITHIN_MS = 60_000;

/** Looks every 50 ms; false when it was never true. */
async function comesTrue(check: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  do {
    if (await check()) return true;
    await sleep(50);
  } while (performance.now() < deadline);
  return false;
}

/** Every link of a node, named by its own interface. */
export function linksOf(lab: Lab, node: string): readonly LinkRef[] {
  return lab.fabric.links.flatMap((link) => link.ends.filter((end) => end.node === node));
}

async function askProgram(
  lab: Lab,
  op: "start" | "stop" | "kill",
  node: string,
  program: ProgramName,
): Promise<void> {
  await askSupervisor(lab.name, { op, node, program });
}

async function nft(lab: Lab, args: readonly string[]): Promise<void> {
  await mustRun("ip", ["netns", "exec", panelNamespace(lab.name), "nft", ...args]);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
