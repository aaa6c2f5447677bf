import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { readU16, readU32 } from "./checksum.ts";
import { formatIp6, formatPrefix6, maskIp6 } from "./netlink/ip-text.ts";

/** Router solicitations and advertisements, RFC 4861 section 4. */

export const ND_TYPE = { ROUTER_SOLICITATION: 133, ROUTER_ADVERTISEMENT: 134 } as const;

const HEADER = 16;
const OPTION = { PREFIX: 3, MTU: 5, RDNSS: 25, PREF64: 38 } as const;
/** RFC 8781 section 4: length of the prefix by its code. */
const PREF64_LENGTH = [96, 64, 56, 48, 40, 32] as const;
const MAX_OPTIONS = 64;

/** Bytes that are no router advertisement. The only thing the decoder throws. */
export class AdvertisementDecodeError extends VsixError<"ra-decode"> {
  constructor(message: string) {
    super("ra-decode", message);
    this.name = "AdvertisementDecodeError";
  }
}

export interface RouterAdvertisement {
  /** Of a default router; 0: it is none. */
  readonly lifetimeS: number;
  /** Addresses by DHCPv6. */
  readonly managed: boolean;
  /** Octets; undefined where the option is not there. */
  readonly mtu: number | undefined;
  readonly prefixes: readonly {
    readonly prefix: string;
    /** Hosts make addresses in it by themselves. */
    readonly autonomous: boolean;
    readonly preferredS: number;
  }[];
  /** RFC 8106. */
  readonly resolvers: readonly string[];
  /** RFC 8781; of lifetime 0 none. */
  readonly pref64: readonly string[];
}

/** Without a link-layer address (RFC 4861 section 4.1 makes it an option); the checksum is the kernel's. */
export function encodeRouterSolicitation(): Uint8Array {
  const bytes = new Uint8Array(8);
  bytes[0] = ND_TYPE.ROUTER_SOLICITATION;
  return bytes;
}

/** Decodes from the type octet on; options that make no sense are passed over as RFC 4861 section 6.1.2 has it. @throws AdvertisementDecodeError */
export function decodeRouterAdvertisement(bytes: Uint8Array): RouterAdvertisement {
  if (bytes.length < HEADER || bytes[0] !== ND_TYPE.ROUTER_ADVERTISEMENT || bytes[1] !== 0)
    throw new AdvertisementDecodeError("no router advertisement");
  let mtu: number | undefined;
  const prefixes: RouterAdvertisement["prefixes"][number][] = [];
  const resolvers: string[] = [];
  const pref64: string[] = [];
  let at = HEADER;
  for (let count = 0; at < bytes.length && count < MAX_OPTIONS; count++) {
    const length = (bytes[at + 1] ?? 0) * 8;
    if (length === 0 || at + length > bytes.length)
      throw new AdvertisementDecodeError("an option without a length, or cut off");
    const option = bytes.subarray(at, at + length);
    at += length;
    switch (option[0]) {
      case OPTION.PREFIX:
        if (length === 32 && (option[2] ?? 255) <= 128)
          prefixes.push({
            prefix: prefixText(option, 16, option[2] ?? 0),
            autonomous: ((option[3] ?? 0) & 0x40) !== 0,
            preferredS: readU32(option, 8),
          });
        break;
      case OPTION.MTU:
        if (length === 8) mtu = readU32(option, 4);
        break;
      case OPTION.RDNSS:
        for (let address = 8; address + 16 <= length && readU32(option, 4) !== 0; address += 16)
          resolvers.push(formatIp6(option, address));
        break;
      case OPTION.PREF64: {
        const prefixLength = PREF64_LENGTH[(option[3] ?? 0) & 7];
        if (length !== 16 || prefixLength === undefined || readU16(option, 2) >> 3 === 0) break;
        const address = new Uint8Array(16);
        address.set(option.subarray(4, 16));
        pref64.push(prefixText(address, 0, prefixLength));
        break;
      }
    }
  }
  return {
    lifetimeS: readU16(bytes, 6),
    managed: ((bytes[5] ?? 0) & 0x80) !== 0,
    mtu,
    prefixes,
    resolvers,
    pref64,
  };
}

function prefixText(bytes: Uint8Array, at: number, length: number): string {
  const address = bytes.slice(at, at + 16);
  maskIp6(address, 0, length);
  return formatPrefix6(address, 0, length);
}
