import { spawn } from "node:child_process";
import { join } from "node:path";
import { listScenarios, runNamedScenario } from "./cli-scenarios.ts";
import { ctlCommand } from "./ctl.ts";
import { delayCable, healDelay } from "./delay-fault.ts";
import {
  healCable,
  killProgram,
  type LinkRef,
  pullCable,
  silenceCable,
  startProgram,
  stopProgram,
} from "./faults.ts";
import { attachLab, type Lab, labNames, namespaceOf, nodeOf, onlyLab, removeLab } from "./lab.ts";
import { LabError } from "./lab-error.ts";
import { NODE, REPOSITORY } from "./names.ts";
import { BROKERS, type BrokerKind, logFile, PROGRAMS, type ProgramName } from "./programs.ts";
import { streamProgress } from "./progress.ts";
import { inNamespace } from "./run.ts";
import { statusOf, statusText } from "./status.ts";
import { upLab } from "./up.ts";

export const USAGE = `Usage: scripts/lab COMMAND [--name LAB] [--json]

  up [FILE]                  bring up a fabric file (examples/vsix.yaml) and wait until it has converged
                             --broker mosquitto: controller and agents meet there, not inside the controller
                             --cables-only: namespaces, cables and BIRD, none of our programs
  down [--all]               take a lab away; all labs
  status                     nodes, their namespaces and programs
  exec NODE CMD...           run a command inside a node
  ctl ARGS...                vsixctl, speaking to the lab's controller (ctl status, ctl edge steer ...)
  logs NODE PROGRAM          follow a program's log
  kill NODE PROGRAM          as a crash: it comes back after a second
  stop | start NODE PROGRAM  PROGRAM is one of ${PROGRAMS.join(", ")}
  link NODE INTERFACE down   pull the cable: no carrier at either end
  link NODE INTERFACE silent drop everything while the link stays up
  link NODE INTERFACE slow MS
                             what the node sends by it takes so much longer
  link NODE INTERFACE heal   end all of these (also: up)
  scenarios                  list what can be proved
  scenario NAME [--fabric FILE] [--keep]
                             run one on a fresh lab and print its figures

LAB is needed only while several labs are up. Exit status: 0 done, 1 failed, 2 wrong usage.`;

export interface Invocation {
  readonly positionals: readonly string[];
  readonly options: {
    readonly name?: string;
    readonly fabric?: string;
    readonly broker?: string;
    readonly json: boolean;
    readonly all: boolean;
    readonly keep: boolean;
    readonly "cables-only": boolean;
  };
}

export type Command = (invocation: Invocation) => Promise<number>;

export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["up", up],
  ["down", down],
  ["status", status],
  ["exec", exec],
  ["ctl", control],
  ["logs", logs],
  ["kill", (invocation) => program(invocation, killProgram)],
  ["stop", (invocation) => program(invocation, stopProgram)],
  ["start", (invocation) => program(invocation, startProgram)],
  ["link", link],
  ["scenarios", async ({ options }) => listScenarios(options.json)],
  ["scenario", scenario],
]);

async function up({ positionals, options }: Invocation): Promise<number> {
  const [file = join(REPOSITORY, "examples/vsix.yaml"), ...more] = positionals;
  atMost(more, 0);
  const broker = brokerOf(options.broker);
  const lab = await upLab(file, {
    ...(broker === undefined ? {} : { broker }),
    progress: streamProgress(process.stderr),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options["cables-only"] ? { until: "cables" } : {}),
  });
  if (options.json) console.log(JSON.stringify(await statusOf(lab.name)));
  else console.log(`lab ${lab.name} is up; \`scripts/lab down --name ${lab.name}\` takes it away`);
  return 0;
}

function brokerOf(text: string | undefined): BrokerKind | undefined {
  const broker = BROKERS.find((known) => known === text);
  if (text !== undefined && broker === undefined)
    throw new LabError("lab/usage", `no broker ${text}; there are ${BROKERS.join(", ")}`);
  return broker;
}

async function down({ positionals, options }: Invocation): Promise<number> {
  atMost(positionals, 0);
  const known = await labNames();
  const names = options.name !== undefined ? [options.name] : options.all ? known : await onlyOrNone(known);
  const removed: string[] = [];
  for (const name of names) if (await removeLab(name)) removed.push(name);
  if (options.json) console.log(JSON.stringify({ ok: true, removed }));
  else console.log(removed.length === 0 ? "no lab was up" : `gone: ${removed.join(", ")}`);
  return 0;
}

