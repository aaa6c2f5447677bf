import { canonicalAddress, formatAddress } from "../net/address.ts";
import { addressAt, canonicalPrefix, parsePrefix } from "../net/prefix.ts";
import type { LanFile } from "./lan-schema.ts";
import type { FabricLan } from "./model.ts";
import type { FabricServices } from "./services-model.ts";

/** LANs of one node with what `auto` stands for. Only for a file without faults. */
export function resolveLans(
  lans: readonly LanFile[],
  services: FabricServices | undefined,
): readonly FabricLan[] {
  return lans.map(({ interface: device, prefix: text, mtu, dns = "auto", pref64 = "auto", preference }) => {
    const prefix = parsePrefix(text);
    const ours = services?.nat64?.prefix ?? services?.resolver?.dns64?.prefix;
    const told =
      pref64 === "none" ? undefined : pref64 === "auto" ? ours : (canonicalPrefix(pref64) ?? pref64);
    return {
      interface: device,
      prefix: canonicalPrefix(text) ?? text,
      address: prefix === undefined ? text : formatAddress(addressAt(prefix, 1)),
      ...(mtu === undefined ? {} : { mtu }),
      resolvers:
        dns === "none"
          ? []
          : dns === "auto"
            ? (services?.resolver?.anycast ?? [])
            : dns.map((one) => canonicalAddress(one) ?? one),
      ...(told === undefined ? {} : { pref64: told }),
      preference: preference ?? "medium",
    };
  });
}
