import type { Access } from "@vsix/shared/contract/part-access.ts";
import { elementText, type Json, type NftChain, type NftSet } from "../resources/nftables/model.ts";
import { type AccessSender, type DesiredAccess, wireguardName } from "./compile/access.ts";
import { DROP, match, meta } from "./nft-words.ts";
import { ACCESS_MARK, ACCESS_TOO_BIG_MARK, TUNNEL_PREFIX, WIREGUARD_PREFIX } from "./ownership.ts";

/** Just after the chains of core/filters.ts in the same hooks, so that what they drop is never looked at. */
const PRIORITY_IN = -299;
const PRIORITY_FORWARD = 1;
/** Octets of the headers of IPv6 and TCP without options. */
const HEADERS = 60;
/** Devices of tunnels, and routers of users by SRv6, to marks. */
const TUNNELS = "access-tunnels";
const USERS = "access-users";
/** Which mark may have which source. */
const SOURCES = "access-sources";
/** Routers of users by SRv6 once more, to count what comes from each and what goes there. */
export const USERS_FROM = "access-from";
export const USERS_TO = "access-to";
/** Prefixes of users by SRv6. */
const WIDE = "access-srv6";
/** How often each tunnel has asked by DHCPv6 of late. */
const ASKED = "access-dhcp";
/** All_DHCP_Relay_Agents_and_Servers and the servers' port, RFC 8415 section 7. */
const DHCP_GROUP = "ff02::1:2";
const DHCP_PORT = 547;
/** A client that is well asks five times in its first half minute, and hardly ever after it. */
const DHCP_RATE = { rate: 2, burst: 10, per: "second", inv: true } as const;
const ASKED_MEMORY = { timeoutS: 60, size: 16_384 } as const;

export interface AccessFilters {
  readonly counters: readonly string[];
  readonly chains: readonly NftChain[];
  readonly sets: readonly NftSet[];
}

/**
 * What users may send and how large, with as many rules for five thousand of them as for one. The device or the outer source says
 * from whom a packet is; that becomes a mark, and mark and (inner) source together must be in one set. Nobody who is no
 * user reaches the SID, and a tunnel that is in no map sends nothing.
 *
 * @param before what was compiled last: saves sorting what has not changed, and changes nothing of the result
 */
