import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { REPOSITORY } from "../lab/names.ts";

const QUICK = join(REPOSITORY, "examples/quick.yaml");

interface FabricFile {
  nodes: Record<string, Record<string, unknown>>;
  policies: Record<string, unknown>;
}

/** The quick example with room for `routes` of the upstream, all of which the Edge hears; or the example itself. */
export async function writeFabric(directory: string, edge: string, routes: number): Promise<string> {
  if (routes === 1) return QUICK;
  const file = parse(await readFile(QUICK, "utf8")) as FabricFile;
  file.nodes[edge] = { ...file.nodes[edge], table: "full" };
  file.policies = { ...file.policies, maxPrefixes: { upstream: 2 * routes, plane: 2 * routes } };
  const path = join(directory, "steer.yaml");
  await writeFile(path, stringify(file));
  return path;
}
