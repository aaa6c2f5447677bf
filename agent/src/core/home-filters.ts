import type { HomePart } from "@vsix/shared/contract/part-home.ts";
import type { Json, NftChain } from "../resources/nftables/model.ts";
import type { AccessFilters } from "./access-filters.ts";
import { tunnelName } from "./compile/access.ts";
import type { OnLan } from "./compile/home.ts";
import { address, DROP, match, meta, RETURN } from "./nft-words.ts";
import { TUNNEL_PREFIX } from "./ownership.ts";

/** As in core/access-filters.ts: after the chains of core/filters.ts in the same hook. */
const PRIORITY_FORWARD = 1;
/** Octets of the headers of IPv6 and TCP without options. */
const HEADERS = 60;

/** Link-local, and the unspecified address of duplicate address detection; neither is ever forwarded. */
const ALWAYS_A_SOURCE = ["fe80::/10", "::"];

/**
 * Hosts of LANs have sources out of the tunnels' prefixes and no others, whichever way they would leave (BCP 38). Into a tunnel goes nothing but
 * what has a source out of its own prefixes, and from one tunnel nothing into another. SYNs ask for what fits.
 *
 * @param ended prefixes that are over: who has one still is told so (RFC 7084 L-14, RFC 4443 section 3.1 code 5; the kernel limits how often).
 * Only those have a route back to the LAN (core/compile/home.ts): an answer to any other source would go to a stranger.
 */
export function compileHomeFilters(
  { tunnels }: HomePart,
  lans: readonly string[],
  ended: readonly OnLan[] = [],
): AccessFilters {
  const toTunnel = match("==", meta("oifname"), `${TUNNEL_PREFIX}*`);
  const fromTunnel = match("==", meta("iifname"), `${TUNNEL_PREFIX}*`);
  const mtu = Math.min(65_535, ...tunnels.map((one) => one.mtu));
  const only = (name: string, prefixes: readonly string[], told: NftChain["rules"] = []): NftChain => ({
    name,
    rules: [
      ...prefixes.map((prefix) => [address("saddr", "==", prefix), RETURN]),
      ...told,
      [{ counter: "drop-home-source" }, DROP],
    ],
  });
  const own = tunnels.flatMap(({ prefixes }) => prefixes);
  const chains = tunnels.map(({ id, prefixes }) => only(`home-${id}`, prefixes));
  const over = ended.map(({ interface: name, prefix }) => [
    ...[match("==", meta("iifname"), name), address("saddr", "==", prefix)],
    ...[{ counter: "drop-home-source" }, POLICY_FAIL],
  ]);
  if (lans.length > 0) chains.push(only("home-lan", [...ALWAYS_A_SOURCE, ...own], over));
  const jumps = tunnels.map(({ id }) => [tunnelName(id), { jump: { target: `home-${id}` } }]);
  const rules: (readonly Json[])[] = [
    [fromTunnel, toTunnel, { counter: "drop-home-transit" }, DROP],
    ...lans.map((name) => [match("==", meta("iifname"), name), { jump: { target: "home-lan" } }]),
    ...(jumps.length === 0 ? [] : [[{ vmap: { key: meta("oifname"), data: { set: jumps } } }]]),
    [toTunnel, SYN, ...clamp(mtu)],
    [fromTunnel, SYN, ...clamp(mtu)],
  ];
  return {
    counters: ["drop-home-source", "drop-home-transit"],
    sets: [],
    chains: [
      ...chains,
      {
        name: "home-forward",
        hook: { type: "filter", hook: "forward", priority: PRIORITY_FORWARD, policy: "accept" },
        rules,
      },
    ],
  };
}

const POLICY_FAIL: Json = { reject: { type: "icmpv6", expr: "policy-fail" } };
const MAXSEG: Json = { "tcp option": { name: "maxseg", field: "size" } };
const SYN: Json = match("==", { "&": [{ payload: { protocol: "tcp", field: "flags" } }, "syn"] }, "syn");

function clamp(mtu: number): Json[] {
  return [match(">", MAXSEG, mtu - HEADERS), { mangle: { key: MAXSEG, value: mtu - HEADERS } }];
}
