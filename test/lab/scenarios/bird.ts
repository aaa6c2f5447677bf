import { readFile, writeFile } from "node:fs/promises";
import { type Lab, nodeOf } from "../lab.ts";
import { LabError } from "../lab-error.ts";
import { birdConfigFile, birdSocket } from "../programs.ts";
import { run } from "../run.ts";

/** What somebody else's operator does at the console of his BIRD 2 (doc/bird.sgml, "Remote control"). */
async function birdc(lab: Lab, node: string, ...command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run("birdc", ["-s", birdSocket(lab.name, node), ...command]);
  if (code !== 0)
    throw new LabError("lab/command-failed", `birdc ${command.join(" ")} on ${node}: ${stderr}`);
  return stdout;
}

/** Rewrites a BIRD's configuration and puts it into force. The result undoes it. */
export async function reconfigureBird(
  lab: Lab,
  node: string,
  edit: (text: string) => string,
): Promise<() => Promise<void>> {
  const file = birdConfigFile(lab.name, node);
  const before = await readFile(file, "utf8");
  const put = async (text: string): Promise<void> => {
    await writeFile(file, text);
    const said = await birdc(lab, node, "configure");
    if (!/^Reconfigur/m.test(said))
      throw new LabError("lab/command-failed", `bird on ${node}: ${said.trim()}`);
  };
  await put(edit(before));
  return () => put(before);
}

/**
 * Lies for a BIRD to tell: these prefixes go to the named neighbours, and to nobody else, as if they were its own, and
 * into no kernel. `set` holds statements of BIRD's filter language that are carried out on what is announced.
 */
export function announcing(
  prefixes: readonly string[],
  neighbours: readonly string[],
  set = "",
): (text: string) => string {
  const told = new Set(neighbours.map(protocolOf));
  const routes = prefixes.map((prefix) => `  route ${prefix} unreachable;`).join("\n");
  const exporting = (protocol: string): string => {
    const lies = told.has(/^protocol bgp (\w+)/.exec(protocol)?.[1] ?? "") ? `${set} accept;` : "reject;";
    const filter = `export filter { if proto = "lies" then { ${lies} } if $1 then accept; reject; };`;
    return protocol
      .replace(/export where (.*);/, filter)
      .replace("if source ~", 'if proto != "lies" && source ~');
  };
  return (text) => {
    const protocols = text.split(/^(?=protocol )/m).map(exporting);
    return `${protocols.join("")}\nprotocol static lies {\n  ipv6;\n${routes}\n}\n`;
  };
}

/** What bird-config.ts calls the session with a neighbour. */
function protocolOf(neighbour: string): string {
  return `n_to_${neighbour.replaceAll("-", "_")}`;
}

export interface BirdRoute {
  readonly prefix: string;
  readonly asPath: readonly number[];
  /** `(4690, 80, 1)`, as BIRD writes them. */
  readonly largeCommunities: string;
}

/** What a BIRD has accepted from one neighbour, best or not. */
export async function birdRoutesFrom(
  lab: Lab,
  node: string,
  neighbour: string,
): Promise<readonly BirdRoute[]> {
  nodeOf(lab, neighbour);
  const protocol = protocolOf(neighbour);
  const text = await birdc(lab, node, "show", "route", "protocol", protocol, "all");
  return text
    .split(/^(?=[0-9a-f:]+\/\d+ )/m)
    .slice(1)
    .map((entry) => ({
      prefix: entry.slice(0, entry.indexOf(" ")),
      asPath: (/BGP\.as_path: ([\d ]*)/.exec(entry)?.[1] ?? "").split(" ").filter(Boolean).map(Number),
      largeCommunities: /BGP\.large_community: (.*)/.exec(entry)?.[1] ?? "",
    }));
}
