import { NetlinkDecodeError } from "./errors.ts";
import { beginGeneric, GENL_HEADER } from "./generic.ts";
import { NetlinkReader } from "./reader.ts";
import type { NetlinkWriter } from "./writer.ts";

/** Settings of SRv6 by generic netlink. Source: linux/seg6_genl.h, net/ipv6/seg6.c. */

export const SEG6_GENL_NAME = "SEG6";
const SEG6_GENL_VERSION = 1;
const SEG6_CMD = { SET_TUNSRC: 3, GET_TUNSRC: 4 } as const;
const SEG6_ATTR_DST = 1;

/** Asks for the source of encapsulated packets; one message answers. */
export function encodeSourceRequest(
  writer: NetlinkWriter,
  family: number,
  flags: number,
  sequence: number,
): void {
  beginGeneric(writer, family, flags, sequence, SEG6_CMD.GET_TUNSRC, SEG6_GENL_VERSION);
  writer.end();
}

/** Sets it for this network namespace; `::` leaves the choice to the kernel. */
export function encodeSource(
  writer: NetlinkWriter,
  family: number,
  flags: number,
  sequence: number,
  address: string,
): void {
  beginGeneric(writer, family, flags, sequence, SEG6_CMD.SET_TUNSRC, SEG6_GENL_VERSION);
  writer.attributeIp6(SEG6_ATTR_DST, address);
  writer.end();
}

/** The address of an answer. Throws NetlinkDecodeError. */
export function decodeSource(payload: Uint8Array): string {
  const reader = new NetlinkReader(payload, GENL_HEADER);
  while (reader.next()) if (reader.type === SEG6_ATTR_DST) return reader.address();
  throw new NetlinkDecodeError("an answer without an address", 0);
}
