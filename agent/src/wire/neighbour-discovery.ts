import { formatIp6, parseIp6 } from "./netlink/ip-text.ts";

/** Neighbour solicitations and advertisements, RFC 4861 sections 4.3 and 4.4. */

export const NEIGHBOUR_SOLICITATION = 135;
export const NEIGHBOUR_ADVERTISEMENT = 136;
const SOURCE_LINK_ADDRESS = 1;
const LENGTH = 24;

/** Without a checksum, which is the kernel's. Undefined where the target is no address. */
export function encodeNeighbourSolicitation(
  target: string,
  linkAddress: Uint8Array | undefined,
): Uint8Array | undefined {
  const bytes = new Uint8Array(LENGTH + (linkAddress?.length === 6 ? 8 : 0));
  bytes[0] = NEIGHBOUR_SOLICITATION;
  if (!parseIp6(target, 0, target.length, bytes, 8)) return undefined;
  if (linkAddress?.length === 6) {
    bytes[LENGTH] = SOURCE_LINK_ADDRESS;
    bytes[LENGTH + 1] = 1;
    bytes.set(linkAddress, LENGTH + 2);
  }
  return bytes;
}

/** Whom a neighbour advertisement is about; undefined where it is none. */
export function neighbourOf(bytes: Uint8Array): string | undefined {
  return bytes[0] === NEIGHBOUR_ADVERTISEMENT && bytes[1] === 0 && bytes.length >= LENGTH
    ? formatIp6(bytes, 8)
    : undefined;
}

/** ff02::1:ffXX:XXXX, RFC 4291 section 2.7.1. Undefined where it is no address. */
export function solicitedNodeOf(address: string): string | undefined {
  const bytes = new Uint8Array(16);
  if (!parseIp6(address, 0, address.length, bytes, 0)) return undefined;
  bytes.set([0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff]);
  return formatIp6(bytes, 0);
}
