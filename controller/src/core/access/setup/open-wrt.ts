import type { WgQuickWish } from "../wg-quick.ts";
import { lanSubnet } from "./lan-subnet.ts";
import { headline, lines, type SetupFile, type TunnelPlace, type TunnelSettings } from "./setup-file.ts";

const SCRIPT = "vsix.sh";
const HOTPLUG = "/etc/hotplug.d/iface/90-vsix";

/** A script of uci commands for a VPN device (package `wireguard-tools`); netifd keeps the far end out of the tunnel by itself. */
export function openWrtVpn(wish: WgQuickWish & { readonly privateKey: string }): readonly SetupFile[] {
  const { application, endpoint, port, publicKey, presharedKey, privateKey, addresses, mtu, resolvers } =
    wish;
  return [
    {
      path: SCRIPT,
      mode: "0600",
      text: lines(
        "#!/bin/sh",
        `# ${headline("remote access VPN", application)}. sh ${SCRIPT}; rm ${SCRIPT}`,
        "uci batch <<'END'",
        "set network.vsix=interface",
        "set network.vsix.proto='wireguard'",
        `set network.vsix.private_key='${privateKey}'`,
        `set network.vsix.mtu='${mtu}'`,
        ...addresses.map((address) => `add_list network.vsix.addresses='${address}'`),
        ...resolvers.map((address) => `add_list network.vsix.dns='${address}'`),
        "set network.vsix_peer=wireguard_vsix",
        `set network.vsix_peer.public_key='${publicKey}'`,
        `set network.vsix_peer.preshared_key='${presharedKey}'`,
        `set network.vsix_peer.endpoint_host='${endpoint}'`,
        `set network.vsix_peer.endpoint_port='${port}'`,
        "add_list network.vsix_peer.allowed_ips='::/0'",
        "set network.vsix_peer.route_allowed_ips='1'",
        wish.keepaliveS === undefined
          ? undefined
          : `set network.vsix_peer.persistent_keepalive='${wish.keepaliveS}'`,
        "commit network",
        "END",
        "service network reload",
      ),
    },
  ];
}

/**
 * The same for a tunnel (packages `ip-full` and `kmod-ip6-tunnel`). netifd has no protocol for IPv6 within IPv6, so a script makes
 * the device when the way to the provider is up.
 */
export function openWrtTunnel(settings: TunnelSettings, { lan }: TunnelPlace): readonly SetupFile[] {
  const { application, local, remote, mtu, hopLimit, delegation, prefixes, resolvers } = settings;
  const title = `# ${headline("tunnel", application)}`;
  const subnet = lanSubnet(settings);
  return [
    {
      path: HOTPLUG,
      mode: "0755",
      text: lines(
        "#!/bin/sh",
        title,
        '[ "$ACTION" = ifup ] && [ "$INTERFACE" = wan6 ] || exit 0',
        "ip -6 tunnel del vsix 2>/dev/null",
        `ip -6 tunnel add vsix mode ip6ip6 local ${local} remote ${remote} ttl ${hopLimit} encaplimit none`,
        `ip link set vsix mtu ${mtu} up`,
      ),
    },
    {
      path: SCRIPT,
      mode: "0644",
      text: lines(
        "#!/bin/sh",
        `${title}. Hosts will be in ${subnet.prefix}.`,
        "uci batch <<'END'",
        "set network.vsix=interface",
        "set network.vsix.device='vsix'",
        ...(delegation
          ? [
              "set network.vsix.proto='dhcpv6'",
              "set network.vsix.reqaddress='none'",
              `set network.vsix.reqprefix='${subnet.delegatedLength}'`,
              "set network.vsix.defaultroute='0'",
              "set network.vsix.peerdns='0'",
            ]
          : [
              "set network.vsix.proto='static'",
              ...prefixes.map((prefix) => `add_list network.vsix.ip6prefix='${prefix}'`),
            ]),
        ...prefixes.flatMap((prefix, i) => [
          `set network.vsix_out${i}=route6`,
          `set network.vsix_out${i}.interface='vsix'`,
          `set network.vsix_out${i}.target='::/0'`,
          `set network.vsix_out${i}.source='${prefix}'`,
        ]),
        `set network.${lan}.ip6assign='64'`,
        delegation ? undefined : `set network.${lan}.ip6hint='0'`,
        `add_list network.${lan}.ip6class='vsix'`,
        "commit network",
        `set dhcp.${lan}.ra='server'`,
        `set dhcp.${lan}.ra_mtu='${mtu}'`,
        ...resolvers.map((address) => `add_list dhcp.${lan}.dns='${address}'`),
        "commit dhcp",
        "add_list firewall.@zone[1].network='vsix'",
        "commit firewall",
        "END",
        "service network reload",
        "service firewall reload",
      ),
    },
  ];
}
