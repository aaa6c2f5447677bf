import { ND_TYPE } from "./router-advertisement.ts";

const HEADER = 8;
const SOURCE_OPTION = 1;
const UNSPECIFIED = "::";

/**
 * Whether a router answers these bytes, from the type octet on: RFC 4861 section 6.1.1. Hop limit and checksum have been looked at by
 * then.
 */
export function isRouterSolicitation(bytes: Uint8Array, source: string): boolean {
  if (bytes.length < HEADER || bytes[0] !== ND_TYPE.ROUTER_SOLICITATION || bytes[1] !== 0) return false;
  for (let at = HEADER; at < bytes.length; ) {
    const length = (bytes[at + 1] ?? 0) * 8;
    if (length === 0 || at + length > bytes.length) return false;
    if (bytes[at] === SOURCE_OPTION && source === UNSPECIFIED) return false;
    at += length;
  }
  return true;
}
