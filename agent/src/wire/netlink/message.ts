import { NLM_F, NLMSG, NLMSGERR_ATTR } from "./constants.ts";
import { NetlinkDecodeError } from "./errors.ts";
import { NetlinkReader } from "./reader.ts";

/** One message of a datagram: struct nlmsghdr and what follows it. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** Port of the sender; 0 is the kernel. */
  readonly port: number;
  /** Not a copy: valid as long as the datagram's buffer. */
  readonly payload: Uint8Array;
}

/** Splits a datagram. @throws NetlinkDecodeError when one of its messages does not fit. */
export function decodeMessages(bytes: Uint8Array): NetlinkMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: NetlinkMessage[] = [];
  let at = 0;
  while (at < bytes.length) {
    const left = bytes.length - at;
    if (left < 16) throw new NetlinkDecodeError("message header cut short", at);
    const length = view.getUint32(at, true);
    if (length < 16 || length > left)
      throw new NetlinkDecodeError(`message of ${length} octets, ${left} are there`, at);
    messages.push({
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      port: view.getUint32(at + 12, true),
      payload: bytes.subarray(at + 16, at + length),
    });
    at += (length + 3) & ~3;
  }
  return messages;
}

/** What the kernel says of a request: NLMSG_ERROR (0 is an acknowledgement) or NLMSG_DONE at the end of a dump. */
export interface NetlinkVerdict {
  /** Positive errno; 0 is success. */
  readonly errno: number;
  /** NLMSGERR_ATTR_MSG; a warning when errno is 0. */
  readonly message?: string;
  /** NLMSGERR_ATTR_OFFS: octet of the request that was refused. */
  readonly offset?: number;
}

/** Decodes NLMSG_ERROR and NLMSG_DONE. Source: struct nlmsgerr, linux/netlink.h. */
export function decodeVerdict(message: NetlinkMessage): NetlinkVerdict {
  const { type, flags, payload } = message;
  if (type !== NLMSG.ERROR && type !== NLMSG.DONE)
    throw new NetlinkDecodeError(`message type ${type} is no verdict`, 0);
  if (type === NLMSG.DONE && payload.length === 0) return { errno: 0 };
  let header = 4;
  if (type === NLMSG.ERROR) {
    header = 20;
    if ((flags & NLM_F.CAPPED) === 0 && payload.length >= 8) {
      const echoed = new NetlinkReader(payload, 8).headerU32(4);
      if (echoed < 16) throw new NetlinkDecodeError("echoed request shorter than its header", 4);
      header = 4 + echoed;
    }
  }
  const reader = new NetlinkReader(payload, header);
  const errno = Math.abs(reader.headerI32(0));
  let text: string | undefined;
  let offset: number | undefined;
  if ((flags & NLM_F.ACK_TLVS) !== 0) {
    while (reader.next()) {
      if (reader.type === NLMSGERR_ATTR.MSG) text = reader.text();
      else if (reader.type === NLMSGERR_ATTR.OFFS) offset = reader.u32();
    }
  }
  return {
    errno,
    ...(text === undefined ? {} : { message: text }),
    ...(offset === undefined ? {} : { offset }),
  };
}
