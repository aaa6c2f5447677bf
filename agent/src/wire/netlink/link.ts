import { IFLA, IFLA_INFO, IFLA_IPTUN, RTM } from "./constants.ts";
import { NetlinkReader } from "./reader.ts";
import type { NetlinkWriter } from "./writer.ts";

/** A network device. Source: struct ifinfomsg, linux/rtnetlink.h; IFLA_*, linux/if_link.h. */
export interface LinkMessage {
  /** 0, or AF_BRIDGE (7) where a bridge tells of one of its ports. */
  readonly family: number;
  readonly index: number;
  /** IFF_* */
  readonly flags: number;
  /** ifi_change: which flags a request sets; in a notification, which have changed. */
  readonly change: number;
  readonly name?: string;
  /** Octets. */
  readonly mtu?: number;
  /** Index of the bridge or VRF it belongs to. */
  readonly master?: number;
  /** RFC 2863: 0 unknown, 2 down, 6 up. */
  readonly operState?: number;
  readonly carrier?: boolean;
  /** Number of a set of devices; 0 where nobody chose one. */
  readonly group?: number;
  /** What made it: veth, ip6tnl, wireguard. Absent for a card. */
  readonly kind?: string;
  /** Of kind ip6tnl only. */
  readonly tunnel?: TunnelMessage;
  readonly statistics?: LinkStatistics;
}

/** What a device of kind ip6tnl is. Source: IFLA_IPTUN_*, linux/if_tunnel.h; net/ipv6/ip6_tunnel.c. */
export interface TunnelMessage {
  readonly local: string;
  readonly remote: string;
  /** Of the outer header; 0: as within. */
  readonly hopLimit: number;
  /** Not looked at where flags say that there is no limit. */
  readonly encapLimit: number;
  /** IP6_TNL_F_*; the kernel adds its own above 0xffff. */
  readonly flags: number;
  /** Next header within: 41 IPv6, 4 IPv4, 0 both. */
  readonly protocol: number;
}

/** Since the device was made; of struct rtnl_link_stats64 (linux/if_link.h) what tells of load and trouble. Packets, octets. */
export interface LinkStatistics {
  readonly rxPackets: number;
  readonly txPackets: number;
  readonly rxOctets: number;
  readonly txOctets: number;
  readonly rxErrors: number;
  readonly txErrors: number;
  readonly rxDropped: number;
  readonly txDropped: number;
}

/** `type` is RTM_NEWLINK, SETLINK, DELLINK or GETLINK. */
export function encodeLink(
  writer: NetlinkWriter,
  type: number,
  flags: number,
  sequence: number,
  link: LinkMessage,
): void {
  writer.begin(type, flags, sequence);
  writer.u32(link.family); // then padding and ifi_type
  writer.u32(link.index);
  writer.u32(link.flags);
  writer.u32(link.change);
  if (link.name !== undefined) writer.attributeName(IFLA.IFNAME, link.name);
  if (link.mtu !== undefined) writer.attributeU32(IFLA.MTU, link.mtu);
  if (link.master !== undefined) writer.attributeU32(IFLA.MASTER, link.master);
  if (link.operState !== undefined) writer.attributeU8(IFLA.OPERSTATE, link.operState);
  if (link.carrier !== undefined) writer.attributeU8(IFLA.CARRIER, link.carrier ? 1 : 0);
  if (link.group !== undefined) writer.attributeU32(IFLA.GROUP, link.group);
  if (link.kind !== undefined) {
    const info = writer.beginNested(IFLA.LINKINFO);
    writer.attributeName(IFLA_INFO.KIND, link.kind, 64);
    if (link.tunnel !== undefined) encodeTunnel(writer, link.tunnel);
    writer.endNested(info);
  }
  writer.end();
}

