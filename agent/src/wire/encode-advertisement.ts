import type { Prefix } from "@vsix/shared/net/prefix.ts";
import { writeU16, writeU32 } from "./checksum.ts";
import { encodePref64Option } from "./pref64-option.ts";
import { ND_TYPE } from "./router-advertisement.ts";

/** What a router says, RFC 4861 section 4.2. Lifetimes are seconds. */
export interface AdvertisementMessage {
  /** Of a default router; 0: it is none. */
  readonly lifetimeS: number;
  /** RFC 4191 section 2.1. */
  readonly preference: "high" | "medium" | "low";
  /** Source's Ethernet address, six octets. */
  readonly hardware: Uint8Array | undefined;
  readonly mtu: number | undefined;
  readonly prefixes: readonly {
    readonly prefix: Prefix;
    readonly onLink: boolean;
    readonly autonomous: boolean;
    readonly preferredS: number;
    readonly validS: number;
  }[];
  /** RFC 8106; lifetime 0: no longer to be asked. */
  readonly resolvers: readonly { readonly addresses: readonly Uint8Array[]; readonly lifetimeS: number }[];
  /** RFC 8781; lifetime 0: no longer to be used. */
  readonly pref64: readonly { readonly prefix: Prefix; readonly lifetimeS: number }[];
}

const HEADER = 16;
const HOP_LIMIT = 64;
const OPTION = { SOURCE: 1, PREFIX: 3, MTU: 5, RDNSS: 25 } as const;
const FLAG = { ON_LINK: 0x80, AUTONOMOUS: 0x40 } as const;
/** RFC 4191 section 2.1: two bits, signed, in the octet of flags. */
const PREFERENCE = { high: 0x08, medium: 0, low: 0x18 } as const;
const HARDWARE = 6;

/** From the type octet on; the checksum is the kernel's. A Pref64 of a length that RFC 6052 does not know is left out. */
export function encodeRouterAdvertisement(message: AdvertisementMessage): Uint8Array {
  const { lifetimeS, preference, hardware, mtu } = message;
  const header = new Uint8Array(HEADER);
  header[0] = ND_TYPE.ROUTER_ADVERTISEMENT;
  header[4] = HOP_LIMIT;
  // RFC 4191 section 2.2: who is no default router has no preference.
  header[5] = lifetimeS === 0 ? 0 : PREFERENCE[preference];
  writeU16(header, 6, lifetimeS);
  const options = [
    header,
    ...(hardware?.length === HARDWARE ? [option(OPTION.SOURCE, 1, (bytes) => bytes.set(hardware, 2))] : []),
    ...(mtu === undefined ? [] : [option(OPTION.MTU, 1, (bytes) => writeU32(bytes, 4, mtu))]),
    ...message.prefixes.map(({ prefix, onLink, autonomous, preferredS, validS }) =>
      option(OPTION.PREFIX, 4, (bytes) => {
        bytes[2] = prefix.length;
        bytes[3] = (onLink ? FLAG.ON_LINK : 0) | (autonomous ? FLAG.AUTONOMOUS : 0);
        writeU32(bytes, 4, validS);
        writeU32(bytes, 8, preferredS);
        bytes.set(prefix.address, 16);
      }),
    ),
    ...message.resolvers.map(({ addresses, lifetimeS: resolverS }) =>
      option(OPTION.RDNSS, 1 + 2 * addresses.length, (bytes) => {
        writeU32(bytes, 4, resolverS);
        for (const [i, address] of addresses.entries()) bytes.set(address, 8 + 16 * i);
      }),
    ),
    ...message.pref64.flatMap((one) => encodePref64Option(one) ?? []),
  ];
  const bytes = new Uint8Array(options.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of options) {
    bytes.set(one, at);
    at += one.length;
  }
  return bytes;
}

/** `length` in units of 8 octets. */
function option(type: number, length: number, fill: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = new Uint8Array(8 * length);
  bytes[0] = type;
  bytes[1] = length;
  fill(bytes);
  return bytes;
}
