import type { ResolverPart } from "@vsix/shared/contract/part-services.ts";
import { parseAddress4 } from "@vsix/shared/net/ip4.ts";
import { embedText } from "@vsix/shared/net/pref64.ts";
import { parsePrefix } from "@vsix/shared/net/prefix.ts";

/** unbound.conf(5) of a resolver of ours. Pure text; where it lies and what the program can do comes in. */

export interface UnboundPlace {
  /** Absolute; nothing else is in it. */
  readonly directory: string;
  /** Who the program becomes after it has bound its ports; undefined: stays who it is. */
  readonly user: string | undefined;
  /** DNSKEYs of the Internet's root, in a file of the distribution. */
  readonly trustAnchor: string | undefined;
  /** `do-nat64` (1.18): authoritative servers that have IPv4 only are asked through NAT64. */
  readonly asksByNat64: boolean;
}

/** The well-known IPv4 addresses of ipv4only.arpa, RFC 7050 section 2.2. */
export const IPV4ONLY_NAME = "ipv4only.arpa";
export const IPV4ONLY_ADDRESSES: readonly string[] = ["192.0.0.170", "192.0.0.171"];

export const HINTS_FILE = "root.hints";
export const CONFIG_FILE = "unbound.conf";
export const CONTROL_SOCKET = "control.sock";

const DAY_S = 86_400;

/** The text of unbound.conf. */
export function unboundConfig(part: ResolverPart, place: UnboundPlace): string {
  const { directory, user, trustAnchor } = place;
  const { dns64 } = part;
  // A root of one's own cannot be validated by the Internet's keys.
  const anchor = part.roots.length === 0 ? trustAnchor : undefined;
  const server: readonly (readonly [string, string])[] = [
    ["directory", quoted(directory)],
    ["chroot", '""'],
    ["username", quoted(user ?? "")],
    ["pidfile", '""'],
    ["use-syslog", "no"],
    ["logfile", '""'],
    ["do-daemonize", "no"],
    ["do-ip4", "no"],
    ["do-ip6", "yes"],
    ["hide-identity", "yes"],
    ["hide-version", "yes"],
    // An anycast address may not be there yet; it is the agent who announces it.
    ["ip-freebind", "yes"],
    ...part.listen.map((address) => ["interface", address] as const),
    ["outgoing-interface", part.source],
    // Never an open resolver: whoever is not named is refused, by default and once more in words.
    ["access-control", "::/0 refuse"],
    ["access-control", "0.0.0.0/0 refuse"],
    ...allowed(part).map((prefix) => ["access-control", `${prefix} allow`] as const),
    ...(part.roots.length === 0 ? [] : ([["root-hints", quoted(`${directory}/${HINTS_FILE}`)]] as const)),
    ...(anchor === undefined ? [] : ([["trust-anchor-file", quoted(anchor)]] as const)),
    ["module-config", quoted(dns64 === undefined ? "validator iterator" : "dns64 validator iterator")],
    ...(dns64 === undefined ? [] : dns64Lines(dns64, place.asksByNat64)),
  ];
  const control = [
    ["control-enable", "yes"],
    ["control-interface", quoted(`${directory}/${CONTROL_SOCKET}`)],
    ["control-use-cert", "no"],
  ] as const;
  return [
    "# Written by vsix-agent and replaced by it; what it should say is in the fabric file.",
    clause("server", server),
    clause("remote-control", control),
    ...part.forward.map(({ zone, addresses }) =>
      clause("forward-zone", [
        ["name", quoted(zone)],
        ...addresses.map((address) => ["forward-addr", address] as const),
      ]),
    ),
    ...part.stub.map(({ zone, addresses }) =>
      clause("stub-zone", [
        ["name", quoted(zone)],
        ...addresses.map((address) => ["stub-addr", address] as const),
      ]),
    ),
  ].join("\n");
}

/** Root hints in the form of named.root; empty where the program's own are meant. */
export function rootHints({ roots }: ResolverPart): string {
  return roots
    .map(({ name, address }) => `. ${DAY_S} IN NS ${name}\n${name} ${DAY_S} IN AAAA ${address}\n`)
    .join("");
}

/** The addresses that DNS64 makes of ipv4only.arpa's, RFC 7050 section 3; empty without DNS64. */
export function ipv4onlySynthesised(pref64: string | undefined): readonly string[] {
  const prefix = parsePrefix(pref64 ?? "");
  if (prefix === undefined) return [];
  return IPV4ONLY_ADDRESSES.flatMap((text) => {
    const address = parseAddress4(text);
    return address === undefined ? [] : [embedText(prefix, address)];
  });
}

function allowed({ clients, listen }: ResolverPart): readonly string[] {
  // The agent asks from the addresses that it asks at.
  return [...new Set([...clients, ...listen.map((address) => `${address}/128`)])];
}

function dns64Lines(
  { prefix, ignoreAaaa, excludeAaaa }: NonNullable<ResolverPart["dns64"]>,
  asksByNat64: boolean,
): readonly (readonly [string, string])[] {
  return [
    ["dns64-prefix", prefix],
    ...(asksByNat64 ? ([["do-nat64", "yes"]] as const) : []),
    ...ignoreAaaa.map((name) => ["dns64-ignore-aaaa", quoted(name)] as const),
    // Taken out of answers; what is left without AAAA is synthesised.
    ...excludeAaaa.map((one) => ["private-address", one] as const),
    ...ipv4onlyLines(prefix),
  ];
}

/** RFC 8880 section 7.1: a DNS64 resolver answers for these itself and asks nobody. */
function ipv4onlyLines(pref64: string): readonly (readonly [string, string])[] {
  const zone = `${IPV4ONLY_NAME}.`;
  const data = (text: string) => ["local-data", `'${text}'`] as const;
  const soa = (name: string) =>
    data(`${name} ${DAY_S} IN SOA localhost. nobody.invalid. 1 3600 1200 604800 ${DAY_S}`);
  const ns = (name: string) => data(`${name} ${DAY_S} IN NS localhost.`);
  return [
    ["local-zone", `${quoted(zone)} static`],
    soa(zone),
    ns(zone),
    ...IPV4ONLY_ADDRESSES.map((address) => data(`${zone} ${DAY_S} IN A ${address}`)),
    ...ipv4onlySynthesised(pref64).map((address) => data(`${zone} ${DAY_S} IN AAAA ${address}`)),
    ...IPV4ONLY_ADDRESSES.flatMap((address) => {
      const reverse = `${address.split(".").toReversed().join(".")}.in-addr.arpa.`;
      return [
        ["local-zone", `${quoted(reverse)} static`] as const,
        soa(reverse),
        ns(reverse),
        data(`${reverse} ${DAY_S} IN PTR ${zone}`),
      ];
    }),
  ];
}

function clause(name: string, lines: readonly (readonly [string, string])[]): string {
  return `${name}:\n${lines.map(([key, value]) => `  ${key}: ${value}\n`).join("")}`;
}

/** What is quoted has been checked: paths of ours and names of the contract's pattern hold no quotation mark. */
function quoted(text: string): string {
  return `"${text}"`;
}
