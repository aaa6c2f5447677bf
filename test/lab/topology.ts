import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { setUpHost } from "./bird-host.ts";
import { namespaceName, panelNamespace } from "./names.ts";
import { addNamespaces } from "./namespaces.ts";
import { type Cable, cableCommands, cablesOf, delayArguments, netemCommands, panelRuleset } from "./panel.ts";
import { ipBatch, mustRun, run } from "./run.ts";
import { tool } from "./tools.ts";

export interface Topology {
  readonly cables: readonly Cable[];
  /** The program that makes delays, to be kept running in the panel's namespace; undefined where netem does it. */
  readonly delayProgram: readonly string[] | undefined;
}

/**
 * Makes the namespaces and cables of a fabric. A node of ours gets a namespace, `lo` up and its interfaces, down: the
 * rest is its agent's work. A BIRD node is somebody else's machine: it gets its addresses and forwarding here.
 */
export async function createTopology(lab: string, fabric: Fabric): Promise<Topology> {
  const panel = panelNamespace(lab);
  await addNamespaces([panel, ...fabric.nodes.map((node) => namespaceName(lab, node.name))]);
  await mustRun("ip", ["netns", "exec", panel, "sysctl", "-qw", ...PANEL_SYSCTLS]);
  const delayed = fabric.links.some((link) => link.delayMs > 0);
  const netem = delayed && (await hasNetem(panel));
  const cables = cablesOf(fabric, delayed && !netem);
  await ipBatch(panel, ["link set lo up", ...cableCommands(lab, cables)]);
  await mustRun("ip", ["netns", "exec", panel, "nft", "-f", "-"], { input: panelRuleset(cables) });
  if (netem)
    await mustRun("tc", ["-n", panel, "-batch", "-"], { input: `${netemCommands(cables).join("\n")}\n` });
  await Promise.all(
    fabric.nodes.map((node) =>
      node.software === "bird"
        ? setUpHost(lab, fabric, node)
        : ipBatch(namespaceName(lab, node.name), ["link set lo up"]),
    ),
  );
  const delays = delayArguments(cables);
  return { cables, delayProgram: delays.length === 0 ? undefined : [await tool("cable"), ...delays] };
}

/** The panel speaks no IPv6 of its own: a cable does not. */
const PANEL_SYSCTLS = ["net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1"];

/** Whether this kernel can delay packets by itself. */
async function hasNetem(panel: string): Promise<boolean> {
  const probe = ["-n", panel, "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"];
  if ((await run("tc", probe)).code !== 0) return false;
  await mustRun("tc", ["-n", panel, "qdisc", "del", "dev", "lo", "root"]);
  return true;
}
