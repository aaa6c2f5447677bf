import type { Prefix } from "@vsix/shared/net/prefix.ts";
import { prefixOf } from "@vsix/shared/net/prefix.ts";

/** The PREF64 option of router advertisements, RFC 8781 section 4. */

/** Neighbour discovery option type. */
export const PREF64_OPTION = 38;
/** In units of 8 octets. */
const LENGTH = 2;
/** Prefix length codes. */
const CODES: readonly number[] = [96, 64, 56, 48, 40, 32];
/** 13 bits, in units of 8 s. */
const MAX_SCALED = 0x1fff;
const UNIT_S = 8;
/** Octets of the prefix that travel: bits 96 and up of a Pref64 are the IPv4 address. */
const PREFIX_OCTETS = 12;

export interface Pref64Option {
  readonly prefix: Prefix;
  /** Seconds; told in units of 8, at most 65,528. 0: no longer to be used. */
  readonly lifetimeS: number;
}

/** The option's 16 octets; undefined for a prefix of a length that RFC 6052 does not know. */
export function encodePref64Option({ prefix, lifetimeS }: Pref64Option): Uint8Array | undefined {
  const code = CODES.indexOf(prefix.length);
  if (code < 0) return undefined;
  // A lifetime that is not 0 must not become it.
  const scaled = Math.min(MAX_SCALED, Math.max(0, Math.ceil(lifetimeS / UNIT_S)));
  const bytes = new Uint8Array(LENGTH * 8);
  bytes[0] = PREF64_OPTION;
  bytes[1] = LENGTH;
  bytes[2] = scaled >> 5;
  bytes[3] = ((scaled & 0x1f) << 3) | code;
  bytes.set(prefix.address.subarray(0, PREFIX_OCTETS), 4);
  return bytes;
}

/** Undefined for what is no such option, or has a code that means nothing (to be ignored, section 4). */
export function decodePref64Option(bytes: Uint8Array): Pref64Option | undefined {
  const [type, length, high = 0, low = 0] = bytes;
  const bits = CODES[low & 7];
  if (type !== PREF64_OPTION || length !== LENGTH || bytes.length < LENGTH * 8 || bits === undefined)
    return undefined;
  const address = new Uint8Array(16);
  address.set(bytes.subarray(4, 4 + PREFIX_OCTETS));
  return { prefix: prefixOf(address, bits), lifetimeS: ((high << 5) | (low >> 3)) * UNIT_S };
}
