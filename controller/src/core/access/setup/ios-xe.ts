import { lanSubnet } from "./lan-subnet.ts";
import {
  HEADERS,
  headline,
  lines,
  type SetupFile,
  type TunnelPlace,
  type TunnelSettings,
} from "./setup-file.ts";

/** Configuration of Cisco IOS XE for a tunnel; it has no WireGuard. Policy routing leads into it what comes from the prefixes. */
export function iosXeTunnel(settings: TunnelSettings, { lan }: TunnelPlace): readonly SetupFile[] {
  const { application, local, remote, mtu, hopLimit, delegation, prefixes, resolvers } = settings;
  const subnet = lanSubnet(settings);
  return [
    {
      path: "vsix.cfg",
      mode: "0644",
      text: lines(
        `! ${headline("tunnel", application)}`,
        "ipv6 unicast-routing",
        "!",
        "interface Tunnel4690",
        ` description ${headline("tunnel", application)}`,
        " ipv6 enable",
        ` ipv6 mtu ${mtu}`,
        ` ipv6 tcp adjust-mss ${mtu - HEADERS}`,
        ...(delegation
          ? [` ipv6 dhcp client pd hint ::/${subnet.delegatedLength}`, " ipv6 dhcp client pd VSIX"]
          : []),
        ` tunnel source ${local}`,
        ` tunnel destination ${remote}`,
        " tunnel mode ipv6",
        ` tunnel ttl ${hopLimit}`,
        "!",
        "ipv6 access-list VSIX-OUT",
        ...prefixes.flatMap((from) => prefixes.map((to) => ` deny ipv6 ${from} ${to}`)),
        ...prefixes.map((prefix) => ` permit ipv6 ${prefix} any`),
        "!",
        "route-map VSIX permit 10",
        " match ipv6 address VSIX-OUT",
        " set interface Tunnel4690",
        "!",
        `interface ${lan}`,
        delegation ? " ipv6 address VSIX ::1/64" : ` ipv6 address ${subnet.address}`,
        ...resolvers.map((address) => ` ipv6 nd ra dns server ${address}`),
        ` ipv6 tcp adjust-mss ${mtu - HEADERS}`,
        " ipv6 policy route-map VSIX",
        "!",
      ),
    },
  ];
}
