import { readFile } from "node:fs/promises";
import { formatFault } from "@vsix/shared/fabric/fault.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { LabError } from "./lab-error.ts";

/** Reads a fabric file. Throws LabError `lab/fabric` with every fault on a line of its own. */
export async function readFabricFile(file: string): Promise<Fabric> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new LabError("lab/fabric", `cannot read ${file}`, { cause });
  });
  const result = parseFabric(text, file);
  if (result.ok) return result.fabric;
  throw new LabError("lab/fabric", result.faults.map(formatFault).join("\n"));
}
