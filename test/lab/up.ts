import { access, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bundle } from "@vsix/shared/contract/bundle.ts";
import { buildWeb } from "../../controller/web/build.ts";
import { askApi } from "./api.ts";
import { birdConfig } from "./bird-config.ts";
import { waitConverged } from "./converge.ts";
import { ctl } from "./ctl.ts";
import { readFabricFile } from "./fabric-file.ts";
import { claimLab, type Lab, removeLab, saveLab } from "./lab.ts";
import { LabError } from "./lab-error.ts";
import { defaultLabName, NODE, namespaceName, stateDirectory } from "./names.ts";
import {
  agentConfig,
  agentConfigFile,
  agentWarmUp,
  type BrokerKind,
  birdConfigFile,
  bundleFile,
  cableProgram,
  controllerCommand,
  controllerConfig,
  controllerConfigFile,
  controllerNode,
  controllerProgram,
  controllerSocket,
  controllerWarmUp,
  mosquittoConfig,
  mosquittoConfigFile,
  mosquittoProgram,
  nodeDirectory,
  nodePrograms,
} from "./programs.ts";
import { type Progress, silentProgress } from "./progress.ts";
import { inNamespace, mustRun, run } from "./run.ts";
import { createOutside, hasServices, outsidePrograms } from "./services/outside.ts";
import { askSupervisor, startSupervisor } from "./supervisor-client.ts";
import { createTopology } from "./topology.ts";
import { shareWireguardKeys } from "./wireguard-keys.ts";

export interface UpOptions {
  /** Default: made of the fabric's name. */
  readonly name?: string;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** How far to go: only namespaces and BIRD, or our software too and wait for it. */
  readonly until?: "cables" | "converged";
  readonly convergeTimeoutMs?: number;
  /** Default: the one inside the controller. */
  readonly broker?: BrokerKind;
  /** The controller shows the web application too. */
  readonly portal?: boolean;
}

/**
 * Brings up a fabric file as a lab. Throws LabError `lab/exists` when there is one of that name. What fails leaves the
 * lab standing, to be looked at, unless nothing of it works yet.
 */
