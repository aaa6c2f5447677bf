import type { Loose } from "@vsix/shared/fabric/loose.ts";
import { canonicalAddress } from "@vsix/shared/net/address.ts";
import { parseInterfaceAddress } from "@vsix/shared/net/prefix.ts";
import type { Report } from "./check.ts";
import type { Network } from "./words.ts";

const ANY_IPV4 = /^\d{1,3}(\.\d{1,3}){3}(\/\d+)?$/;

/** Devices and addresses of a VM. */
export function checkNetwork(network: Loose<Network> | undefined, report: Report): void {
  const names = new Set<string>();
  for (const [i, port] of (network?.ports ?? []).entries()) {
    if (port === undefined) continue;
    const path = ["network", "ports", i];
    if (port.name !== undefined && names.has(port.name))
      report({ path: [...path, "name"], message: `${port.name} is there twice` });
    if (port.name !== undefined) names.add(port.name);
    for (const [j, text] of (port.addresses ?? []).entries())
      if (text !== undefined && parseInterfaceAddress(text) === undefined)
        report({
          path: [...path, "addresses", j],
          message: ANY_IPV4.test(text)
            ? `${text} is IPv4; this network has IPv6 only`
            : `${JSON.stringify(text)} is no IPv6 address with its length; write it like 2001:db8::1/64`,
        });
    if (port.gateway !== undefined && canonicalAddress(port.gateway) === undefined)
      report({
        path: [...path, "gateway"],
        message: `${JSON.stringify(port.gateway)} is no IPv6 address`,
      });
    if (port.gateway !== undefined && port.automatic === true)
      report({
        path: [...path, "gateway"],
        message: "an automatic port learns its default router; leave this out",
      });
  }
  for (const [i, text] of (network?.resolvers ?? []).entries())
    if (text !== undefined && canonicalAddress(text) === undefined)
      report({ path: ["network", "resolvers", i], message: `${JSON.stringify(text)} is no IPv6 address` });
}