export function compileAccessFilters(
  access: Access,
  { senders, portMtu, delegation }: Pick<DesiredAccess, "senders" | "portMtu" | "delegation">,
  sidBlock: string,
  before?: AccessFilters,
): AccessFilters {
  const { tunnels, srv6, wireguard } = access.frame;
  const texts = senders.map((sender) => textsOf(sender));
  const elements = (name: string, list: readonly string[]): readonly string[] =>
    sortedLike(list, before?.sets.find((set) => set.name === name)?.elements ?? []);
  const map = (name: string, type: string, list: readonly string[]): NftSet => ({
    ...{ kind: "map", name, type, map: "mark", interval: false, elements: elements(name, list) },
  });
  const counts = (name: string, list: readonly string[]): NftSet => ({
    ...{ kind: "set", name, type: "ipv6_addr", interval: false, counted: true },
    elements: elements(name, list),
  });
  const intervals = (name: string, type: Json, list: readonly string[]): NftSet => ({
    ...{ kind: "set", name, type, interval: true, elements: elements(name, list) },
  });
  const incoming: (readonly Json[])[] = [
    // RFC 8754 section 5.1: users are outside the SR domain, whichever way they come in by; what a SID decapsulates would have any source.
    ...[TUNNEL_IN, VPN_IN].map((from) => [
      from,
      match("==", DESTINATION, addressesOf(sidBlock)),
      { counter: "drop-access-sid" },
      DROP,
    ]),
    [TUNNEL_IN, match("==", SOURCE, { prefix: { addr: "fe80::", len: 10 } }), { return: null }],
    [TUNNEL_IN, setMark({ map: { key: meta("iifname"), data: `@${TUNNELS}` } })],
    [TUNNEL_IN, STRANGE_SOURCE, { counter: "drop-access-source" }, DROP],
  ];
  const forwarded: (readonly Json[])[] = [
    // Towards the user, and by the user: what fits the tunnel, whatever the LAN behind it thinks (RFC 9293 section 3.7.1).
    [match("==", meta("oifname"), `${TUNNEL_PREFIX}*`), SYN, ...clamp(tunnels.mtu)],
    [TUNNEL_IN, SYN, ...clamp(tunnels.mtu)],
    // The same where a VPN device has hosts behind it.
    ...wireguard.flatMap(({ id, mtu }) =>
      ["oifname", "iifname"].map((key) => [match("==", meta(key), wireguardName(id)), SYN, ...clamp(mtu)]),
    ),
  ];
  const sets: NftSet[] = [
    map(
      TUNNELS,
      "ifname",
      texts.flatMap(({ device }) => device ?? []),
    ),
    intervals(
      SOURCES,
      ["mark", "ipv6_addr"],
      texts.flatMap(({ sources }) => sources),
    ),
  ];
  if (delegation !== undefined) {
    sets.push({
      ...{ kind: "set", name: ASKED, type: "ifname", interval: false },
      dynamic: ASKED_MEMORY,
      elements: [],
    });
    const { link } = delegation;
    const toServer = match("==", { payload: { protocol: "udp", field: "dport" } }, DHCP_PORT);
    // Before anything else: link-local sources are let through below.
    incoming.unshift(
      [
        TUNNEL_IN,
        match("==", DESTINATION, { set: [DHCP_GROUP, link] }),
        toServer,
        { set: { op: "update", elem: meta("iifname"), set: `@${ASKED}`, stmt: [{ limit: DHCP_RATE }] } },
        { counter: "drop-access-dhcp" },
        DROP,
      ],
      // To one socket, which then needs no membership on five thousand devices.
      [TUNNEL_IN, match("==", DESTINATION, DHCP_GROUP), toServer, mangle(DESTINATION, link)],
      [
        match("!=", meta("iifname"), `${TUNNEL_PREFIX}*`),
        match("!=", meta("iifname"), "lo"),
        match("==", DESTINATION, link),
        toServer,
        { counter: "drop-access-dhcp" },
        DROP,
      ],
    );
  }
  if (srv6 !== undefined) {
    const toSid = match("==", DESTINATION, srv6.sid);
    const users = texts.flatMap(({ user }) => user ?? []);
    const endpoints = users.map(({ endpoint }) => endpoint);
    sets.push(
      map(
        USERS,
        "ipv6_addr",
        users.map(({ marked }) => marked),
      ),
      intervals(
        WIDE,
        "ipv6_addr",
        users.flatMap(({ prefixes }) => prefixes),
      ),
      counts(USERS_FROM, endpoints),
      counts(USERS_TO, endpoints),
    );
    incoming.push(
      [toSid, setMark({ map: { key: SOURCE, data: `@${USERS}` } })],
      [toSid, match("!=", MARKED, ACCESS_MARK), { counter: "drop-access-stranger" }, DROP],
      [toSid, match("==", SOURCE, `@${USERS_FROM}`)],
      // Here and not in `forward`, which sees the packet with its encapsulation only.
      [match("==", DESTINATION, `@${WIDE}`), SYN, ...clamp(srv6.mtu)],
      [
        match("==", DESTINATION, `@${WIDE}`),
        // `length` is what follows the header of 40 octets, RFC 8200 section 3.
        match(
          "==",
          { payload: { protocol: "ip6", field: "length" } },
          { range: [srv6.mtu - 39, Math.max(portMtu - 40, srv6.mtu - 39)] },
        ),
        { counter: "access-too-big" },
        setMark(ACCESS_TOO_BIG_MARK),
      ],
    );
    forwarded.unshift([
      match("==", MARKED, ACCESS_MARK),
      STRANGE_SOURCE,
      { counter: "drop-access-source" },
      DROP,
    ]);
    forwarded.push(
      [match("==", MARKED, ACCESS_MARK), SYN, ...clamp(srv6.mtu)],
      // By its outer header: what is for a user has its encapsulation by now.
      [match("==", SOURCE, srv6.sid), match("==", DESTINATION, `@${USERS_TO}`)],
    );
  }
  return {
    counters: [
      "drop-access-source",
      "drop-access-sid",
      ...(delegation === undefined ? [] : ["drop-access-dhcp"]),
      ...(srv6 === undefined ? [] : ["drop-access-stranger", "access-too-big"]),
    ],
    chains: [
      chain("access-in", "prerouting", PRIORITY_IN, incoming),
      chain("access-forward", "forward", PRIORITY_FORWARD, forwarded),
    ],
    sets,
  };
}

