import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fabric, FabricLink, FabricNode } from "@vsix/shared/fabric/model.ts";
import { LabError } from "./lab-error.ts";
import { checkLabName, namespaceName, STATE_ROOT, stateDirectory } from "./names.ts";
import { labNamespaces, labsWithNamespaces, removeNamespaces } from "./namespaces.ts";
import { type Cable, cablesOf, type Wiring } from "./panel.ts";
import { endSupervisor } from "./supervisor-client.ts";

/** A lab that is up: a name, the fabric it was made from and the cables between its nodes. */
export interface Lab {
  readonly name: string;
  /** Absolute path of the fabric file. */
  readonly file: string;
  readonly fabric: Fabric;
  readonly cables: readonly Cable[];
  readonly wiring: Wiring;
  readonly stateDir: string;
}

type Saved = Pick<Lab, "file" | "fabric" | "wiring">;

const savedFile = (name: string): string => join(stateDirectory(name), "lab.json");

/** Finds a lab that is up. Throws LabError `lab/none`. */
export async function attachLab(name: string): Promise<Lab> {
  const text = await readFile(savedFile(checkLabName(name)), "utf8").catch(() => undefined);
  if (text === undefined)
    throw new LabError("lab/none", `no lab ${name} is up; \`scripts/lab up\` makes one`);
  const { file, fabric, wiring } = JSON.parse(text) as Saved;
  const cables = cablesOf(fabric, wiring.delay === "userspace");
  return { name, file, fabric, cables, wiring, stateDir: stateDirectory(name) };
}

/** Names of all labs that left anything on this machine. */
export async function labNames(): Promise<readonly string[]> {
  const stated = await readdir(STATE_ROOT).catch(() => []);
  return [...new Set([...stated, ...(await labsWithNamespaces())])].sort();
}

/** The lab meant when none is named: the only one. */
export async function onlyLab(): Promise<string> {
  const [first, ...others] = await labNames();
  if (first === undefined) throw new LabError("lab/none", "no lab is up; `scripts/lab up` makes one");
  if (others.length > 0)
    throw new LabError("lab/usage", `several labs are up (${[first, ...others].join(", ")}): say --name`);
  return first;
}

/** Claims the state directory of a new lab. Throws LabError `lab/exists`. */
export async function claimLab(name: string): Promise<string> {
  const directory = stateDirectory(checkLabName(name));
  await mkdir(STATE_ROOT, { recursive: true, mode: 0o755 });
  try {
    await mkdir(directory, { mode: 0o755 });
  } catch (cause) {
    throw new LabError("lab/exists", `lab ${name} exists: \`scripts/lab down --name ${name}\` first`, {
      cause,
    });
  }
  const left = await labNamespaces(name);
  // State is gone but namespaces are not: a machine's /run was cleared by hand. They are ours.
  if (left.length > 0) await removeNamespaces(left);
  return directory;
}

export async function saveLab(lab: Lab): Promise<void> {
  const saved: Saved = { file: lab.file, fabric: lab.fabric, wiring: lab.wiring };
  const fresh = `${savedFile(lab.name)}.new`;
  await writeFile(fresh, JSON.stringify(saved, undefined, 1));
  await rename(fresh, savedFile(lab.name));
}

/**
 * Takes a lab away, whatever state it is in: its supervisor, every process in its namespaces, the namespaces, its
 * state. Idempotent; true when there was something.
 */
export async function removeLab(name: string): Promise<boolean> {
  checkLabName(name);
  await endSupervisor(name);
  const namespaces = await labNamespaces(name);
  await removeNamespaces(namespaces);
  const stated = (await readdir(STATE_ROOT).catch((): string[] => [])).includes(name);
  await rm(stateDirectory(name), { recursive: true, force: true });
  return stated || namespaces.length > 0;
}

/** Throws LabError `lab/unknown-node`, naming those there are. */
export function nodeOf(lab: Lab, name: string): FabricNode {
  const node = lab.fabric.nodes.find((n) => n.name === name);
  if (node !== undefined) return node;
  const names = lab.fabric.nodes.map((n) => n.name).join(", ");
  throw new LabError("lab/unknown-node", `no node ${name} in lab ${lab.name}; there are ${names}`);
}

export function namespaceOf(lab: Lab, node: string): string {
  return namespaceName(lab.name, nodeOf(lab, node).name);
}

/** Throws LabError `lab/unknown-interface`, naming those there are. */
export function cableOf(lab: Lab, node: string, interfaceName: string): Cable {
  nodeOf(lab, node);
  const holds = (link: FabricLink): boolean =>
    link.ends.some((end) => end.node === node && end.interface === interfaceName);
  const cable = lab.cables.find((c) => holds(c.link));
  if (cable !== undefined) return cable;
  const ends = lab.fabric.links.flatMap((link) => link.ends).filter((end) => end.node === node);
  const names = ends.map((end) => end.interface).join(", ");
  throw new LabError("lab/unknown-interface", `no interface ${interfaceName} on ${node}; there are ${names}`);
}
