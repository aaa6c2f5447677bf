import { join, resolve } from "node:path";
import { LabError } from "./lab-error.ts";

/** Where every lab keeps its state, one directory each. */
export const STATE_ROOT = "/run/vsix-lab";

/** The checkout this file is part of. */
export const REPOSITORY = resolve(import.meta.dirname, "../..");

/** Node 24 of this checkout, whatever the machine's own `node` is. */
export const NODE = process.execPath;

/** Lab names have no dash, so that the namespaces of lab `a` never look like those of a lab `a-b`. */
export function checkLabName(name: string): string {
  if (!/^[a-z0-9]{1,24}$/.test(name))
    throw new LabError("lab/name", `lab name ${JSON.stringify(name)}: 1 to 24 of a-z and 0-9, please`);
  return name;
}

/** The lab name a fabric gets when none is asked for. */
export function defaultLabName(fabricName: string): string {
  return checkLabName(
    fabricName
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, "")
      .slice(0, 24) || "lab",
  );
}

export function stateDirectory(lab: string): string {
  return join(STATE_ROOT, lab);
}

export function namespaceName(lab: string, node: string): string {
  return `vx-${lab}-${node}`;
}

/** The namespace that holds the middle of every cable. No node name has an underscore. */
export function panelNamespace(lab: string): string {
  return `vx-${lab}_panel`;
}

/** True for every namespace that belongs to the lab. */
export function isNamespaceOf(lab: string, namespace: string): boolean {
  return namespace === panelNamespace(lab) || namespace.startsWith(`vx-${lab}-`);
}
