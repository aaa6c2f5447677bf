import { IFLA, RTM } from "./constants.ts";
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
  readonly statistics?: LinkStatistics;
}

/** Since the device was made; of struct rtnl_link_stats64 (linux/if_link.h) what tells of load and trouble. Packets, octets. */
export interface LinkStatistics {
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
  writer.end();
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
    else if (reader.type === IFLA.STATS64) {
      const statistics = decodeStatistics(reader.payload());
      if (statistics !== undefined) link.statistics = statistics;
    }
  }
  return link;
}

/** Fields of 64 bit in the machine's order: packets and octets, then errors and drops. A kernel may add more behind them. */
function decodeStatistics(bytes: Uint8Array): LinkStatistics | undefined {
  if (bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const field = (index: number): number => Number(view.getBigUint64(index * 8, true));
  return {
    rxOctets: field(2),
    txOctets: field(3),
    rxErrors: field(4),
    txErrors: field(5),
    rxDropped: field(6),
    txDropped: field(7),
  };
}
