import type { Fault } from "./fault.ts";
import { checkSchema } from "./loose.ts";
import type { Fabric } from "./model.ts";
import { resolveFabric } from "./resolve.ts";
import { FabricFile } from "./schema.ts";
import { validateFabric } from "./validate.ts";
import { readYaml } from "./yaml.ts";

export type FabricResult =
  | { readonly ok: true; readonly fabric: Fabric }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * Reads a fabric file: every fault at once, in the order of the file, or the fabric it means. `file` is the name that
 * faults carry. Never throws on any text; at most 1 MiB is read.
 */
export function parseFabric(text: string, file: string): FabricResult {
  const read = readYaml(text, file);
  if (!read.ok) return read;
  const version = (read.yaml.value as { readonly version?: unknown } | null)?.version;
  if (typeof version === "number" && version !== 1) {
    const message = `format version ${version} is not known; this program reads version 1`;
    return { ok: false, faults: [read.yaml.locate({ path: ["version"], message })] };
  }
  const { findings, loose } = checkSchema(FabricFile, read.yaml.value);
  const all = loose === undefined ? findings : [...findings, ...validateFabric(loose)];
  if (all.length > 0) {
    const faults = all.map((finding) => read.yaml.locate(finding));
    return { ok: false, faults: faults.sort((a, b) => a.line - b.line || a.column - b.column) };
  }
  return { ok: true, fabric: resolveFabric(read.yaml.value as FabricFile) };
}
