import type { EgressPart } from "@vsix/shared/contract/part-egress.ts";
import type { EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import type { Gate } from "@vsix/shared/contract/part-gate.ts";
import type { TranslatorPart } from "@vsix/shared/contract/part-services.ts";
import {
  type Json,
  type NftChain,
  type NftRule,
  type NftRuleset,
  normaliseRuleset,
} from "../resources/nftables/model.ts";
import type { AccessFilters } from "./access-filters.ts";
import { accessGate } from "./access-gate.ts";
import { encapRoom } from "./compile/encap-room.ts";
import { destinationCounters } from "./destination-counters.ts";
import { address, DROP, match, meta, notFrom, portIn, RETURN } from "./nft-words.ts";
import { FEED_PORT, STEERED_MARK, TOO_BIG_MARK } from "./ownership.ts";
import { translatorFilters } from "./services/translator-filters.ts";
import { sidGate } from "./sid-gate.ts";

/** TCP port of BGP, RFC 4271 section 3. */
const BGP_PORT = 179;
/** UDP port of single-hop BFD, RFC 5881 section 4; its packets carry hop limit 255 (section 5). */
const BFD_PORT = 3784;
const BFD_HOP_LIMIT = 255;
/** Packets a second from one Edge or upstream that the agent is woken for; the shortest interval needs 134. */
const BFD_RATE = { rate: 200, burst: 50, per: "second" } as const;
/** Netfilter priorities, linux/netfilter_ipv6.h: before connection tracking and routing; the ordinary filter. */
const PRIORITY_RAW = -300;
const PRIORITY_FILTER = 0;

type Port = FabricPart["interfaces"][number];

/** Counter of packets forwarded that came in by a port. */
export function inCounter(port: string): string {
  return `in-${port}`;
}

/** Counter of packets forwarded that leave by a port. */
export function outCounter(port: string): string {
  return `out-${port}`;
}

/**
 * The packet filters of one node. Nothing here ever accepts: a packet is dropped or goes on to whatever else the
 * machine filters.
 *
 * Sources are checked before routing, not in `forward`: a packet of an Edge that is steered into SRv6 reaches
 * `forward` with the router's own outer source address.
 */
export function compileFilters(
  part: FabricPart,
  epe?: EpePart,
  translator?: TranslatorPart,
  access?: AccessFilters,
  egress?: EgressPart,
  home?: AccessFilters,
  users?: Gate,
): NftRuleset {
  const translated = translatorFilters(translator);
  const gate = sidGate(part, egress);
  const border = accessGate(part, users);
  const destinations = destinationCounters(part, egress);
  const more = [destinations, access, home].filter((one) => one !== undefined);
  const facing = (faces: Port["faces"]): Port[] => part.interfaces.filter((port) => port.faces === faces);
  const edges = facing("edge");
  const upstreams = facing("upstream");
  const planes = part.node.role === "external-edge" ? facing("plane") : [];
  const counters = new Set<string>();
  const chains: NftChain[] = [];
  const count = (name: string): Json => {
    counters.add(name);
    return { counter: name };
  };
  const chain = (name: string, rules: readonly NftRule[]): string => {
    chains.push({ name, rules });
    return name;
  };
  const base = (hook: string, priority: number, rules: readonly NftRule[]): void => {
    if (rules.length === 0) return;
    chains.push({ name: hook, hook: { type: "filter", hook, priority, policy: "accept" }, rules });
  };
  const each = (key: Direction, ports: readonly Port[], target: (port: Port) => string): NftRule[] =>
    ports.length === 0 ? [] : [[IPV6, dispatch(key, ports, target)]];

  base("prerouting", PRIORITY_RAW, [
    ...gate.rules,
    ...border.rules,
    ...each("iifname", edges, (port) =>
      chain(`source-${port.name}`, [
        // Assigned prefixes, not the route back (RFC 3704 strict mode): while an Edge moves, paths are asymmetric.
        ...[...ALWAYS_A_SOURCE, port.peerAddress, ...(port.sources ?? [])].map((source) => [
          address("saddr", "==", source),
          RETURN,
        ]),
        [count(`drop-source-${port.name}`), DROP],
      ]),
    ),
    ...each("iifname", part.blackholes.length === 0 ? [] : upstreams, (port) =>
      chain(`own-source-${port.name}`, [
        // The link itself is numbered from our space, and errors (Packet Too Big) come from its far end.
        [address("saddr", "==", port.peerAddress), RETURN],
        ...part.blackholes.map((own) => [address("saddr", "==", own), count("drop-own-source"), DROP]),
      ]),
    ),
    ...destinations.rules,
    ...tooBigRules(part, epe, count),
    ...rule(planes, (ports) => [
      portIn("iifname", namesOf(ports)),
      address("daddr", "==", part.sidBlock),
      setMark(STEERED_MARK),
    ]),
  ]);
  base("forward", PRIORITY_FILTER, [
    ...translated.forward,
    ...each("iifname", planes, (port) =>
      chain(`plane-${port.name}`, [
        // What was steered here in vain goes back to where it came from, and nowhere else (core/compile/returns.ts).
        [portIn("oifname", [port.name]), HAS_STEERED_MARK, count(`return-${port.name}`), RETURN],
        [
          portIn("oifname", namesOf(planes)),
          count("drop-plane-to-plane"),
          // RFC 4443 section 3.1, code 1.
          { reject: { type: "icmpv6", expr: "admin-prohibited" } },
        ],
      ]),
    ),
    ...rule(upstreams, (ports) => [
      portIn("iifname", namesOf(ports)),
      portIn("oifname", namesOf(ports)),
      count("drop-upstream-to-upstream"),
      DROP,
    ]),
    ...each("iifname", edges, (port) => chain(inCounter(port.name), [[count(inCounter(port.name))]])),
    ...each("oifname", edges, (port) => chain(outCounter(port.name), [[count(outCounter(port.name))]])),
  ]);
  const bfd = udpPort(BFD_PORT);
  base("input", PRIORITY_FILTER, [
    // The agent looks at it as well; dropped here, a flood from far away does not wake it.
    [bfd, hopLimitIsNot(BFD_HOP_LIMIT), count("drop-bfd"), DROP],
    ...each("iifname", [...edges, ...upstreams], (port) =>
      chain(`bgp-${port.name}`, [
        [tcpPort(BGP_PORT), address("saddr", "!=", port.peerAddress), count("drop-bgp"), DROP],
        [bfd, address("saddr", "!=", port.peerAddress), count("drop-bfd"), DROP],
        [bfd, { limit: { ...BFD_RATE, inv: true } }, count("drop-bfd"), DROP],
      ]),
    ),
    [notFrom("lo"), tcpPort(FEED_PORT), count("drop-feed"), DROP],
  ]);
  return normaliseRuleset({
    counters: [
      ...[...counters, ...gate.counters, ...border.counters, ...translated.counters],
      ...more.flatMap((one) => one.counters),
    ],
    chains: [...chains, ...gate.chains, ...translated.chains, ...more.flatMap((one) => one.chains)],
    sets: [...border.sets, ...more.flatMap((one) => one.sets)],
    strange: [],
  });
}

type Direction = "iifname" | "oifname";

/** Link-local, and the unspecified address of duplicate address detection; neither is ever forwarded. */
const ALWAYS_A_SOURCE = ["fe80::/10", "::"];

const HAS_STEERED_MARK: Json = match("==", { "&": [meta("mark"), STEERED_MARK] }, STEERED_MARK);
const IPV6: Json = match("==", meta("nfproto"), "ipv6");

/**
 * Packets of an Edge that would not fit once encapsulated get a mark, by which they find routes that answer Packet Too
 * Big (core/compile/overrides.ts). Longer ones than the port's MTU are several segments that the device has put
 * together (GRO): the kernel takes them apart again and drops those that do not fit, and a segment that is sent again comes alone.
 */
function tooBigRules(
  part: FabricPart,
  epe: EpePart | undefined,
  count: (name: string) => Json,
): readonly NftRule[] {
  const room = encapRoom(part, epe);
  if (room === undefined) return [];
  const names = new Set(room.ports);
  return rule(
    part.interfaces.filter(({ name }) => names.has(name)),
    (ports) => [
      portIn("iifname", namesOf(ports)),
      // `length` is what follows the header of 40 octets, RFC 8200 section 3.
      match(
        "==",
        { payload: { protocol: "ip6", field: "length" } },
        { range: [room.octets - 39, room.portMtu - 40] },
      ),
      count("too-big"),
      setMark(TOO_BIG_MARK),
    ],
  );
}

function rule(ports: readonly Port[], build: (ports: readonly Port[]) => NftRule): NftRule[] {
  return ports.length === 0 ? [] : [build(ports)];
}

function dispatch(key: Direction, ports: readonly Port[], target: (port: Port) => string): Json {
  const jumps = ports.map((port) => [port.name, { jump: { target: target(port) } }]);
  return { vmap: { key: meta(key), data: { set: jumps } } };
}

function tcpPort(port: number): Json {
  return match("==", { payload: { protocol: "tcp", field: "dport" } }, port);
}

function udpPort(port: number): Json {
  return match("==", { payload: { protocol: "udp", field: "dport" } }, port);
}

function hopLimitIsNot(hops: number): Json {
  return match("!=", { payload: { protocol: "ip6", field: "hoplimit" } }, hops);
}

/** Sets a bit of the packet's mark and leaves the others. */
function setMark(bit: number): Json {
  return { mangle: { key: meta("mark"), value: { "|": [meta("mark"), bit] } } };
}

function namesOf(ports: readonly Port[]): readonly string[] {
  return ports.map(({ name }) => name);
}
