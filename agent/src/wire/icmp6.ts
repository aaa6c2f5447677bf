import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { readU16, readU32, writeU16 } from "./checksum.ts";
import { decodeQuotation, type QuotedPacket } from "./quoted.ts";

/** ICMPv6 messages, RFC 4443. */
export const ICMP6_TYPE = {
  UNREACHABLE: 1,
  PACKET_TOO_BIG: 2,
  TIME_EXCEEDED: 3,
  ECHO_REQUEST: 128,
  ECHO_REPLY: 129,
} as const;

/** Bytes that are no ICMPv6 message. The only thing the decoder throws. */
export class Icmp6DecodeError extends VsixError<"icmp6-decode"> {
  constructor(message: string) {
    super("icmp6-decode", message);
    this.name = "Icmp6DecodeError";
  }
}

export type Icmp6Message =
  | {
      readonly type: "echo-request" | "echo-reply";
      readonly id: number;
      readonly sequence: number;
      /** Not a copy. */
      readonly payload: Uint8Array;
    }
  | {
      readonly type: "unreachable" | "time-exceeded" | "packet-too-big";
      readonly code: number;
      /** Octets, of packet-too-big only. */
      readonly mtu?: number;
      /** Undefined when too little is quoted. */
      readonly quoted?: QuotedPacket;
    }
  | { readonly type: "other"; readonly typeNumber: number; readonly code: number };

/** Octets of an echo before its payload. */
export const ECHO_HEADER = 8;

/** An echo request; its checksum is left 0 for the kernel, which knows the source address. RFC 4443 section 4.1. */
export function encodeEchoRequest(id: number, sequence: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(ECHO_HEADER + payload.length);
  bytes[0] = ICMP6_TYPE.ECHO_REQUEST;
  writeU16(bytes, 4, id);
  writeU16(bytes, 6, sequence);
  bytes.set(payload, ECHO_HEADER);
  return bytes;
}

/** Decodes a message from its type octet on. @throws Icmp6DecodeError */
export function decodeIcmp6(bytes: Uint8Array): Icmp6Message {
  if (bytes.length < 8)
    throw new Icmp6DecodeError(`ICMPv6 message of ${bytes.length} octets, at least 8 needed`);
  const type = bytes[0] ?? 0;
  const code = bytes[1] ?? 0;
  switch (type) {
    case ICMP6_TYPE.ECHO_REQUEST:
    case ICMP6_TYPE.ECHO_REPLY:
      return {
        type: type === ICMP6_TYPE.ECHO_REPLY ? "echo-reply" : "echo-request",
        id: readU16(bytes, 4),
        sequence: readU16(bytes, 6),
        payload: bytes.subarray(ECHO_HEADER),
      };
    case ICMP6_TYPE.UNREACHABLE:
      return { type: "unreachable", code, ...quotation(bytes, bytes[4] ?? 0) };
    case ICMP6_TYPE.TIME_EXCEEDED:
      return { type: "time-exceeded", code, ...quotation(bytes, bytes[4] ?? 0) };
    case ICMP6_TYPE.PACKET_TOO_BIG:
      return {
        type: "packet-too-big",
        code,
        mtu: readU32(bytes, 4),
        ...quotation(bytes, 0),
      };
    default:
      return { type: "other", typeNumber: type, code };
  }
}

/** @param lengthWords see {@link decodeQuotation}; RFC 4884 gives packet-too-big no such octet. */
function quotation(bytes: Uint8Array, lengthWords: number): { readonly quoted?: QuotedPacket } {
  const quoted = decodeQuotation(bytes, lengthWords);
  return quoted === undefined ? {} : { quoted };
}
