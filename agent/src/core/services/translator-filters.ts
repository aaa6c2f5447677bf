import type { TranslatorPart } from "@vsix/shared/contract/part-services.ts";
import { formatAddress4, parsePrefix4 } from "@vsix/shared/net/ip4.ts";
import type { Json, NftChain, NftRule } from "../../resources/nftables/model.ts";
import { match } from "../nft-words.ts";
import { TRANSLATOR_DEVICE } from "./tayga.ts";

/** Netfilter priority of source NAT, linux/netfilter_ipv4.h. */
const PRIORITY_SRCNAT = 100;
/** IPv4 that nobody may reach through a translator: this machine itself, links, and who is many (RFC 6890). */
const NEVER4 = ["0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3"];

export interface TranslatorFilters {
  readonly forward: readonly NftRule[];
  readonly chains: readonly NftChain[];
  readonly counters: readonly string[];
}

/**
 * Around a translator: only clients use it, only towards what is outside; and for NAT64 all clients share the pool, each keeping one address
 * of it (RFC 4787 section 4.1, "paired"). Who translates inside us does so without state, so this is where state is.
 */
export function translatorFilters(part: TranslatorPart | undefined): TranslatorFilters {
  if (part === undefined) return { forward: [], chains: [], counters: [] };
  const { clients, internal, pool } = part;
  const forward: NftRule[] = [
    [into(), from6(clients), { counter: "drop-not-client" }, { drop: null }],
    [
      outOf(),
      to4([...NEVER4, ...(internal === undefined ? [] : [internal])]),
      { counter: "drop-inside" },
      { drop: null },
    ],
  ];
  const counters = ["drop-not-client", "drop-inside"];
  const inside = internal === undefined ? undefined : prefix4(internal);
  // All of it, the first and the last too: a pool is routed, nobody broadcasts there.
  const outside = prefix4(pool[0] ?? "");
  if (inside === undefined || outside === undefined) return { forward, chains: [], counters };
  // From outside nobody begins anything.
  forward.push([
    match("!=", { meta: { key: "iifname" } }, TRANSLATOR_DEVICE),
    into(),
    match("in", { ct: { key: "state" } }, "new"),
    match("==", { meta: { key: "nfproto" } }, "ipv4"),
    { counter: "drop-unsolicited" },
    { drop: null },
  ]);
  const snat: NftRule = [
    match("==", { payload: { protocol: "ip", field: "saddr" } }, inside),
    match("!=", { meta: { key: "oifname" } }, TRANSLATOR_DEVICE),
    { snat: { family: "ip", addr: outside, flags: "persistent" } },
  ];
  const hook = { type: "nat", hook: "postrouting", priority: PRIORITY_SRCNAT, policy: "accept" };
  return {
    forward,
    chains: [{ name: "translated", hook, rules: [snat] }],
    counters: [...counters, "drop-unsolicited"],
  };
}

function into(): Json {
  return match("==", { meta: { key: "oifname" } }, TRANSLATOR_DEVICE);
}

function outOf(): Json {
  return match("==", { meta: { key: "iifname" } }, TRANSLATOR_DEVICE);
}

/** IPv6 sources that are none of these. */
function from6(prefixes: readonly string[]): Json {
  const set = prefixes.map((text): Json => {
    const [addr = "", length = "128"] = text.split("/");
    return length === "128" ? addr : { prefix: { addr, len: Number(length) } };
  });
  return match("!=", { payload: { protocol: "ip6", field: "saddr" } }, { set });
}

function to4(prefixes: readonly string[]): Json {
  const set = prefixes.flatMap((text) => prefix4(text) ?? []);
  return match("==", { payload: { protocol: "ip", field: "daddr" } }, { set });
}

function prefix4(text: string): Json | undefined {
  const prefix = parsePrefix4(text);
  if (prefix === undefined) return undefined;
  const addr = formatAddress4(prefix.address);
  return prefix.length === 32 ? addr : { prefix: { addr, len: prefix.length } };
}
