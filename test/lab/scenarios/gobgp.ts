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

/** By neighbour that runs our agent: since when its own gobgpd has its session with a router, seconds since 1970; null: it has none. */
export async function sessionsWith(
  { name, fabric }: Lab,
  router: string,
): Promise<Readonly<Record<string, number | null>>> {
  const ours = new Set(fabric.nodes.filter(({ software }) => software === "vsix").map((node) => node.name));
  const neighbours = fabric.links
    .map(({ ends }) => ends.map(({ node }) => node))
    .filter((ends) => ends.includes(router))
    .flatMap((ends) => ends.filter((node) => node !== router && ours.has(node)));
  const since = await Promise.all(
    neighbours.map(async (node): Promise<[string, number | null]> => {
      const peers = await connectGobgp({ socketPath: gobgpSocket(name, node) }).listPeers();
      const peer = peers.find(({ config }) => config.description === router);
      return [node, peer?.session === "established" ? peer.upSince : null];
    }),
  );
  return Object.fromEntries(since);
}
