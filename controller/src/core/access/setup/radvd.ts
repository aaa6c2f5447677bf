import { lanSubnet } from "./lan-subnet.ts";
import { lines, type SetupFile, type TunnelPlace, type TunnelSettings } from "./setup-file.ts";

/** radvd.conf(5) for the network behind a tunnel: prefix, resolvers, and an MTU with which everything fits into it. */
export function radvdConf(settings: TunnelSettings, { lan }: TunnelPlace, title: string): SetupFile {
  const { mtu, resolvers } = settings;
  return {
    path: "/etc/radvd.conf",
    mode: "0644",
    text: lines(
      `${title}. Forwarding has to be on: sysctl net.ipv6.conf.all.forwarding=1`,
      `interface ${lan} {`,
      "  AdvSendAdvert on;",
      `  AdvLinkMTU ${mtu};`,
      `  prefix ${lanSubnet(settings).prefix} {`,
      "    AdvPreferredLifetime 2700;",
      "    AdvValidLifetime 5400;",
      "  };",
      resolvers.length === 0 ? undefined : `  RDNSS ${resolvers.slice(0, 3).join(" ")} {};`,
      "};",
    ),
  };
}
