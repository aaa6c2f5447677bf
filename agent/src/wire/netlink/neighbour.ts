import { AF_INET6, NDA, RTM } from "./constants.ts";
import { formatAddress } from "./ip-text.ts";
import { NetlinkReader } from "./reader.ts";
import type { NetlinkWriter } from "./writer.ts";

/** An entry of the neighbour table. Source: struct ndmsg, NDA_*, NUD_*, NTF_*; linux/neighbour.h. */
export interface NeighbourMessage {
  readonly family: number;
  readonly interfaceIndex: number;
  /** NUD_* */
  readonly state: number;
  /** NTF_* */
  readonly flags: number;
  readonly address?: string;
  /** Link-layer address; empty on a device that has none. */
  readonly linkAddress?: Uint8Array;
}

/** `type` is RTM_NEWNEIGH or RTM_DELNEIGH. */
export function encodeNeighbour(
  writer: NetlinkWriter,
  type: number,
  flags: number,
  sequence: number,
  neighbour: NeighbourMessage,
): void {
  writer.begin(type, flags, sequence);
  writer.u32(neighbour.family); // then padding
  writer.u32(neighbour.interfaceIndex);
  writer.u16(neighbour.state);
  writer.u8(neighbour.flags);
  writer.u8(0); // ndm_type
  if (neighbour.address !== undefined) writer.attributeIp6(NDA.DST, neighbour.address);
  if (neighbour.linkAddress !== undefined) writer.attributeBytes(NDA.LLADDR, neighbour.linkAddress);
  writer.end();
}

/** A dump of the IPv6 neighbours of one device, or of all (0). A kernel without strict checking answers with all. */
export function encodeNeighbourDump(
  writer: NetlinkWriter,
  flags: number,
  sequence: number,
  interfaceIndex: number,
): void {
  writer.begin(RTM.GETNEIGH, flags, sequence);
  writer.u32(AF_INET6);
  writer.u32(0);
  writer.u32(0);
  if (interfaceIndex !== 0) writer.attributeU32(NDA.IFINDEX, interfaceIndex);
  writer.end();
}

export function decodeNeighbour(payload: Uint8Array): NeighbourMessage {
  const reader = new NetlinkReader(payload, 12);
  const neighbour: { -readonly [K in keyof NeighbourMessage]: NeighbourMessage[K] } = {
    family: reader.headerU8(0),
    interfaceIndex: reader.headerU32(4),
    state: reader.headerU32(8) & 0xffff,
    flags: (reader.headerU32(8) >>> 16) & 0xff,
  };
  while (reader.next()) {
    if (reader.type === NDA.DST) {
      const address = formatAddress(reader.payload());
      if (address !== undefined) neighbour.address = address;
    } else if (reader.type === NDA.LLADDR) neighbour.linkAddress = reader.payload().slice();
  }
  return neighbour;
}
