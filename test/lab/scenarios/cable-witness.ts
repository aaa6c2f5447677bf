import { cableOf, type Lab } from "../lab.ts";
import { panelNamespace } from "../names.ts";
import { PANEL_TABLE } from "../panel.ts";
import { mustRun } from "../run.ts";

/** Counting packets of one sort on the cables themselves, by nftables in the patch panel: a witness of no router. */

/** One direction of a cable: what `node` sends into it by `interface`. */
export interface Sender {
  readonly node: string;
  readonly interface: string;
}

/**
 * Counts from now on, under `name`, the packets that match (nftables words: `["ip6", "saddr", …]`) and that any of these
 * senders puts into its cable.
 */
export async function countOnCables(
  lab: Lab,
  name: string,
  senders: readonly Sender[],
  match: readonly string[],
): Promise<void> {
  const rules = senders.map((sender) => {
    const { link, ends } = cableOf(lab, sender.node, sender.interface);
    const side = link.ends.findIndex((end) => end.node === sender.node && end.interface === sender.interface);
    // First in the chain: what a silent cable swallows was sent all the same.
    return `insert rule netdev ${PANEL_TABLE} ${ends[side] ?? ""} ${match.join(" ")} counter name "${name}"`;
  });
  const input = `${[`add counter netdev ${PANEL_TABLE} ${name}`, ...rules].join("\n")}\n`;
  await mustRun("ip", ["netns", "exec", panelNamespace(lab.name), "nft", "-f", "-"], { input });
}

/** Packets by name of counter since countOnCables. */
export async function cableCounts(lab: Lab): Promise<Readonly<Record<string, number>>> {
  return nftCounters(panelNamespace(lab.name), ["netdev", PANEL_TABLE]);
}

/** Packets of every named counter of an nftables table (`["inet", "vsix"]`), as the kernel tells. */
export async function nftCounters(
  namespace: string,
  table: readonly [string, string],
): Promise<Readonly<Record<string, number>>> {
  const command = ["nft", "-j", "list", "counters", "table", ...table];
  const text = await mustRun("ip", ["netns", "exec", namespace, ...command]);
  const { nftables } = JSON.parse(text) as {
    readonly nftables: readonly { readonly counter?: { readonly name: string; readonly packets: number } }[];
  };
  return Object.fromEntries(
    nftables.flatMap(({ counter }) => (counter === undefined ? [] : [[counter.name, counter.packets]])),
  );
}

/** What has been counted between two readings. */
export function counted(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(after).map(([name, n]) => [name, n - (before[name] ?? 0)]));
}
