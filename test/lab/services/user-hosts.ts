import type { Lab } from "../lab.ts";
import { namespaceName } from "../names.ts";
import { addNamespaces } from "../namespaces.ts";
import { inNamespace, ipBatch, mustRun } from "../run.ts";
import { V4_NODE } from "./outside.ts";

/** Where users are: namespaces of their own behind somebody else's router, with what their providers give them and nothing of ours. */

/** A host's address on the link to its router. */
export const addressOn = (network: string): string => `${network}2`;

/** A host with IPv6 behind a router, in a /64 of its own (`3fff:250:b1::`); its address. */
export async function createHost(lab: Lab, router: string, host: string, network: string): Promise<string> {
  const at = (node: string): string => namespaceName(lab.name, node);
  await addNamespaces([at(host)]);
  await ipBatch(undefined, [
    `link add wan netns ${at(host)} type veth peer name ${host} netns ${at(router)}`,
  ]);
  await ipBatch(at(router), [`address add ${network}1/64 dev ${host} nodad`, `link set ${host} up`]);
  await ipBatch(at(host), [
    "link set lo up",
    `address add ${addressOn(network)}/64 dev wan nodad`,
    "link set wan up",
    `route add default via ${network}1`,
  ]);
  return addressOn(network);
}

/** Of the IPv4 Internet, on the link to the host; the next address is the host's. */
const NEAR4 = "198.51.100.200";
const FAR4 = "198.51.100.201";

/** A host with IPv4 only, in the IPv4 Internet of the lab (outside.ts); its address. */
export async function createHost4(lab: Lab, host: string): Promise<string> {
  const at = (node: string): string => namespaceName(lab.name, node);
  await addNamespaces([at(host)]);
  await ipBatch(undefined, [
    `link add wan netns ${at(host)} type veth peer name ${host} netns ${at(V4_NODE)}`,
  ]);
  const [file = "ip", ...args] = inNamespace(at(V4_NODE), ["sysctl", "-qw", "net.ipv4.ip_forward=1"]);
  await mustRun(file, args);
  await ipBatch(at(V4_NODE), [`address add ${NEAR4}/31 dev ${host}`, `link set ${host} up`]);
  await ipBatch(at(host), [
    "link set lo up",
    `address add ${FAR4}/31 dev wan`,
    "link set wan up",
    `route add default via ${NEAR4}`,
  ]);
  return FAR4;
}
