import { AF_INET6, IFA, RTM } from "./constants.ts";
import { NetlinkDecodeError } from "./errors.ts";
import { NetlinkReader } from "./reader.ts";
import type { NetlinkWriter } from "./writer.ts";

/** An address on a device. Source: struct ifaddrmsg and IFA_*, linux/if_addr.h. */
export interface AddressMessage {
  readonly family: number;
  readonly interfaceIndex: number;
  /** The machine's own address (IFA_LOCAL where there is a peer). */
  readonly address: string;
  /** The other end of a point-to-point address. */
  readonly peer?: string;
  readonly prefixLength: number;
  /** IFA_F_*, 32 bit. */
  readonly flags: number;
  readonly scope: number;
  /** IFA_PROTO: who made it. */
  readonly protocol?: number;
}

/** `type` is RTM_NEWADDR or RTM_DELADDR. IPv6 only. */
export function encodeAddress(
  writer: NetlinkWriter,
  type: number,
  flags: number,
  sequence: number,
  address: AddressMessage,
): void {
  writer.begin(type, flags, sequence);
  writer.u8(address.family);
  writer.u8(address.prefixLength);
  writer.u8(address.flags & 0xff);
  writer.u8(address.scope);
  writer.u32(address.interfaceIndex);
  writer.attributeIp6(IFA.LOCAL, address.address);
  writer.attributeIp6(IFA.ADDRESS, address.peer ?? address.address);
  writer.attributeU32(IFA.FLAGS, address.flags);
  if (address.protocol !== undefined) writer.attributeU8(IFA.PROTO, address.protocol);
  writer.end();
}

/** A dump of all IPv6 addresses. */
export function encodeAddressDump(writer: NetlinkWriter, flags: number, sequence: number): void {
  writer.begin(RTM.GETADDR, flags, sequence);
  writer.u32(AF_INET6);
  writer.u32(0);
  writer.end();
}

export function decodeAddress(payload: Uint8Array): AddressMessage {
  const reader = new NetlinkReader(payload, 8);
  let local: string | undefined;
  let address: string | undefined;
  let flags = reader.headerU8(2);
  let protocol: number | undefined;
  while (reader.next()) {
    if (reader.type === IFA.LOCAL) local = reader.address();
    else if (reader.type === IFA.ADDRESS) address = reader.address();
    else if (reader.type === IFA.FLAGS) flags = reader.u32();
    else if (reader.type === IFA.PROTO) protocol = reader.u8();
  }
  const own = local ?? address;
  if (own === undefined) throw new NetlinkDecodeError("address message without an address", 8);
  return {
    family: reader.headerU8(0),
    interfaceIndex: reader.headerU32(4),
    address: own,
    ...(address === undefined || address === own ? {} : { peer: address }),
    prefixLength: reader.headerU8(1),
    flags,
    scope: reader.headerU8(3),
    ...(protocol === undefined ? {} : { protocol }),
  };
}
