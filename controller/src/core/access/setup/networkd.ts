import type { WgQuickWish } from "../wg-quick.ts";
import { hostAndPort } from "../wg-quick.ts";
import { lanSubnet } from "./lan-subnet.ts";
import {
  headline,
  lines,
  type SetupFile,
  TABLE,
  type TunnelPlace,
  type TunnelSettings,
} from "./setup-file.ts";

const FOLDER = "/etc/systemd/network";
/** Marks what WireGuard itself sends, so that it does not go through itself. */
const MARK = "0x1252";

/**
 * Files of systemd-networkd (systemd.netdev(5), systemd.network(5)) for a VPN device. Everything goes through it but its own packets,
 * as wg-quick(8) does it.
 */
export function networkdVpn(wish: WgQuickWish & { readonly privateKey: string }): readonly SetupFile[] {
  const { application, publicKey, presharedKey, privateKey, addresses, mtu, resolvers } = wish;
  const title = `# ${headline("remote access VPN", application)}`;
  return [
    {
      path: `${FOLDER}/50-vsix.netdev`,
      mode: "0640",
      text: lines(
        `${title}. Keep this file to yourself: chgrp systemd-network (networkd is no root), chmod 640.`,
        "[NetDev]",
        "Name=vsix",
        "Kind=wireguard",
        `MTUBytes=${mtu}`,
        "",
        "[WireGuard]",
        `PrivateKey=${privateKey}`,
        `FirewallMark=${MARK}`,
        `RouteTable=${TABLE}`,
        "",
        "[WireGuardPeer]",
        `PublicKey=${publicKey}`,
        `PresharedKey=${presharedKey}`,
        `Endpoint=${hostAndPort(wish)}`,
        "AllowedIPs=::/0",
        wish.keepaliveS === undefined ? undefined : `PersistentKeepalive=${wish.keepaliveS}`,
      ),
    },
    {
      path: `${FOLDER}/50-vsix.network`,
      mode: "0644",
      text: lines(
        title,
        "[Match]",
        "Name=vsix",
        "",
        "[Network]",
        ...addresses.map((address) => `Address=${address}`),
        ...resolvers.map((address) => `DNS=${address}`),
        resolvers.length === 0 ? undefined : "Domains=~.",
        "",
        "# Networks that this host is in stay where they are.",
        ...rule(TABLE - 1, "Family=ipv6", "SuppressPrefixLength=0", "Table=main"),
        "",
        "# Everything else goes through the tunnel, but for the tunnel's own packets.",
        ...rule(TABLE, "Family=ipv6", `FirewallMark=${MARK}`, "InvertRule=yes", `Table=${TABLE}`),
      ),
    },
  ];
}

/** The same for a tunnel with a network behind it: only what comes from the prefixes goes into it. */
export function networkdTunnel(settings: TunnelSettings, { lan }: TunnelPlace): readonly SetupFile[] {
  const { application, local, remote, mtu, hopLimit, delegation, prefixes, resolvers } = settings;
  const title = `# ${headline("tunnel", application)}`;
  const subnet = lanSubnet(settings);
  return [
    {
      path: `${FOLDER}/50-vsix.netdev`,
      mode: "0644",
      text: lines(
        title,
        "[NetDev]",
        "Name=vsix",
        "Kind=ip6tnl",
        `MTUBytes=${mtu}`,
        "",
        "[Tunnel]",
        "Mode=ip6ip6",
        `Local=${local}`,
        `Remote=${remote}`,
        `TTL=${hopLimit}`,
        "EncapsulationLimit=none",
        "Independent=yes",
      ),
    },
    {
      path: `${FOLDER}/50-vsix.network`,
      mode: "0644",
      text: lines(
        title,
        "[Match]",
        "Name=vsix",
        "",
        "[Network]",
        "LinkLocalAddressing=ipv6",
        "IPv6AcceptRA=no",
        "IPForward=ipv6",
        ...(delegation
          ? [
              "DHCP=ipv6",
              "",
              "# The prefix is asked for within the tunnel (RFC 8415); nobody there sends router advertisements.",
              "[DHCPv6]",
              "WithoutRA=solicit",
              "UseAddress=no",
              "UseDNS=no",
              `PrefixDelegationHint=::/${subnet.delegatedLength}`,
            ]
          : []),
        "",
        "[Route]",
        "Destination=::/0",
        `Table=${TABLE}`,
        "",
        ...rule(TABLE - 1, "Family=ipv6", "SuppressPrefixLength=0", "Table=main"),
        ...prefixes.flatMap((prefix) => ["", ...rule(TABLE, `From=${prefix}`, `Table=${TABLE}`)]),
      ),
    },
    {
      path: `${FOLDER}/60-vsix-lan.network`,
      mode: "0644",
      text: lines(
        `${title}. Is there a file for ${lan} already? Then put what is below [Match] into it.`,
        "[Match]",
        `Name=${lan}`,
        "",
        "[Network]",
        "IPv6SendRA=yes",
        "IPForward=ipv6",
        "IPv6AcceptRA=no",
        ...(delegation
          ? [
              "DHCPPrefixDelegation=yes",
              "",
              "[DHCPPrefixDelegation]",
              "UplinkInterface=vsix",
              "SubnetId=0",
              "Announce=yes",
            ]
          : [`Address=${subnet.address}`, "", "[IPv6Prefix]", `Prefix=${subnet.prefix}`]),
        "",
        "[IPv6SendRA]",
        "UplinkInterface=:none",
        resolvers.length === 0 ? "EmitDNS=no" : `DNS=${resolvers.join(" ")}`,
      ),
    },
  ];
}

function rule(priority: number, ...rest: readonly string[]): readonly string[] {
  return ["[RoutingPolicyRule]", `Priority=${priority}`, ...rest];
}