function encodeTunnel(writer: NetlinkWriter, tunnel: TunnelMessage): void {
  const data = writer.beginNested(IFLA_INFO.DATA);
  writer.attributeIp6(IFLA_IPTUN.LOCAL, tunnel.local);
  writer.attributeIp6(IFLA_IPTUN.REMOTE, tunnel.remote);
  writer.attributeU8(IFLA_IPTUN.TTL, tunnel.hopLimit);
  writer.attributeU8(IFLA_IPTUN.ENCAP_LIMIT, tunnel.encapLimit);
  writer.attributeU32(IFLA_IPTUN.FLAGS, tunnel.flags);
  writer.attributeU8(IFLA_IPTUN.PROTO, tunnel.protocol);
  writer.endNested(data);
}

/** A dump of all devices. */
export function encodeLinkDump(writer: NetlinkWriter, flags: number, sequence: number): void {
  encodeLink(writer, RTM.GETLINK, flags, sequence, { family: 0, index: 0, flags: 0, change: 0 });
}

export function decodeLink(payload: Uint8Array): LinkMessage {
  const reader = new NetlinkReader(payload, 16);
  const link: { -readonly [K in keyof LinkMessage]: LinkMessage[K] } = {
    family: reader.headerU8(0),
    index: reader.headerI32(4),
    flags: reader.headerU32(8),
    change: reader.headerU32(12),
  };
  while (reader.next()) {
    if (reader.type === IFLA.IFNAME) link.name = reader.text();
    else if (reader.type === IFLA.MTU) link.mtu = reader.u32();
    else if (reader.type === IFLA.MASTER) link.master = reader.u32();
    else if (reader.type === IFLA.OPERSTATE) link.operState = reader.u8();
    else if (reader.type === IFLA.CARRIER) link.carrier = reader.u8() !== 0;
    else if (reader.type === IFLA.GROUP) link.group = reader.u32();
    else if (reader.type === IFLA.LINKINFO) Object.assign(link, decodeInfo(reader.nested()));
    else if (reader.type === IFLA.STATS64) {
      const statistics = decodeStatistics(reader.payload());
      if (statistics !== undefined) link.statistics = statistics;
    }
  }
  return link;
}

function decodeInfo(reader: NetlinkReader): Pick<LinkMessage, "kind" | "tunnel"> {
  let kind: string | undefined;
  let data: NetlinkReader | undefined;
  while (reader.next()) {
    if (reader.type === IFLA_INFO.KIND) kind = reader.text();
    else if (reader.type === IFLA_INFO.DATA) data = reader.nested();
  }
  if (kind === undefined) return {};
  return kind === IP6TNL && data !== undefined ? { kind, tunnel: decodeTunnel(data) } : { kind };
}

/** The kind whose data is looked at. */
export const IP6TNL = "ip6tnl";

function decodeTunnel(reader: NetlinkReader): TunnelMessage {
  const tunnel = { local: "::", remote: "::", hopLimit: 0, encapLimit: 0, flags: 0, protocol: 0 };
  while (reader.next()) {
    if (reader.type === IFLA_IPTUN.LOCAL) tunnel.local = reader.address();
    else if (reader.type === IFLA_IPTUN.REMOTE) tunnel.remote = reader.address();
    else if (reader.type === IFLA_IPTUN.TTL) tunnel.hopLimit = reader.u8();
    else if (reader.type === IFLA_IPTUN.ENCAP_LIMIT) tunnel.encapLimit = reader.u8();
    else if (reader.type === IFLA_IPTUN.FLAGS) tunnel.flags = reader.u32();
    else if (reader.type === IFLA_IPTUN.PROTO) tunnel.protocol = reader.u8();
  }
  return tunnel;
}

/** Fields of 64 bit in the machine's order: packets and octets, then errors and drops. A kernel may add more behind them. */
function decodeStatistics(bytes: Uint8Array): LinkStatistics | undefined {
  if (bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const field = (index: number): number => Number(view.getBigUint64(index * 8, true));
  return {
    rxPackets: field(0),
    txPackets: field(1),
    rxOctets: field(2),
    txOctets: field(3),
    rxErrors: field(4),
    txErrors: field(5),
    rxDropped: field(6),
    txDropped: field(7),
  };
}