async function onlyOrNone(known: readonly string[]): Promise<readonly string[]> {
  return known.length === 0 ? [] : [await onlyLab()];
}

async function status({ positionals, options }: Invocation): Promise<number> {
  atMost(positionals, 0);
  const names = options.name === undefined ? await labNames() : [options.name];
  const all = await Promise.all(names.map(statusOf));
  if (options.json) console.log(JSON.stringify({ ok: true, labs: all }));
  else console.log(all.length === 0 ? "no lab is up" : all.map(statusText).join("\n\n"));
  return 0;
}

async function exec({ positionals, options }: Invocation): Promise<number> {
  const [node, ...command] = positionals;
  if (node === undefined || command.length === 0)
    throw new LabError("lab/usage", "exec wants a node and a command");
  const [file = "ip", ...args] = inNamespace(namespaceOf(await theLab(options), node), command);
  return attached(file, args);
}

/** vsixctl on the lab's controller. */
async function control({ positionals, options }: Invocation): Promise<number> {
  const [file = NODE, ...args] = ctlCommand(await theLab(options), positionals);
  return attached(file, args);
}

async function logs({ positionals, options }: Invocation): Promise<number> {
  const { lab, node, name } = await programOf({ positionals, options });
  return attached("tail", ["-n", "100", ...(options.json ? [] : ["-F"]), logFile(lab.name, node, name)]);
}

async function program(
  invocation: Invocation,
  act: (lab: Lab, node: string, program: ProgramName) => Promise<void>,
): Promise<number> {
  const { lab, node, name } = await programOf(invocation);
  await act(lab, node, name);
  if (invocation.options.json) console.log(JSON.stringify({ ok: true, node, program: name }));
  return 0;
}

async function programOf({ positionals, options }: Invocation) {
  const [node, wanted, ...more] = positionals;
  const name = PROGRAMS.find((known) => known === wanted);
  if (node === undefined || name === undefined)
    throw new LabError("lab/usage", `this wants a node and one of ${PROGRAMS.join(", ")}`);
  atMost(more, 0);
  const lab = await theLab(options);
  if (name !== "cable") nodeOf(lab, node);
  return { lab, node, name };
}

async function link({ positionals, options }: Invocation): Promise<number> {
  const [node, interfaceName, state, ...more] = positionals;
  const heal = async (lab: Lab, ref: LinkRef): Promise<void> => {
    await healDelay(lab, ref);
    await healCable(lab, ref);
  };
  const acts = new Map<string, (lab: Lab, ref: LinkRef) => Promise<void>>([
    ["down", pullCable],
    ["silent", silenceCable],
    ["slow", (lab, ref) => delayCable(lab, ref, { delayMs: milliseconds(more[0]) })],
    ["heal", heal],
    ["up", heal],
  ]);
  const act = acts.get(state ?? "");
  if (node === undefined || interfaceName === undefined || act === undefined)
    throw new LabError(
      "lab/usage",
      "link wants a node, an interface and one of up, down, silent, slow, heal",
    );
  atMost(more, state === "slow" ? 1 : 0);
  await act(await theLab(options), { node, interface: interfaceName });
  if (options.json) console.log(JSON.stringify({ ok: true, node, interface: interfaceName, state }));
  return 0;
}

function milliseconds(text: string | undefined): number {
  const value = Number(text ?? Number.NaN);
  if (value >= 0 && value <= 10_000) return value;
  throw new LabError("lab/usage", `slow wants milliseconds, 0 to 10000, not ${text ?? "nothing"}`);
}

async function scenario({ positionals, options }: Invocation): Promise<number> {
  const [name, ...more] = positionals;
  if (name === undefined) throw new LabError("lab/usage", "scenario wants a name; `scenarios` lists them");
  atMost(more, 0);
  return runNamedScenario(name, options);
}

async function theLab(options: Invocation["options"]): Promise<Lab> {
  return attachLab(options.name ?? (await onlyLab()));
}

function atMost(rest: readonly string[], count: number): void {
  if (rest.length > count) throw new LabError("lab/usage", `too many arguments: ${rest.join(" ")}`);
}

/** Runs a program with our own terminal; its exit status. */
async function attached(file: string, args: readonly string[]): Promise<number> {
  const child = spawn(file, args, { stdio: "inherit" });
  // Ctrl-C is for the program inside; we end when it ends.
  const ignore = (): void => {};
  process.on("SIGINT", ignore);
  const code = await new Promise<number>((resolve) => {
    child.once("error", () => resolve(1));
    child.once("close", (status) => resolve(status ?? 1));
  });
  process.off("SIGINT", ignore);
  return code;
}
