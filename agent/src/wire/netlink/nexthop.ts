import { AF_INET6, NHA, RTM } from "./constants.ts";
import { decodeEncap, type Encap, encodeEncap } from "./encap.ts";
import { NetlinkDecodeError } from "./errors.ts";
import { NetlinkReader } from "./reader.ts";
import type { NetlinkWriter } from "./writer.ts";

/** A nexthop object. Source: struct nhmsg and NHA_*, linux/nexthop.h. */
export interface NexthopMessage {
  readonly id: number;
  /** AF_INET6, or an encapsulation would make it IPv4; AF_UNSPEC for groups. */
  readonly family: number;
  /** nh_protocol: who made it. */
  readonly protocol: number;
  readonly scope: number;
  /** RTNH_F_* */
  readonly flags: number;
  readonly blackhole?: boolean;
  readonly gateway?: string;
  readonly interfaceIndex?: number;
  readonly encap?: Encap;
  /** Weights 1 to 256. */
  readonly group?: readonly { readonly id: number; readonly weight: number }[];
}

/** `type` is RTM_NEWNEXTHOP or RTM_DELNEXTHOP. IPv6 only. */
export function encodeNexthop(
  writer: NetlinkWriter,
  type: number,
  flags: number,
  sequence: number,
  nexthop: NexthopMessage,
): void {
  writer.begin(type, flags, sequence);
  writer.u8(nexthop.family);
  writer.u8(nexthop.scope);
  writer.u8(nexthop.protocol);
  writer.u8(0);
  writer.u32(nexthop.flags);
  writer.attributeU32(NHA.ID, nexthop.id);
  if (nexthop.group !== undefined) encodeGroup(writer, nexthop.group);
  if (nexthop.blackhole === true) writer.flag(NHA.BLACKHOLE);
  if (nexthop.interfaceIndex !== undefined) writer.attributeU32(NHA.OIF, nexthop.interfaceIndex);
  if (nexthop.gateway !== undefined) writer.attributeIp6(NHA.GATEWAY, nexthop.gateway);
  if (nexthop.encap !== undefined) encodeEncap(writer, NHA.ENCAP_TYPE, NHA.ENCAP, nexthop.encap);
  writer.end();
}

/** Deletes by id; only the header and the id may be there. */
export function encodeNexthopDelete(
  writer: NetlinkWriter,
  flags: number,
  sequence: number,
  id: number,
): void {
  encodeNexthop(writer, RTM.DELNEXTHOP, flags, sequence, { id, family: 0, protocol: 0, scope: 0, flags: 0 });
}

/** struct nexthop_grp: id, weight - 1 (low octet, then, from Linux 6.12 on, high octet), reserved. */
function encodeGroup(writer: NetlinkWriter, group: NonNullable<NexthopMessage["group"]>): void {
  const bytes = new Uint8Array(group.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [i, { id, weight }] of group.entries()) {
    view.setUint32(i * 8, id, true);
    view.setUint8(i * 8 + 4, weight - 1);
  }
  writer.attributeBytes(NHA.GROUP, bytes);
}

/** A dump of IPv6 nexthop objects. */
export function encodeNexthopDump(writer: NetlinkWriter, flags: number, sequence: number): void {
  writer.begin(RTM.GETNEXTHOP, flags, sequence);
  writer.u32(AF_INET6);
  writer.u32(0);
  writer.end();
}

export function decodeNexthop(payload: Uint8Array): NexthopMessage {
  const reader = new NetlinkReader(payload, 8);
  let encapType: number | undefined;
  let encapData: Uint8Array | undefined;
  const nexthop: { -readonly [K in keyof NexthopMessage]: NexthopMessage[K] } = {
    id: 0,
    family: reader.headerU8(0),
    protocol: reader.headerU8(2),
    scope: reader.headerU8(1),
    flags: reader.headerU32(4),
  };
  while (reader.next()) {
    if (reader.type === NHA.ID) nexthop.id = reader.u32();
    else if (reader.type === NHA.BLACKHOLE) nexthop.blackhole = true;
    else if (reader.type === NHA.OIF) nexthop.interfaceIndex = reader.u32();
    else if (reader.type === NHA.GATEWAY) nexthop.gateway = reader.address();
    else if (reader.type === NHA.ENCAP_TYPE) encapType = reader.u16();
    else if (reader.type === NHA.ENCAP) encapData = reader.payload();
    else if (reader.type === NHA.GROUP) nexthop.group = decodeGroup(reader.payload());
  }
  if (encapType !== undefined && encapData !== undefined) nexthop.encap = decodeEncap(encapType, encapData);
  return nexthop;
}

function decodeGroup(payload: Uint8Array): { readonly id: number; readonly weight: number }[] {
  if (payload.length % 8 !== 0) throw new NetlinkDecodeError(`nexthop group of ${payload.length} octets`, 0);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  return Array.from({ length: payload.length / 8 }, (_, i) => ({
    id: view.getUint32(i * 8, true),
    weight: view.getUint8(i * 8 + 4) + 1,
  }));
}
