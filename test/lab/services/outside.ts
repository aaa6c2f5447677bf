import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { LabError } from "../lab-error.ts";
import { NODE, namespaceName, stateDirectory } from "../names.ts";
import { addNamespaces } from "../namespaces.ts";
import { type ProgramSpec, programSpec } from "../programs.ts";
import { ipBatch, mustRun } from "../run.ts";
import { askSupervisor } from "../supervisor-client.ts";
import { AUTHORITY_HOST, GLOBAL4, nsdConfig, WEB4, zoneFileName, zoneFiles } from "./zones.ts";

/**
 * What stands around the services of a fabric, and is nobody's router: the IPv4 Internet, a client behind an Edge, and an authoritative
 * server with a root of its own (zones.ts). `scripts/lab up` makes it for every fabric that has `services`.
 */

/** A namespace with IPv4 only: a web server, and whoever comes from the IPv4 Internet. */
export const V4_NODE = "v4net";
/** A host behind the first Edge that is neither a service nor the controller's; IPv6 only. */
export const CLIENT_NODE = "client";
export const WEB_PORT = 80;

/** Whether a fabric has anything to stand around. Users of access points are made by whoever wants them (users.ts). */
export function hasServices({ services }: Fabric): boolean {
  return [services?.resolver, services?.nat64, services?.siitDc].some((one) => one !== undefined);
}

/** The Edge that the client is behind. */
export function clientEdge(fabric: Fabric): FabricNode {
  const edge = fabric.nodes.find(
    (node) => node.role === "edge" && node.service === undefined && !node.controller,
  );
  if (edge === undefined) throw new LabError("lab/fabric", "no Edge for a client to be behind");
  return edge;
}

/** Of the client, and of its Edge on the client's network. */
export function clientAddresses(fabric: Fabric): { readonly client: string; readonly router: string } {
  const [prefix = ""] = clientEdge(fabric).prefixes;
  const network = prefix.replace(/::\/\d+$/, ":100::");
  return { client: `${network}10`, router: `${network}1` };
}

/** Where the authoritative server answers. */
export function authorityAddress(fabric: Fabric): string {
  const [prefix = ""] = upstream(fabric).prefixes;
  return prefix.replace(/::\/\d+$/, `::${AUTHORITY_HOST}`);
}

function upstream(fabric: Fabric): FabricNode {
  const node = fabric.nodes.find(({ role }) => role === "upstream");
  if (node === undefined)
    throw new LabError("lab/fabric", "no upstream for an authoritative server to be at");
  return node;
}

/** Namespaces, cables and addresses. Before any program runs. */
export async function createOutside(lab: string, fabric: Fabric): Promise<void> {
  await addNamespaces([namespaceName(lab, V4_NODE), namespaceName(lab, CLIENT_NODE)]);
  await createV4(lab, fabric);
  await createClient(lab, fabric);
  const authority = namespaceName(lab, upstream(fabric).name);
  const address = authorityAddress(fabric);
  await ipBatch(authority, [
    `address add ${address}/128 dev lo nodad`,
    `address add ${address.replace(/53$/, "80")}/128 dev lo nodad`,
  ]);
}

async function createV4(lab: string, fabric: Fabric): Promise<void> {
  const outside = namespaceName(lab, V4_NODE);
  await ipBatch(outside, [
    "link set lo up",
    `address add ${WEB4}/32 dev lo`,
    `address add ${GLOBAL4}/32 dev lo`,
  ]);
  await mustRun("ip", ["netns", "exec", outside, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1"]);
  const translators = fabric.nodes.filter(({ service }) => service === "nat64" || service === "siit-dc");
  for (const [i, node] of translators.entries()) {
    const inside = namespaceName(lab, node.name);
    const [far, near] = [`172.31.${i}.1`, `172.31.${i}.2`];
    await ipBatch(undefined, [`link add v4-${i} netns ${outside} type veth peer name v4-up netns ${inside}`]);
    await ipBatch(outside, [`address add ${far}/30 dev v4-${i}`, `link set v4-${i} up`]);
    await ipBatch(inside, [
      `address add ${near}/30 dev v4-up`,
      "link set v4-up up",
      `route add default via ${far} src ${near}`,
    ]);
    for (const pool of node.pool ?? []) await addPoolRoute(outside, pool, near);
  }
}

/** Nodes of one pool stand in for each other: the first is enough here. */
async function addPoolRoute(outside: string, pool: string, via: string): Promise<void> {
  await ipBatch(outside, [`route append ${pool} via ${via} src ${WEB4}`]);
}

async function createClient(lab: string, fabric: Fabric): Promise<void> {
  const { client, router } = clientAddresses(fabric);
  const inside = namespaceName(lab, CLIENT_NODE);
  const edge = namespaceName(lab, clientEdge(fabric).name);
  await ipBatch(undefined, [`link add eth0 netns ${inside} type veth peer name lan netns ${edge}`]);
  // A LAN of the fabric is the agent's: the client has what it is told.
  if (clientEdge(fabric).lans?.some((lan) => lan.interface === "lan") === true) {
    await ipBatch(edge, ["link set lan up"]);
    await ipBatch(inside, ["link set lo up", "link set eth0 up"]);
    return;
  }
  await ipBatch(edge, [`address add ${router}/64 dev lan nodad`, "link set lan up"]);
  await ipBatch(inside, [
    "link set lo up",
    `address add ${client}/64 dev eth0 nodad`,
    "link set eth0 up",
    `route add default via ${router}`,
  ]);
}

/** A web server like that of the IPv4 Internet, on a node. */
export async function startWeb(lab: string, node: string, address: string, port: number): Promise<void> {
  const command = [NODE, join(import.meta.dirname, "web-host.ts"), address, String(port)];
  await askSupervisor(lab, { op: "add", specs: [programSpec(lab, node, "web", command)] });
}

/** The programs outside, for the supervisor. Writes what they read. */
export async function outsidePrograms(lab: string, fabric: Fabric): Promise<readonly ProgramSpec[]> {
  const directory = join(stateDirectory(lab), "nsd");
  const authority = authorityAddress(fabric);
  await mkdir(directory, { recursive: true });
  await mkdir(join(stateDirectory(lab), V4_NODE), { recursive: true });
  await writeFile(join(directory, "nsd.conf"), nsdConfig(directory, authority));
  for (const [zone, text] of zoneFiles(authority)) await writeFile(join(directory, zoneFileName(zone)), text);
  const web = join(import.meta.dirname, "web-host.ts");
  return [
    programSpec(lab, upstream(fabric).name, "nsd", ["nsd", "-d", "-c", join(directory, "nsd.conf")]),
    programSpec(lab, V4_NODE, "web", [NODE, web, "0.0.0.0", String(WEB_PORT)]),
  ];
}
