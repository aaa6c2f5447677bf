import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { setUpHost } from "./bird-host.ts";
import { namespaceName, panelNamespace } from "./names.ts";
import { addNamespaces } from "./namespaces.ts";
import {
  type Cable,
  cableCommands,
  cablesOf,
  delayArguments,
  netemCommands,
  panelRuleset,
  type Wiring,
} from "./panel.ts";
import { ipBatch, mustRun, run } from "./run.ts";
import { tool } from "./tools.ts";

export interface Topology {
  readonly cables: readonly Cable[];
  readonly wiring: Wiring;
  /** The program that makes delays, to be kept running in the panel's namespace; undefined where netem does it. */
  readonly delayProgram: readonly string[] | undefined;
}

/**
 * Makes the namespaces and cables of a fabric. A node of ours gets a namespace, `lo` up and its interfaces, down: the
 * rest is its agent's work. A BIRD node is somebody else's machine: it gets its addresses and forwarding here.
 * `wanted`: what this kernel does best unless told.
 */
export async function createTopology(lab: string, fabric: Fabric, wanted?: Wiring): Promise<Topology> {
  const panel = panelNamespace(lab);
  await addNamespaces([panel, ...fabric.nodes.map((node) => namespaceName(lab, node.name))]);
  await mustRun("ip", ["netns", "exec", panel, "sysctl", "-qw", ...PANEL_SYSCTLS]);
  await ipBatch(panel, ["link set lo up"]);
  const wiring = wanted ?? (await bestWiring(panel));
  const { delay, join } = wiring;
  const cables = cablesOf(fabric, delay === "userspace");
  await ipBatch(panel, cableCommands(lab, cables, join));
  await mustRun("ip", ["netns", "exec", panel, "nft", "-f", "-"], { input: panelRuleset(cables, join) });
  const netem = delay === "netem" ? netemCommands(cables) : [];
  if (netem.length > 0) await mustRun("tc", ["-n", panel, "-batch", "-"], { input: `${netem.join("\n")}\n` });
  await Promise.all(
    fabric.nodes.map((node) =>
      node.software === "bird"
        ? setUpHost(lab, fabric, node)
        : ipBatch(namespaceName(lab, node.name), ["link set lo up"]),
    ),
  );
  const delays = delayArguments(cables);
  const delayProgram = delays.length === 0 ? undefined : [await tool("cable"), ...delays];
  return { cables, wiring, delayProgram };
}

/** The panel speaks no IPv6 of its own: a cable does not. */
const PANEL_SYSCTLS = ["net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"];

/** What the running kernel does best, tried in a namespace: netem and nftables `fwd`, or what stands in for each. */
export async function bestWiring(namespace: string): Promise<Wiring> {
  return {
    delay: (await hasNetem(namespace)) ? "netem" : "userspace",
    join: (await hasForward(namespace)) ? "fwd" : "bridge",
  };
}

async function hasNetem(namespace: string): Promise<boolean> {
  const probe = ["-n", namespace, "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"];
  if ((await run("tc", probe)).code !== 0) return false;
  await mustRun("tc", ["-n", namespace, "qdisc", "del", "dev", "lo", "root"]);
  return true;
}

/** CONFIG_NFT_FWD_NETDEV. The kernel checks the rules and does nothing (`nft -c`); it must take the same without `fwd`. */
async function hasForward(namespace: string): Promise<boolean> {
  const check = ["netns", "exec", namespace, "nft", "-c", "-f", "-"];
  await mustRun("ip", check, { input: joinProbe("accept") });
  return (await run("ip", check, { input: joinProbe('fwd to "lo"') })).code === 0;
}

function joinProbe(rule: string): string {
  const chain = `chain probe {\n    type filter hook ingress device "lo" priority 0;\n    ${rule}\n  }`;
  return `table netdev probe {\n  ${chain}\n}\n`;
}
