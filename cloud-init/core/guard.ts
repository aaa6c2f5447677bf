import { LAN } from "./names.ts";

/** Device names of the agent's tunnels begin so (agent/src/core/ownership.ts). */
const TUNNELS = "vxt-*";

/**
 * Rules of nft(8) in a table of our own, whole and at once; other tables stay. What the LAN begins comes back; strangers begin nothing but what
 * RFC 6092 section 3 lets in: errors (REC-18), echo, IPsec (REC-21 to 24). To the router itself nothing comes from outside but what it needs for its uplinks,
 * tunnels (protocol 41) included.
 * @param devices of WireGuard
 */
export function guardText(devices: readonly { readonly name: string }[]): string {
  const outside = [TUNNELS, ...devices.map(({ name }) => name)]
    .map((name) => `    iifname "${name}" counter drop`)
    .join("\n");
  return `table inet vsix_guard
delete table inet vsix_guard
table inet vsix_guard {
  chain forward {
    type filter hook forward priority filter + 10; policy accept;
    oifname != "${LAN}" accept
    iifname "${LAN}" accept
    ct state established,related accept
    ct state invalid counter drop
    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request } accept
    meta l4proto { esp, ah } accept
    udp dport { 500, 4500 } accept
    counter drop
  }
  chain input {
    type filter hook input priority filter + 10; policy accept;
    iifname { "lo", "${LAN}" } accept
    ct state established,related accept
    icmpv6 type { destination-unreachable, packet-too-big, time-exceeded, parameter-problem, echo-request, echo-reply, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
${outside}
    meta l4proto { ipv6, esp } accept
    udp dport 546 accept
    udp sport 67 udp dport 68 accept
    counter drop
  }
}`;
}
