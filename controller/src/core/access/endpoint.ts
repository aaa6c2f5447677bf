import { parseAddress } from "@vsix/shared/net/address.ts";
import { containsAddress, formatPrefix, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";

/** Addresses that are nobody's router: RFC 4291, RFC 6052, RFC 3879, RFC 6666. */
const NEVER: readonly (readonly [string, string])[] = [
  ["::/128", "the unspecified address"],
  ["::1/128", "a loopback address"],
  ["::ffff:0:0/96", "an IPv4 address: a tunnel wants an IPv6 one"],
  ["::/96", "an IPv4 address: a tunnel wants an IPv6 one"],
  ["64:ff9b::/96", "an IPv4 address behind a translator"],
  ["64:ff9b:1::/48", "an IPv4 address behind a translator"],
  ["100::/64", "a discard-only address"],
  ["fe80::/10", "a link-local address"],
  ["fec0::/10", "a site-local address"],
  ["ff00::/8", "a multicast address"],
];

/**
 * Why a tunnel cannot end there; undefined when it can. `own`: what we give to users; an endpoint in there would put the
 * tunnel into itself.
 */
export function endpointFault(text: string, own: readonly Prefix[]): string | undefined {
  const address = parseAddress(text);
  if (address === undefined) return `${text.slice(0, 64)} is no IPv6 address`;
  for (const [prefix, what] of NEVER) {
    const parsed = parsePrefix(prefix);
    if (parsed !== undefined && containsAddress(parsed, address)) return `${text} is ${what}`;
  }
  const inside = own.find((prefix) => containsAddress(prefix, address));
  if (inside === undefined) return undefined;
  return `${text} lies in ${formatPrefix(inside)}, which is given to users: the tunnel would run through itself`;
}