export async function upLab(file: string, options: UpOptions = {}): Promise<Lab> {
  const progress = options.progress ?? silentProgress;
  const fabric = await readFabricFile(file);
  const name = options.name ?? defaultLabName(fabric.name);
  await claimLab(name);
  let lab: Lab;
  try {
    progress.step(`lab ${name}: ${fabric.nodes.length} nodes, ${fabric.links.length} cables`);
    for (const node of fabric.nodes) await mkdir(nodeDirectory(name, node.name), { recursive: true });
    const { cables, wiring, delayProgram } = await createTopology(name, fabric);
    lab = { name, file: resolve(file), fabric, cables, wiring, stateDir: stateDirectory(name) };
    await saveLab(lab);
    await startSupervisor(name);
    if (delayProgram !== undefined)
      await askSupervisor(name, { op: "add", specs: [cableProgram(name, delayProgram)] });
  } catch (error) {
    await removeLab(name);
    throw error;
  }
  await startBird(lab, progress);
  if (hasServices(fabric)) {
    progress.step("an IPv4 Internet, a client and an authoritative server");
    await createOutside(name, fabric);
    await askSupervisor(name, { op: "add", specs: await outsidePrograms(name, fabric) });
  }
  if (options.until === "cables") return lab;
  const broker = options.broker ?? "embedded";
  await warmUp();
  await startController(lab, broker, options.portal === true, progress);
  await enrolRouters(lab, progress);
  await shareWireguardKeys(name, fabric);
  await startRouters(lab, progress);
  progress.step("waiting until every node has converged");
  const tookMs = await waitConverged(lab, {
    progress,
    ...(options.convergeTimeoutMs === undefined ? {} : { timeoutMs: options.convergeTimeoutMs }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  progress.step(`converged (${(tookMs / 1000).toFixed(1)} s)`);
  return lab;
}

async function startBird(lab: Lab, progress: Progress): Promise<void> {
  const nodes = lab.fabric.nodes.filter((node) => node.software === "bird");
  if (nodes.length > 0) progress.step(`BIRD on ${nodes.map((node) => node.name).join(", ")}`);
  for (const node of nodes)
    await writeFile(birdConfigFile(lab.name, node.name), birdConfig(lab.fabric, node));
  const specs = nodes.flatMap((node) => nodePrograms(lab.name, node));
  await askSupervisor(lab.name, { op: "add", specs });
}

async function startController(
  lab: Lab,
  broker: BrokerKind,
  portal: boolean,
  progress: Progress,
): Promise<void> {
  const { name, fabric } = lab;
  const program = controllerProgram(name, fabric);
  // It reads the pages when it starts.
  if (portal) await buildPages();
  await writeFile(
    controllerConfigFile(name),
    JSON.stringify(controllerConfig(name, fabric, broker, portal), undefined, 2),
  );
  if (broker === "mosquitto") {
    progress.step(`mosquitto on ${program.node}`);
    const [file = NODE, ...args] = controllerCommand(name, "prepare");
    await mustRun(file, args);
    await writeFile(mosquittoConfigFile(name), mosquittoConfig(name));
    await askSupervisor(name, { op: "add", specs: [mosquittoProgram(name, fabric)] });
  }
  progress.step(`controller on ${program.node}`);
  await askSupervisor(name, { op: "add", specs: [program] });
  for (let attempt = 0; !(await exists(controllerSocket(name))); attempt++) {
    if (attempt === 1200)
      throw new LabError("lab/supervisor", `the controller opened no socket in 120 s; see ${program.log}`);
    await sleep(100);
  }
  progress.step(`vsixctl apply ${lab.file}`);
  await ctl(lab, ["apply", lab.file]);
}

/** Each router gets its key and certificate at a bench beside the controller, by a claim token in a file. */
async function enrolRouters({ name, fabric }: Lab, progress: Progress): Promise<void> {
  const nodes = fabric.nodes.filter((node) => node.software === "vsix").map((node) => node.name);
  progress.step(`vsix-agent enrol on ${nodes.length} nodes`);
  const script = join(import.meta.dirname, "enrol-nodes.ts");
  const where = namespaceName(name, controllerNode(fabric).name);
  const [file = NODE, ...args] = inNamespace(where, [NODE, script, name, ...nodes]);
  await mustRun(file, args);
}

/** Each router gets its first manifest from the controller as a file, as cloud-init would bring it. */
async function startRouters(lab: Lab, progress: Progress): Promise<void> {
  const { name, fabric } = lab;
  const nodes = fabric.nodes.filter((node) => node.software === "vsix");
  progress.step(`gobgpd and agent on ${nodes.length} nodes`);
  let started = 0;
  for (const node of nodes) {
    const bundle = await askApi<Bundle>(name, `/v1/nodes/${node.name}/bundle`, ANSWER_MS);
    await writeFile(bundleFile(name, node.name), `${JSON.stringify(bundle)}\n`, { mode: 0o600 });
    const config = JSON.stringify(agentConfig(name, node.name), undefined, 2);
    await writeFile(agentConfigFile(name, node.name), config);
    await askSupervisor(name, { op: "add", specs: nodePrograms(name, node) });
    started++;
    progress.update(`${started} of ${nodes.length} started`);
  }
}

const ANSWER_MS = 20_000;

let pages: Promise<unknown> | undefined;

/** Once for all labs of this process: builds side by side would get in each other's way. */
function buildPages(): Promise<unknown> {
  pages ??= buildWeb();
  return pages;
}

let warm: Promise<unknown> | undefined;

/** Compiles what programs of ours need, once: all of them are started many times over, and killed rather than ended. */
export function warmUp(): Promise<unknown> {
  warm ??= Promise.all(
    [agentWarmUp(), controllerWarmUp()].map(([command = "", ...args]) => run(command, args)),
  );
  return warm;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
