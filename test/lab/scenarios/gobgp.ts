import { connectGobgp, type ListPathsOptions } from "gobgp-ts";
import type { Path } from "gobgp-ts/types.ts";
import type { Lab } from "../lab.ts";
import { gobgpSocket } from "../programs.ts";

/** IPv6 paths in a table of a router's gobgpd, asked over its own interface. */
export async function pathsAt(
  lab: Lab,
  node: string,
  options: Omit<ListPathsOptions, "family"> = { table: "global" },
): Promise<readonly Path[]> {
  const client = connectGobgp({ socketPath: gobgpSocket(lab.name, node) });
  const paths: Path[] = [];
  for await (const path of client.listPaths({ ...options, family: "ipv6-unicast" })) paths.push(path);
  return paths;
}

/** Every AS number in a path, confederation members too. */
export function asNumbers(path: Path): readonly number[] {
  return path.asPath.flatMap(({ asns }) => asns);
}