function chain(name: string, hook: string, priority: number, rules: readonly (readonly Json[])[]): NftChain {
  return { name, hook: { type: "filter", hook, priority, policy: "accept" }, rules };
}

/** Of one user, what stands for him in each set, as `elementText` writes it. */
interface SenderTexts {
  readonly mark: number;
  readonly by: string;
  readonly sources: readonly string[];
  readonly device?: string;
  readonly user?: {
    readonly endpoint: string;
    readonly marked: string;
    readonly prefixes: readonly string[];
  };
}

/** By a user's prefixes, which stay the same object as long as his shard does. */
const known = new WeakMap<readonly string[], SenderTexts>();

function textsOf({ by, mark, prefixes }: AccessSender): SenderTexts {
  const name = "interface" in by ? by.interface : by.endpoint;
  const found = known.get(prefixes);
  if (found?.mark === mark && found.by === name && (found.device !== undefined) === "interface" in by)
    return found;
  const made: SenderTexts = {
    mark,
    by: name,
    sources: prefixes.map((prefix) => elementText({ concat: [mark, addressesOf(prefix)] })),
    ...("interface" in by
      ? { device: elementText([by.interface, mark]) }
      : {
          user: {
            endpoint: elementText(by.endpoint),
            marked: elementText([by.endpoint, mark]),
            prefixes: prefixes.map((prefix) => elementText(addressesOf(prefix))),
          },
        }),
  };
  known.set(prefixes, made);
  return made;
}

/** Sorted, each once; `before` itself where it is that already, and by merging where it nearly is. */
export function sortedLike(texts: readonly string[], before: readonly string[]): readonly string[] {
  const wanted = new Set(texts);
  const kept = before.filter((text) => wanted.delete(text));
  if (wanted.size === 0) return kept.length === before.length ? before : kept;
  const fresh = [...wanted].sort();
  const merged: string[] = [];
  let at = 0;
  for (const text of kept) {
    for (let next = fresh[at]; next !== undefined && next < text; next = fresh[++at]) merged.push(next);
    merged.push(text);
  }
  return [...merged, ...fresh.slice(at)];
}

const SOURCE: Json = { payload: { protocol: "ip6", field: "saddr" } };
const DESTINATION: Json = { payload: { protocol: "ip6", field: "daddr" } };
const MARKED: Json = { "&": [meta("mark"), ACCESS_MARK] };
const STRANGE_SOURCE: Json = match("!=", { concat: [meta("mark"), SOURCE] }, `@${SOURCES}`);
const TUNNEL_IN: Json = match("==", meta("iifname"), `${TUNNEL_PREFIX}*`);
const VPN_IN: Json = match("==", meta("iifname"), `${WIREGUARD_PREFIX}*`);
const MAXSEG: Json = { "tcp option": { name: "maxseg", field: "size" } };
const SYN: Json = match("==", { "&": [{ payload: { protocol: "tcp", field: "flags" } }, "syn"] }, "syn");

/** A SYN that asks for larger segments than fit asks for those that do. */
function clamp(mtu: number): Json[] {
  return [match(">", MAXSEG, mtu - HEADERS), mangle(MAXSEG, mtu - HEADERS)];
}

/** As nft reads it back: a prefix of 128 bits is an address. */
function addressesOf(prefix: string): Json {
  const [addr = prefix, length = "128"] = prefix.split("/");
  return length === "128" ? addr : { prefix: { addr, len: Number(length) } };
}

function setMark(value: Json): Json {
  return mangle(meta("mark"), value);
}

function mangle(key: Json, value: Json): Json {
  return { mangle: { key, value } };
}
