import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse, stringify } from "yaml";
import type { Lab } from "../lab/lab.ts";
import { REPOSITORY } from "../lab/names.ts";
import { birdConfigFile, birdSocket } from "../lab/programs.ts";
import { mustRun } from "../lab/run.ts";
import type { WatchedNode } from "./watched-node.ts";

const QUICK = join(REPOSITORY, "examples/quick.yaml");
/** More-specifics of 3fff::/20, the documentation prefix (RFC 9637), beside those that the example uses. */
export const OUTSIDE = "3fff:8";

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

/** Lets an upstream's BIRD announce `count` prefixes /48 more, and waits until the Edge's kernel has them. */
export async function announce(
  lab: Lab,
  upstream: string,
  count: number,
  edge: WatchedNode,
  signal: AbortSignal,
): Promise<void> {
  const prefix = (i: number): string =>
    `${OUTSIDE}${(i >> 16).toString(16).padStart(2, "0")}:${(i & 0xffff).toString(16)}`;
  const routes = Array.from({ length: count }, (_, i) => `  route ${prefix(i)}::/48 unreachable;`);
  await appendFile(
    birdConfigFile(lab.name, upstream),
    `protocol static bench {\n  ipv6;\n${routes.join("\n")}\n}\n`,
  );
  await mustRun("birdc", ["-s", birdSocket(lab.name, upstream), "configure"]);
  for (let attempt = 0; attempt < 240; attempt++) {
    if ((await edge.routes([OUTSIDE], "")).all >= count) return;
    await sleep(500, undefined, { signal });
  }
  throw new Error(`the Edge did not get ${count} routes within two minutes`);
}
