import { SLOT_CONTROL_OFFSET } from "../../native/load.ts";
import { parseIp6 } from "../wire/netlink/ip-text.ts";

/** Control messages of an IPv6 socket, RFC 3542 section 20.1; struct cmsghdr of 64-bit Linux. */

const LE = true;
const CMSG_HEADER = 16;
const IPPROTO_IPV6 = 41;
const IPV6_PKTINFO = 50;
const IPV6_HOPLIMIT = 52;
const SOL_SOCKET = 1;
const SCM_TIMESTAMPNS = 35;

/** What is asked for one packet. */
export interface SendControl {
  readonly source: string | undefined;
  readonly hopLimit: number | undefined;
  /** 0: any. */
  readonly interfaceIndex: number;
}

/** Undefined when the source is no address. */
export function encodeControl({ source, hopLimit, interfaceIndex }: SendControl): Uint8Array | undefined {
  const hopLimitSize = hopLimit === undefined ? 0 : CMSG_HEADER + 8;
  const infoSize = source === undefined && interfaceIndex === 0 ? 0 : CMSG_HEADER + 24;
  const bytes = new Uint8Array(hopLimitSize + infoSize);
  const view = new DataView(bytes.buffer);
  const head = (at: number, length: number, type: number): void => {
    view.setBigUint64(at, BigInt(CMSG_HEADER + length), LE);
    view.setInt32(at + 8, IPPROTO_IPV6, LE);
    view.setInt32(at + 12, type, LE);
  };
  if (hopLimit !== undefined) {
    head(0, 4, IPV6_HOPLIMIT);
    view.setInt32(CMSG_HEADER, hopLimit, LE);
  }
  if (infoSize > 0) {
    head(hopLimitSize, 20, IPV6_PKTINFO); // struct in6_pktinfo
    const at = hopLimitSize + CMSG_HEADER;
    if (source !== undefined && !parseIp6(source, 0, source.length, bytes, at)) return undefined;
    view.setInt32(at + 16, interfaceIndex, LE);
  }
  return bytes;
}

export interface ReceivedControl {
  readonly hopLimit: number;
  readonly interfaceIndex: number;
  readonly timestampNs: bigint;
}

/** Reads the control messages of the receive slot that begins at `slot`. */
export function readControl(buffer: Uint8Array, slot: number, length: number): ReceivedControl {
  const view = new DataView(buffer.buffer, buffer.byteOffset + slot + SLOT_CONTROL_OFFSET, length);
  let hopLimit = 0;
  let interfaceIndex = 0;
  let timestampNs = 0n;
  for (let at = 0; at + CMSG_HEADER <= length; ) {
    const size = view.getUint32(at, LE);
    if (size < CMSG_HEADER || at + size > length) break;
    const level = view.getInt32(at + 8, LE);
    const type = view.getInt32(at + 12, LE);
    const data = at + CMSG_HEADER;
    const octets = size - CMSG_HEADER;
    if (level === IPPROTO_IPV6 && type === IPV6_HOPLIMIT && octets >= 4) hopLimit = view.getInt32(data, LE);
    else if (level === IPPROTO_IPV6 && type === IPV6_PKTINFO && octets >= 20)
      interfaceIndex = view.getInt32(data + 16, LE);
    else if (level === SOL_SOCKET && type === SCM_TIMESTAMPNS && octets >= 16)
      timestampNs = view.getBigInt64(data, LE) * 1_000_000_000n + view.getBigInt64(data + 8, LE);
    at += (size + 7) & ~7;
  }
  return { hopLimit, interfaceIndex, timestampNs };
}
