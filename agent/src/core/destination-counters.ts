import type { EgressPart } from "@vsix/shared/contract/part-egress.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { formatAddress } from "@vsix/shared/net/address.ts";
import { containsPrefix, formatPrefix, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import {
  type Json,
  type NftChain,
  type NftRule,
  type NftSet,
  sortedElements,
} from "../resources/nftables/model.ts";
import { portIn } from "./nft-words.ts";

/** Map of destinations to their counters. */
const MAP = "destinations";
const NAME = "dest-";

export interface DestinationCounters {
  readonly rules: readonly NftRule[];
  readonly chains: readonly NftChain[];
  readonly counters: readonly string[];
  readonly sets: readonly NftSet[];
}

/**
 * Counts what Edges send to each destination of egress peer engineering, whatever peer it leaves by: one look-up a packet, in the
 * order of 100 ns for a thousand. Octets are those of IP packets as they come in; several that the device has put together (GRO) count
 * with one header. After sources were checked, so nobody makes another's traffic look larger.
 */
export function destinationCounters(part: FabricPart, egress: EgressPart | undefined): DestinationCounters {
  const ports = part.interfaces.filter(({ faces }) => faces === "edge").map(({ name }) => name);
  const prefixes = countable(egress?.count ?? []);
  if (ports.length === 0 || prefixes.length === 0) return { rules: [], chains: [], counters: [], sets: [] };
  const key: Json = { payload: { protocol: "ip6", field: "daddr" } };
  return {
    rules: [[portIn("iifname", ports), { counter: { map: { key, data: `@${MAP}` } } }]],
    chains: [],
    counters: prefixes.map(nameOf),
    sets: [
      {
        kind: "map",
        name: MAP,
        type: "ipv6_addr",
        map: "counter",
        interval: true,
        elements: sortedElements(prefixes.map((prefix): Json => [addressesOf(prefix), nameOf(prefix)])),
      },
    ],
  };
}

/**
 * Each prefix once, and none that has another of them within: intervals of a map do not overlap, and what lies in both would be
 * counted as one of the two only.
 */
export function countable(texts: readonly string[]): readonly Prefix[] {
  const byText = new Map(
    texts.flatMap((text): [string, Prefix][] => {
      const prefix = parsePrefix(text);
      return prefix === undefined || prefix.length === 0 ? [] : [[formatPrefix(prefix), prefix]];
    }),
  );
  // In order of addresses whatever lies within a prefix follows it at once.
  const inOrder = [...byText.values()].sort(
    (a, b) => compareOctets(a.address, b.address) || a.length - b.length,
  );
  return inOrder.filter((prefix, at) => {
    const next = inOrder[at + 1];
    return next === undefined || !containsPrefix(prefix, next);
  });
}

/** Prefix of a counter, RFC 5952; undefined for every other counter. */
export function destinationOf(counter: string): string | undefined {
  const [, digits = "", length = ""] = /^dest-([0-9a-f]{32})-(\d{1,3})$/.exec(counter) ?? [];
  if (digits === "") return undefined;
  const groups = digits.match(/.{4}/g) ?? [];
  const prefix = parsePrefix(`${groups.join(":")}/${length}`);
  return prefix === undefined ? undefined : formatPrefix(prefix);
}

function nameOf({ address, length }: Prefix): string {
  const digits = Array.from(address, (octet) => octet.toString(16).padStart(2, "0")).join("");
  return `${NAME}${digits}-${length}`;
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length; at++) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function addressesOf({ address, length }: Prefix): Json {
  const addr = formatAddress(address);
  return length === 128 ? addr : { prefix: { addr, len: length } };
}
