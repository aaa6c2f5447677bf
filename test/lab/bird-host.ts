import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { namespaceName } from "./names.ts";
import { ipBatch, mustRun } from "./run.ts";

const SYSCTLS = [
  "net.ipv6.conf.all.forwarding=1",
  "net.ipv6.conf.all.accept_dad=0",
  "net.ipv6.conf.default.accept_dad=0",
  "net.ipv6.conf.all.keep_addr_on_down=1",
];

/** Addresses and forwarding of a node that runs somebody else's software, as its own operator would set them. */
export async function setUpHost(lab: string, fabric: Fabric, node: FabricNode): Promise<void> {
  const namespace = namespaceName(lab, node.name);
  await mustRun("ip", ["netns", "exec", namespace, "sysctl", "-qw", ...SYSCTLS]);
  await ipBatch(namespace, hostCommands(fabric, node));
}

/** Pure: the `ip -batch` lines of such a node. */
export function hostCommands(fabric: Fabric, node: FabricNode): readonly string[] {
  return [
    "link set lo up",
    ...hostAddresses(node).map((address) => `address add ${address}/128 dev lo nodad`),
    ...fabric.links.flatMap((link) =>
      link.ends
        .filter((end) => end.node === node.name)
        .flatMap((end) => [
          `link set ${end.interface} mtu ${link.mtu} up`,
          `address add ${end.address}/127 dev ${end.interface} nodad`,
        ]),
    ),
  ];
}

/** The live host of each prefix: its ::1. */
export function hostAddresses(node: FabricNode): readonly string[] {
  return [...new Set([node.loopback, ...node.prefixes.map(firstAddress)])];
}

function firstAddress(prefix: string): string {
  const [network] = prefix.split("/");
  if (network?.endsWith("::") !== true) throw new RangeError(`prefix ${prefix} does not end in ::/length`);
  return `${network}1`;
}
