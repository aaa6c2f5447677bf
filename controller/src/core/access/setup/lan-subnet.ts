import { formatAddress } from "@vsix/shared/net/address.ts";
import { addressAt, formatPrefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import type { TunnelSettings } from "./setup-file.ts";

/** What the first network behind a tunnel has. */
export interface LanSubnet {
  readonly prefix: string;
  /** The router's, with its length. */
  readonly address: string;
  /** Of the prefix that it is taken from. */
  readonly delegatedLength: number;
}

/** A /64 for hosts to make addresses in, or all there is where that is less. Throws RangeError without any prefix. */
export function lanSubnet({ application, prefixes }: TunnelSettings): LanSubnet {
  const whole = parsePrefix(prefixes[0] ?? "");
  if (whole === undefined) throw new RangeError(`application ${application} has no prefix for a network`);
  const subnet = { ...whole, length: Math.max(64, whole.length) };
  return {
    prefix: formatPrefix(subnet),
    address: `${formatAddress(addressAt(subnet, 1))}/${subnet.length}`,
    delegatedLength: whole.length,
  };
}
