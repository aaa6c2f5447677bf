import type { Lab } from "../lab.ts";
import { namespaceName } from "../names.ts";
import { inNamespace, mustRun } from "../run.ts";

/** Packets by the user's address, since counting began. */
export type UserCounts = ReadonlyMap<string, number>;

/** By source address, or by destination. */
export type Way = "from" | "to";

const TABLE = ["inet", "vtusers"];

/**
 * Counts what comes from each of these addresses, and what goes to them, at a node, in a table of nftables of its own: `input`, what has arrived there;
 * `forward`, what it passes on, after whatever it was in. Gives what reads the counts. Once for a node.
 */
export async function countUsers(
  lab: Lab,
  node: string,
  hook: "input" | "forward",
  addresses: readonly string[],
): Promise<(way?: Way) => Promise<UserCounts>> {
  const nft = (args: readonly string[], input = ""): Promise<string> => {
    const [file = "ip", ...words] = inNamespace(namespaceName(lab.name, node), ["nft", ...args]);
    return mustRun(file, words, { input });
  };
  const set = (way: Way): string =>
    `set ${way} { type ipv6_addr; counter; elements = { ${addresses.join(", ")} }; }`;
  const chain = `chain seen { type filter hook ${hook} priority -5; ip6 saddr @from; ip6 daddr @to; }`;
  await nft(["-f", "-"], `table ${TABLE.join(" ")} {\n  ${set("from")}\n  ${set("to")}\n  ${chain}\n}\n`);
  return async (way = "from") => countsOf(await nft(["-j", "list", "set", ...TABLE, way]));
}

/** Of what nft(8) says of a set in JSON (libnftables-json(5)). */
function countsOf(text: string): UserCounts {
  const { nftables } = JSON.parse(text) as {
    readonly nftables: readonly {
      readonly set?: {
        readonly elem?: readonly {
          readonly elem: { readonly val: string; readonly counter?: { readonly packets: number } };
        }[];
      };
    }[];
  };
  const elements = nftables.flatMap(({ set }) => set?.elem ?? []);
  return new Map(elements.map(({ elem }) => [elem.val, elem.counter?.packets ?? 0]));
}
